#pragma once
// nd.job as it stands on the wire.

#include "protocol/described.h"
#include "protocol/job.h"

namespace ndcast::protocol {

NDCAST_WORDS(JobState, "running", "done", "failed", "cancelled")
NDCAST_DESCRIBE(JobNotice, (job, kind, actor, state, done, total, message, result))

}  // namespace ndcast::protocol
