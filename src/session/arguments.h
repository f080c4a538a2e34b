#pragma once
// Reading a command's kwargs: absent and null take the default, a wrong kind is a sentence for whoever sent it.
//
//   ND_ASSIGN(const std::string path, string_argument(call, "path", ""));

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/commands.h"
#include "session/command.h"

namespace ndcast::session {

// Errors: Invalid, naming the argument, what was expected and what was found.

/// At most `max_bytes` long.
Result<std::string> string_argument(const protocol::CallCommand& call, std::string_view name, std::string fallback,
                                    std::size_t max_bytes);
Result<bool> bool_argument(const protocol::CallCommand& call, std::string_view name, bool fallback);
Result<std::uint64_t> count_argument(const protocol::CallCommand& call, std::string_view name, std::uint64_t fallback);
/// Finite.
Result<double> number_argument(const protocol::CallCommand& call, std::string_view name, double fallback);
Result<std::vector<std::string>> strings_argument(const protocol::CallCommand& call, std::string_view name,
                                                  std::vector<std::string> fallback);

/// The view that the caller means (WP32), its own by default. Errors: also when the room has no such view; before an
/// image is open, the caller's own counts as existing.
Result<scene::ViewId> view_argument(const CommandContext& context, std::string_view name);

}  // namespace ndcast::session
