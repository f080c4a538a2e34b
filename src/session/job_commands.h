#pragma once
// Beginning a job (protocol.md WP35), for the commands that start one.

#include <expected>
#include <string>
#include <string_view>

#include "session/command.h"

namespace ndcast::session {

/// The job's name, which the command answers with. Errors: command.retryable (enough is under way), command.invalid.
std::expected<std::string, protocol::CommandError> begin_job(const CommandContext& context, std::string_view kind,
                                                             JobRequest request);

}  // namespace ndcast::session
