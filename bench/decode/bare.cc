// The limit: the codec's own library on the encoded chunks in memory, as many threads, each chunk into its place in
// memory of the whole volume, which was touched before (so no page faults).

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <blosc.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <unistd.h>
#include <zstd.h>

#include "bench/decode/side.h"

namespace ndcast::bench {
namespace {

class BareCodec final : public Side {
 public:
  BareCodec(const SideTask& task, Bare kind)
      : task_(task), kind_(kind), out_((kind == Bare::Hot ? task.threads : task.chunks()) * kChunkBytes, std::byte{1}) {
    for (std::size_t n = 0; n < task.chunks(); ++n) {
      std::ifstream file(task.folder / "v2" / chunk_key(n), std::ios::binary);
      encoded_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    for (std::size_t i = 0; i < task.threads; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~BareCodec() override {
    stopping_ = true;
    start_.arrive_and_wait();
  }

  std::uint64_t check() override {
    if (kind_ == Bare::Hot) return 0;
    pass();
    std::uint64_t out = 0;
    for (std::size_t n = 0; n < task_.chunks(); ++n) {
      out += check_of(std::span(out_).subspan(n * kChunkBytes, kChunkBytes),
                      static_cast<std::int64_t>(n / kLayerChunks) * kChunkEdge);
    }
    return out;
  }

  double pass() override {
    next_ = 0;
    start_.arrive_and_wait();
    const auto begin = std::chrono::steady_clock::now();
    end_.arrive_and_wait();
    const auto end = std::chrono::steady_clock::now();
    if (wrong_) throw std::runtime_error("the bare codec refuses a chunk");
    return std::chrono::duration<double>(end - begin).count();
  }

 private:
  void run(std::size_t thread) {
    ZSTD_DCtx* const zstd = ZSTD_createDCtx();
    libdeflate_decompressor* const deflate = libdeflate_alloc_decompressor();
    for (start_.arrive_and_wait(); !stopping_; start_.arrive_and_wait()) {
      for (std::size_t n = next_++; n < encoded_.size(); n = next_++) {
        std::byte* const out = out_.data() + (kind_ == Bare::Hot ? thread : n) * kChunkBytes;
        if (kind_ == Bare::Read ? !read(n, out) : !decode(encoded_[n], out, zstd, deflate)) wrong_ = true;
      }
      end_.arrive_and_wait();
    }
    ZSTD_freeDCtx(zstd);
    libdeflate_free_decompressor(deflate);
  }

  bool read(std::size_t n, std::byte* out) const {
    const int file = ::open((task_.folder / "v2" / chunk_key(n)).c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t count = ::pread(file, out, kChunkBytes, 0);
    ::close(file);
    return count == static_cast<ssize_t>(kChunkBytes);
  }

  bool decode(const std::vector<char>& in, std::byte* out, ZSTD_DCtx* zstd, libdeflate_decompressor* deflate) const {
    switch (task_.codec) {
      case Codec::BloscLz4:
      case Codec::BloscZstd:
        return blosc_decompress_ctx(in.data(), out, kChunkBytes, 1) == static_cast<int>(kChunkBytes);
      case Codec::Zstd:
        return ZSTD_decompressDCtx(zstd, out, kChunkBytes, in.data(), in.size()) == kChunkBytes;
      case Codec::Gzip:
        return libdeflate_gzip_decompress(deflate, in.data(), in.size(), out, kChunkBytes, nullptr) ==
               LIBDEFLATE_SUCCESS;
      case Codec::Raw:
        if (in.size() != kChunkBytes) return false;
        std::memcpy(out, in.data(), kChunkBytes);
        return true;
    }
    return false;
  }

  const SideTask task_;
  const Bare kind_;
  std::vector<std::vector<char>> encoded_;
  std::vector<std::byte> out_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> wrong_ = false;
  std::barrier<> start_{static_cast<std::ptrdiff_t>(task_.threads) + 1};
  std::barrier<> end_{static_cast<std::ptrdiff_t>(task_.threads) + 1};
  std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<Side> make_bare(const SideTask& task, Bare kind) { return std::make_unique<BareCodec>(task, kind); }

}  // namespace ndcast::bench
