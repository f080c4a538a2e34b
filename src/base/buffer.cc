#include "base/buffer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <unordered_map>

#include "base/sanitizers.h"
#include "base/store_limits.h"

namespace ndcast {
namespace {

constexpr bool kRecycles = !kSanitized;  // or a use after free would find a live block

/// Below it the allocator's own lists are as good.
constexpr std::size_t kSmallest = std::size_t{64} << 10;

/// Sizes are rounded up to eight steps a power of two, so that chunks that compress a little differently share blocks
/// and at most an eighth is lost.
std::size_t rounded(std::size_t bytes) {
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

bool is_recycled(std::size_t bytes) { return kRecycles && bytes >= kSmallest && bytes <= limits::kSpareBlockBytes; }

struct Block {
  void* memory = nullptr;
  std::size_t bytes = 0;  ///< rounded
};

/// What all threads share. Never destroyed: blocks are given back while the process ends.
class Shared {
 public:
  static Shared& instance() {
    static Shared& shared = *new Shared;
    return shared;
  }

  void* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto it = blocks_.find(bytes);
    if (it == blocks_.end() || it->second.empty()) return nullptr;
    void* const memory = it->second.back();
    it->second.pop_back();
    bytes_ -= bytes;
    return memory;
  }

  void give(Block block) noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (bytes_ + block.bytes <= limits::kSpareBlockBytes && keep(block)) return;
    }
    ::operator delete(block.memory);
  }

  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  bool keep(Block block) noexcept {
    try {
      blocks_[block.bytes].push_back(block.memory);
    } catch (const std::bad_alloc&) {
      return false;
    }
    bytes_ += block.bytes;
    return true;
  }

  mutable std::mutex mutex_;
  std::unordered_map<std::size_t, std::vector<void*>> blocks_;  ///< by rounded size
  std::size_t bytes_ = 0;
};

/// A thread's own last few: they are still in its processor's cache. Newest first; the oldest goes to the others.
class Own {
 public:
  ~Own();

  void* take(std::size_t bytes) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (blocks_[i].bytes != bytes) continue;
      void* const memory = blocks_[i].memory;
      std::copy(blocks_.begin() + i + 1, blocks_.begin() + count_, blocks_.begin() + i);
      --count_;
      return memory;
    }
    return nullptr;
  }

  void give(Block block) noexcept {
    if (count_ == blocks_.size()) Shared::instance().give(blocks_[--count_]);
    std::copy_backward(blocks_.begin(), blocks_.begin() + count_, blocks_.begin() + count_ + 1);
    blocks_[0] = block;
    ++count_;
  }

  std::size_t bytes() const {
    std::size_t out = 0;
    for (std::size_t i = 0; i < count_; ++i) out += blocks_[i].bytes;
    return out;
  }

 private:
  std::array<Block, limits::kThreadSpareBlocks> blocks_;
  std::size_t count_ = 0;
};

/// Of this thread: true once its `own` is gone, since blocks are given back after that too.
thread_local bool own_gone = false;
thread_local Own own;

Own::~Own() {
  while (count_ > 0) Shared::instance().give(blocks_[--count_]);
  own_gone = true;
}

bool is_own_size(std::size_t bytes) { return bytes <= limits::kThreadSpareBlockBytes && !own_gone; }

}  // namespace

void* take_block(std::size_t bytes) {
  if (!is_recycled(bytes)) return ::operator new(bytes);
  const std::size_t size = rounded(bytes);
  if (is_own_size(size)) {
    if (void* const block = own.take(size)) return block;
  }
  if (void* const block = Shared::instance().take(size)) return block;
  return ::operator new(size);
}

void give_block(void* block, std::size_t bytes) noexcept {
  if (!is_recycled(bytes)) return ::operator delete(block);
  const std::size_t size = rounded(bytes);
  if (is_own_size(size)) return own.give({block, size});
  Shared::instance().give({block, size});
}

std::size_t spare_block_bytes() { return Shared::instance().bytes() + (own_gone ? 0 : own.bytes()); }

}  // namespace ndcast
