#pragma once
// How the C library's allocator is to treat large blocks in a process that serves for weeks.

namespace ndcast {

/// Blocks from 1 MiB on are mapped, and given back to the system when they are freed. Without it the C library of
/// Debian raises its threshold to the largest block that was ever freed, up to 32 MiB, and volumes and pictures then
/// lie scattered in heaps that cannot shrink: 11 % more memory after two minutes of looking around a volume, and
/// growing. Called once, at the beginning of a program; without effect with another C library.
void give_large_blocks_back();

}  // namespace ndcast
