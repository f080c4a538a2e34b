#include "base/allocator.h"

#include <malloc.h>

namespace ndcast {

void give_large_blocks_back() {
#if defined(__GLIBC__)
  static_cast<void>(::mallopt(M_MMAP_THRESHOLD, 1 << 20));
#endif
}

}  // namespace ndcast
