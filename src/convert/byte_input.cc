#include "convert/byte_input.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "convert/decompressor.h"

namespace ndcast::convert {
namespace {

/// Deflate cannot do better than 1032 : 1, bzip2 than about 45,900 : 1 (a block of 900 kB in 20 bytes).
constexpr std::uint64_t kDeflateRatio = 1032;
constexpr std::uint64_t kBzip2Ratio = 50'000;

int open_for_reading(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe is refused later, not waited for
}

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return value_; }
  void reset() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

class File final : public ByteInput {
 public:
  File(Descriptor descriptor, std::string path, std::uint64_t size, std::string identity)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_(size), identity_(std::move(identity)) {}

  Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset > size_ || out.size() > size_ - offset) {
      return fail(ErrorCode::Corrupt, "{}: has {} bytes, expected at least {}", path_, size_, offset + out.size());
    }
    const Descriptor own(descriptor_.get() < 0 ? open_for_reading(path_) : -1);
    const int from = descriptor_.get() < 0 ? own.get() : descriptor_.get();
    while (!out.empty()) {
      const ssize_t got = ::pread(from, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(ErrorCode::Io, "{}: {}", path_, std::strerror(errno));
      if (got == 0) return fail(ErrorCode::Corrupt, "{}: became shorter than {} bytes while it was read", path_, size_);
      offset += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  std::uint64_t size_at_most() const override { return size_; }
  void let_go() override { descriptor_.reset(); }
  std::string identity() const override { return identity_; }

 private:
  Descriptor descriptor_;  ///< none: opened for each read
  std::string path_;
  std::uint64_t size_;
  std::string identity_;
};

/// Part of another input.
class Tail final : public ByteInput {
 public:
  Tail(std::unique_ptr<ByteInput> whole, std::uint64_t offset) : whole_(std::move(whole)), offset_(offset) {}
  Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    return whole_->read_at(offset_ + offset, out);
  }
  std::optional<std::uint64_t> size() const override { return size_at_most(); }
  std::uint64_t size_at_most() const override {
    const std::uint64_t all = whole_->size_at_most();
    return all - std::min(all, offset_);
  }
  void let_go() override { whole_->let_go(); }
  std::string identity() const override { return whole_->identity(); }

 private:
  std::unique_ptr<ByteInput> whole_;
  std::uint64_t offset_;
};

class Stream final : public ByteInput {
 public:
  Stream(std::unique_ptr<ByteInput> file, std::string path, Compression compression)
      : file_(std::move(file)), path_(std::move(path)), compression_(compression), packed_(256 * 1024) {}

  Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    if (!decompressor_ || offset < position_) restart();
    std::vector<std::byte> skipped(std::min<std::uint64_t>(offset - position_, 256 * 1024));
    while (position_ < offset) {
      ND_TRY(produce(std::span(skipped).first(std::min<std::uint64_t>(skipped.size(), offset - position_))));
    }
    return produce(out);
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  std::uint64_t size_at_most() const override {
    const std::uint64_t ratio = compression_ == Compression::Bzip2 ? kBzip2Ratio : kDeflateRatio;
    return std::min(file_->size_at_most(), UINT64_MAX / ratio) * ratio;
  }
  bool sequential() const override { return true; }
  void let_go() override { file_->let_go(); }
  std::string identity() const override { return file_->identity(); }

 private:
  void restart() {
    decompressor_ = make_decompressor(compression_);
    position_ = 0;
    packed_position_ = 0;
    ready_ = {};
  }

  Result<void> produce(std::span<std::byte> out) {
    while (!out.empty()) {
      if (ready_.empty()) {
        const std::uint64_t left = file_->size_at_most() - packed_position_;
        if (left == 0) {
          return fail(ErrorCode::Corrupt, "{}: decompresses to {} bytes, expected at least {}", path_, position_,
                      position_ + out.size());
        }
        const auto chunk = std::span(packed_).first(std::min<std::uint64_t>(packed_.size(), left));
        ND_TRY(file_->read_at(packed_position_, chunk));
        packed_position_ += chunk.size();
        ready_ = chunk;
      }
      const auto step = decompressor_->run(ready_, out);
      if (!step) return fail(step.error().code, "{}: {}", path_, step.error().message);
      if (step->consumed == 0 && step->produced == 0 && decompressor_->ended()) {
        return fail(ErrorCode::Corrupt, "{}: decompresses to {} bytes, expected at least {}", path_, position_,
                    position_ + out.size());
      }
      ready_ = ready_.subspan(step->consumed);
      out = out.subspan(step->produced);
      position_ += step->produced;
    }
    return {};
  }

  std::unique_ptr<ByteInput> file_;
  std::string path_;
  Compression compression_;
  std::unique_ptr<Decompressor> decompressor_;
  std::vector<std::byte> packed_;
  std::span<const std::byte> ready_;  ///< of packed_, not yet decompressed
  std::uint64_t packed_position_ = 0;
  std::uint64_t position_ = 0;
};

class Memory final : public ByteInput {
 public:
  Memory(std::vector<std::byte> bytes, std::string path, std::string identity)
      : bytes_(std::move(bytes)), path_(std::move(path)), identity_(std::move(identity)) {}
  Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      return fail(ErrorCode::Corrupt, "{}: holds {} bytes of voxels, expected at least {}", path_, bytes_.size(),
                  offset + out.size());
    }
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  std::uint64_t size_at_most() const override { return bytes_.size(); }
  std::string identity() const override { return identity_; }

