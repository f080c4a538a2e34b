#include "protocol/job.h"

#include "protocol/describe_job.h"

namespace ndcast::protocol {

std::string_view to_string(JobState state) {
  return words_of(std::type_identity<JobState>{})[static_cast<std::size_t>(state)];
}

Json to_payload(const JobNotice& notice) { return described::print(notice); }

}  // namespace ndcast::protocol
