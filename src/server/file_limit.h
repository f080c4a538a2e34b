#pragma once
// Descriptors: each connection is one, and systems start a process with few (1024 is usual) though they allow it more.

#include <cstddef>

#include "base/result.h"

namespace ndcast::server {

/// Raises the process' soft limit of open files so that `connections` fit beside the files that serving opens. Errors:
/// Limit when the hard limit is lower; the message says how to raise it.
Result<void> make_room_for(std::size_t connections);

}  // namespace ndcast::server
