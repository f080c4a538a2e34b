#pragma once
// Limits of commands that take long (protocol.md §8).

#include <cstddef>

namespace ndcast::limits {

/// Of each command that keeps a thread of everybody's busy, under way for one session: one that works, one that is
/// ready to follow.
inline constexpr std::size_t kLargeCommandsPerSession = 2;

}  // namespace ndcast::limits
