#pragma once
// How many sockets the process may hold open.

#include <cstddef>

namespace ndcast::server {

/// Raises the soft limit of open files as far as the hard one and kConnectionsMax need, and returns how many
/// connections fit in it besides kReservedDescriptors.
std::size_t raise_connection_limit();

}  // namespace ndcast::server
