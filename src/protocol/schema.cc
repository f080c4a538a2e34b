#include "protocol/schema.h"

#include <array>
#include <string>
#include <utility>

#include "protocol/describe_job.h"
#include "protocol/describe_presence.h"
#include "protocol/describe_telemetry.h"
#include "protocol/describe_thumbnail.h"
#include "protocol/envelope.h"
#include "protocol/frames.h"
#include "protocol/original_types.h"
#include "protocol/schema_state.h"

namespace ndcast::protocol {
namespace {

using described::Definitions;
using described::typed;

Json constant(Json value) { return Json::make_object({{"const", std::move(value)}}); }

Json empty_payload(Definitions&) {
  Json out = typed("object");
  out.set("additionalProperties", false);
  return out;
}

template <class First, class Second>
Json either(Definitions& definitions) {
  return Json::make_object(
      {{"anyOf", Json::make_array({described::schema<First>(definitions), described::schema<Second>(definitions)})}});
}

struct Payload {
  std::string_view type;
  Json (*schema)(Definitions&);
};

// Frames of frame_table() that are not listed are reserved and never sent.
constexpr std::array kPayloads = {
    Payload{"session.hello", &described::schema<HelloPayload>},
    Payload{"session.welcome", &described::schema<Welcome>},
    Payload{"session.reject", &described::schema<frames::RejectPayload>},
    Payload{"session.heartbeat", &empty_payload},
    Payload{"session.ack", &empty_payload},
    Payload{"session.goodbye", &described::schema<Goodbye>},
    Payload{"nd.snapshot", &snapshot_schema},
    Payload{"nd.commit", &commit_schema},
    Payload{"nd.telemetry", &described::schema<TelemetryNotice>},
    Payload{"nd.thumbnail", &described::schema<ThumbnailNotice>},
    Payload{"nd.job", &described::schema<JobNotice>},
    Payload{"nd.presence", &either<Pointing, PresenceNotice>},
    Payload{"notify.scene", &described::schema<original::Scene>},
    Payload{"notify.level", &described::schema<original::LevelNotice>},
    Payload{"notify.layers", &described::schema<original::LayersNotice>},
    Payload{"notify.stream", &described::schema<original::Stream>},
    Payload{"notify.dims", &described::schema<original::Dims>},
    Payload{"notify.camera", &described::schema<original::Camera>},
    Payload{"notify.error", &described::schema<original::ErrorNotice>},
    Payload{"state.update", &state_update_schema},
    Payload{"ack.state", &either<frames::AckAccepted, frames::AckRejected>},
    Payload{"call.command", &described::schema<frames::CommandCall>},
    Payload{"reply.command", &described::schema<frames::CommandReply>},
    Payload{"error.command", &described::schema<frames::CommandFailure>},
};

/// One member of an envelope as its cell of the matrix says (WP2).
void add_member(Json& properties, Json& required, std::string_view name, Presence cell, Json schema) {
  if (cell == Presence::Forbidden) return;
  properties.set(name, std::move(schema));
  if (cell == Presence::Required) required.push_back(name);
}

Json frame_schema(const FrameSpec& row, const Payload& payload, Definitions& definitions) {
  Json properties = Json::make_object({{"type", constant(row.type)}, {"version", constant(kProtocolVersion)}});
  Json required = Json::make_array({"type", "version"});
  add_member(properties, required, "session", row.session, typed("string"));
  add_member(properties, required, "frame_id", row.frame_id, typed("string"));
  add_member(properties, required, "timestamp", Presence::Required, typed("number"));
  Json seq = typed("integer");
  seq.set("minimum", 0);
  add_member(properties, required, "seq", row.cursor, row.seq_is_zero ? constant(0) : std::move(seq));
  add_member(properties, required, "delta_token", row.cursor, typed("string"));
  add_member(properties, required, "intent_id", row.intent_id, typed("string"));
  add_member(properties, required, "payload", Presence::Required, payload.schema(definitions));
  if (row.carries_nd) {
    properties.set("nd", row.type == "session.hello" ? described::schema<HelloNative>(definitions)
                                                     : described::schema<WelcomeNative>(definitions));
  }
  Json out = Json::make_object({{"title", pascal_case(row.type) + "Frame"}, {"type", "object"}});
  out.set("properties", std::move(properties));
  out.set("required", std::move(required));
  out.set("additionalProperties", false);
  return out;
}

/// The union of the frames that travel one way.
Json direction_schema(std::string_view title, Direction direction, Definitions& definitions) {
  Json frames = Json::make_array();
  for (const Payload& payload : kPayloads) {
    const FrameSpec& row = *find_frame(payload.type);
    if (row.direction != direction && row.direction != Direction::Both) continue;
    const std::string name = pascal_case(row.type) + "Frame";
    if (!definitions.has(name)) definitions.add(name, frame_schema(row, payload, definitions));
    frames.push_back(Definitions::reference(name));
  }
  return Json::make_object({{"title", title}, {"anyOf", std::move(frames)}});
}

}  // namespace

Json schema_json() {
  Definitions definitions;
  definitions.add("ClientFrame", direction_schema("ClientFrame", Direction::FromClient, definitions));
  definitions.add("ServerFrame", direction_schema("ServerFrame", Direction::FromServer, definitions));
  definitions.add("SceneFile", scene_file_schema(definitions));
  Json properties = Json::make_object({{"client_frame", Definitions::reference("ClientFrame")},
                                       {"server_frame", Definitions::reference("ServerFrame")},
                                       {"scene_file", Definitions::reference("SceneFile")}});
  return Json::make_object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                            {"title", "Ndcast"},
                            {"description", "Frames of the state channel, register values and scene files of ndcast."},
                            {"type", "object"},
                            {"properties", std::move(properties)},
                            {"additionalProperties", false},
                            {"$defs", definitions.json()}});
}

}  // namespace ndcast::protocol
