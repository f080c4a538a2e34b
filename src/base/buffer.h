#pragma once
// Large blocks of bytes whose memory goes round: what a reader is done with, the next read is written into. A chunk of
// 512 KiB that comes fresh from the system costs 128 page faults and a pass of zeros, as much time as decoding it with
// lz4.
//
//   Buffer out(decoded_bytes);         // not written yet: whoever makes it fills it
//   Buffer zeros(n, std::byte{});      // zeros have to be asked for

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace ndcast {

/// At least `bytes` bytes, aligned for any type; give_block() takes them back. Small ones are the allocator's, large
/// ones come from what was given back, if something fits. Any thread may give back what another took.
void* take_block(std::size_t bytes);
void give_block(void* block, std::size_t bytes) noexcept;
/// Bytes that are kept for the next take_block(), this thread's own and the shared ones: at most
/// limits::kSpareBlockBytes shared, and limits::kThreadSpareBlocks a thread. For tests.
std::size_t spare_block_bytes();

/// Elements that are made without a value are left unwritten.
template <class T>
struct BlockAllocator {
  using value_type = T;
  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(take_block(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { give_block(block, count * sizeof(T)); }
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
  friend bool operator==(const BlockAllocator&, const BlockAllocator&) { return true; }
};

/// `Buffer(n)` and `resize(n)` leave what they add unwritten.
using Buffer = std::vector<std::byte, BlockAllocator<std::byte>>;

}  // namespace ndcast