 private:
  std::vector<std::byte> bytes_;
  std::string path_;
  std::string identity_;
};

class Concatenation final : public ByteInput {
 public:
  Concatenation(std::vector<std::unique_ptr<ByteInput>> parts, std::uint64_t part_bytes)
      : parts_(std::move(parts)), part_bytes_(part_bytes) {}
  Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    while (!out.empty()) {
      const std::uint64_t part = offset / part_bytes_;
      const std::uint64_t within = offset % part_bytes_;
      if (part >= parts_.size()) {
        return fail(ErrorCode::Corrupt, "{} files of {} bytes, expected at least {} bytes", parts_.size(), part_bytes_,
                    offset + out.size());
      }
      const auto piece = out.first(std::min<std::uint64_t>(out.size(), part_bytes_ - within));
      ND_TRY(parts_[part]->read_at(within, piece));
      offset += piece.size();
      out = out.subspan(piece.size());
    }
    return {};
  }
  std::optional<std::uint64_t> size() const override { return size_at_most(); }
  std::uint64_t size_at_most() const override { return parts_.size() * part_bytes_; }
  bool sequential() const override {
    return std::ranges::any_of(parts_, [](const auto& part) { return part->sequential(); });
  }
  std::string identity() const override {
    std::string out;
    for (const auto& part : parts_) out += part->identity() + "\n";
    return out;
  }

 private:
  std::vector<std::unique_ptr<ByteInput>> parts_;
  std::uint64_t part_bytes_;
};

bool is_separator(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ','; }

/// The next number of `text`, stored at `out`; false when there is none or it does not fit.
bool take_number(std::string_view& text, image::DType dtype, std::byte* out) {
  while (!text.empty() && is_separator(text.front())) text.remove_prefix(1);
  return image::visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<T, image::Half>) {
      return false;
    } else {
      T value{};
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, value);
      if (error != std::errc() || (stop != end && !is_separator(*stop))) return false;
      std::memcpy(out, &value, sizeof value);
      text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
      return true;
    }
  });
}

}  // namespace

Result<std::unique_ptr<ByteInput>> open_file(const std::filesystem::path& path) {
  Descriptor descriptor(open_for_reading(path.string()));
  if (descriptor.get() < 0) {
    const ErrorCode code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io;
    return fail(code, "{}: {}", path.string(), std::strerror(errno));
  }
  struct stat status{};
  if (::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::Invalid, "{}: is no regular file", path.string());
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::string identity =
      fmt::format("{} {} {}.{:09}", path.string(), size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  return std::make_unique<File>(std::move(descriptor), path.string(), size, std::move(identity));
}

Result<std::unique_ptr<ByteInput>> open_stream(const std::filesystem::path& path, Compression compression,
                                               std::uint64_t offset) {
  ND_ASSIGN(std::unique_ptr<ByteInput> file, open_file(path));
  if (offset != 0) file = std::make_unique<Tail>(std::move(file), offset);
  if (compression == Compression::None) return file;
  return std::make_unique<Stream>(std::move(file), path.string(), compression);
}

Result<std::unique_ptr<ByteInput>> open_text(const std::filesystem::path& path, std::uint64_t offset,
                                             image::DType dtype, std::uint64_t count) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_stream(path, Compression::None, offset));
  const std::uint64_t size = file->size_at_most();
  if (size > limits::kImportTextBytes) {
    return fail(ErrorCode::Limit, "{}: {} bytes of voxels in text, expected at most {}", path.string(), size,
                limits::kImportTextBytes);
  }
  // A number takes a character and a separator, so a short text cannot hold many.
  if (count > size) {
    return fail(ErrorCode::Corrupt, "{}: {} bytes of text, expected {} numbers", path.string(), size, count);
  }
  std::string text(size, '\0');
  ND_TRY(file->read_at(0, std::as_writable_bytes(std::span(text))));
  const std::size_t element = image::byte_size(dtype);
  std::vector<std::byte> bytes(count * element);
  std::string_view rest = text;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (take_number(rest, dtype, bytes.data() + i * element)) continue;
    return fail(ErrorCode::Corrupt, "{}: number {} of {} is '{}', expected {}", path.string(), i + 1, count,
                rest.substr(0, std::min<std::size_t>(rest.size(), 20)), image::to_string(dtype));
  }
  return std::make_unique<Memory>(std::move(bytes), path.string(), file->identity());
}

std::unique_ptr<ByteInput> concatenate(std::vector<std::unique_ptr<ByteInput>> parts, std::uint64_t part_bytes) {
  return std::make_unique<Concatenation>(std::move(parts), part_bytes);
}

Result<Compression> sniff_compression(const std::filesystem::path& path) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_file(path));
  std::byte magic[2]{};
  if (file->size_at_most() < sizeof magic) return Compression::None;
  ND_TRY(file->read_at(0, magic));
  return magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b} ? Compression::Deflate : Compression::None;
}

Result<std::vector<std::byte>> read_head(const std::filesystem::path& path, std::size_t count) {
  ND_ASSIGN(const Compression compression, sniff_compression(path));
  ND_ASSIGN(const std::unique_ptr<ByteInput> input, open_stream(path, compression));
  std::vector<std::byte> head(count);
  ND_TRY(input->read_at(0, head));
  return head;
}

}  // namespace ndcast::convert
