#pragma once
// Where a server keeps what outlives it, unless told otherwise.

#include <filesystem>

namespace ndcast::server {

/// $XDG_STATE_HOME/ndcast, else $HOME/.local/state/ndcast; empty when neither is set. Relative paths count as unset, as
/// the XDG base directory specification has it.
std::filesystem::path default_state_dir();

}  // namespace ndcast::server
