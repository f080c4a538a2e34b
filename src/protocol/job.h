#pragma once
// Payload of nd.job (docs/protocol.md WP35): work of the server that takes its time, and how far it is.

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"

namespace ndcast::protocol {

enum class JobState { Running, Done, Failed, Cancelled };
std::string_view to_string(JobState state);

struct JobNotice {
  std::string job;    ///< id
  std::string kind;   ///< "stats", …
  std::string actor;  ///< who asked for it
  JobState state = JobState::Running;
  std::int64_t done = 0;  ///< of `total`, in a unit of the kind's own; of 0 nothing is known
  std::int64_t total = 0;
  std::string message;         ///< what it is at, or why it failed
  std::optional<Json> result;  ///< of a job that is done
};

Json to_payload(const JobNotice& notice);

}  // namespace ndcast::protocol
