// Commands about jobs (protocol.md WP35): those that start one, the list, and ending one.

#include "session/job_commands.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {

using protocol::CommandCode;

std::expected<std::string, protocol::CommandError> begin_job(const CommandContext& context, std::string_view kind,
                                                             JobRequest request) {
  using protocol::CommandError;
  JobDesk& desk = context.hub.jobs();
  std::string job = context.hub.make_frame_id("job");
  if (const auto begun = desk.begin(job, std::string(kind), context.session.actor.name, context.session.id); !begun) {
    return std::unexpected(CommandError{CommandCode::Retryable, begun.error().message, {}});
  }
  if (const auto started = context.hub.services().start_job(job, std::move(request)); !started) {
    desk.forget(job);
    const bool is_full = started.error().code == ErrorCode::Limit;
    return std::unexpected(
        CommandError{is_full ? CommandCode::Retryable : CommandCode::Invalid, started.error().message, {}});
  }
  return job;
}

void call_stats(const CommandContext& context) {
  const Result<std::string> layer = string_argument(context.call, "layer", "", limits::kNameBytes);
  if (!layer) return context.responder.fail({CommandCode::Invalid, layer.error().message, {}});
  const scene::SnapshotPtr snapshot = context.hub.services().ledger().snapshot();
  if (!snapshot->find_layer(scene::LayerId{*layer})) {
    return context.responder.fail({CommandCode::Invalid, fmt::format("layer: there is no layer \"{}\"", *layer), {}});
  }
  const auto job = begin_job(context, "stats", LayerStatsJob{scene::LayerId{*layer}});
  if (!job) return context.responder.fail(job.error());
  context.responder.reply(Json::make_object({{"job", *job}}));
}

void call_job_list(const CommandContext& context) {
  Json::Array jobs;
  for (const JobDesk::Job& job : context.hub.jobs().jobs()) jobs.push_back(to_payload(job.now));
  context.responder.reply(Json::make_object({{"jobs", std::move(jobs)}}));
}

void call_job_cancel(const CommandContext& context) {
  const Result<std::string> name = string_argument(context.call, "job", "", limits::kNameBytes);
  if (!name) return context.responder.fail({CommandCode::Invalid, name.error().message, {}});
  const JobDesk::Job* const job = context.hub.jobs().find(*name);
  if (!job) {
    return context.responder.fail({CommandCode::Invalid, fmt::format("job: there is no job \"{}\"", *name), {}});
  }
  const bool may = job->session == context.session.id || auth::may_act_as(context.session.role, auth::Role::Admin);
  if (!may) {
    return context.responder.fail(
        {CommandCode::Forbidden, fmt::format("job {} is {}'s; an admin may cancel it", *name, job->now.actor), {}});
  }
  const bool running = job->is_running();
  if (running) context.hub.services().cancel_job(*name);
  context.responder.reply(Json::make_object({{"cancelling", running}}));
}

}  // namespace ndcast::session
