#include "protocol/handshake.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "protocol/frames.h"

namespace ndcast::protocol {
namespace {

// What the original server negotiates; call.command's commands are filled in by the welcome.
constexpr std::array kTopics = {
    //        name                enabled resumable required
    TopicSpec{"notify.scene", true, true, true},        TopicSpec{"notify.level", true, true, false},
    TopicSpec{"notify.layers", true, true, true},       TopicSpec{"notify.stream", true, true, true},
    TopicSpec{"notify.dims", true, false, false},       TopicSpec{"notify.camera", true, false, false},
    TopicSpec{"notify.telemetry", false, false, false}, TopicSpec{"call.command", true, false, false},
};

std::unexpected<Reject> refuse(RejectCode code, std::string message, Json details = nullptr) {
  return std::unexpected(Reject{code, std::move(message), std::move(details)});
}

std::unexpected<Reject> refuse_payload(const Error& error) {
  return refuse(RejectCode::InvalidPayload, error.message, Json::make_object({{"error", error.message}}));
}

/// WP4: a resume token of a wrong kind has a code of its own, which tells the client to drop that token.
std::optional<std::string> bad_resume_topic(const Json& payload) {
  const Json* tokens = payload.find("resume_tokens");
  if (!tokens || !tokens->is_object()) return std::nullopt;
  for (const auto& [topic, token] : tokens->object()) {
    if (!token.is_string() && !token.is_null()) return topic;
  }
  return std::nullopt;
}

std::vector<std::string_view> missing_topics(const HelloPayload& hello) {
  std::vector<std::string_view> missing;
  for (const TopicSpec& topic : kTopics) {
    const auto it = hello.features.find(std::string(topic.name));
    if (topic.required && (it == hello.features.end() || !it->second)) missing.push_back(topic.name);
  }
  return missing;
}

std::expected<std::optional<HelloNative>, Reject> parse_native(const Json& nd) {
  if (nd.is_null()) return std::nullopt;
  auto native = described::parse<HelloNative>(nd, "nd");
  if (!native) return refuse_payload(native.error());
  if (native->extensions < 1) return std::nullopt;
  const auto fits = [](const std::string& name) { return !name.empty() && name.size() <= limits::kNameBytes; };
  if ((native->actor && !fits(native->actor->name)) || (native->view && !fits(*native->view))) {
    return refuse_payload(
        Error{ErrorCode::Invalid,
              fmt::format("nd.actor.name and nd.view: expected names of 1 to {} bytes", limits::kNameBytes)});
  }
  return std::move(*native);
}

}  // namespace

std::span<const TopicSpec> topic_table() { return kTopics; }

std::string_view to_string(ActorKind kind) {
  return words_of(std::type_identity<ActorKind>{})[static_cast<std::size_t>(kind)];
}

std::string_view to_string(RejectCode code) {
  return words_of(std::type_identity<RejectCode>{})[static_cast<std::size_t>(code)];
}

std::expected<Hello, Reject> parse_hello(const Envelope& envelope) {
  if (envelope.type != "session.hello") {
    return refuse(RejectCode::UnexpectedMessage,
                  fmt::format("expected session.hello as the first frame, found {}", excerpt(envelope.type)),
                  Json::make_object({{"received", excerpt(envelope.type)}}));
  }
  if (const auto topic = bad_resume_topic(envelope.payload)) {
    return refuse(RejectCode::InvalidResumeToken,
                  fmt::format("resume_tokens.{}: expected a string or null", excerpt(*topic)),
                  Json::make_object({{"topic", *topic}}));
  }
  auto payload = described::parse<HelloPayload>(envelope.payload, "payload");
  if (!payload) return refuse_payload(payload.error());
  if (payload->protocols.empty()) {
    return refuse_payload(Error{ErrorCode::Invalid, "payload.protocols: expected at least one version, found none"});
  }
  if (std::ranges::find(payload->protocols, kProtocolVersion) == payload->protocols.end()) {
    return refuse(RejectCode::ProtocolMismatch,
                  fmt::format("this server speaks protocol {}, the client {}", kProtocolVersion,
                              fmt::join(payload->protocols, ", ")),
                  Json::make_object({{"client_protocols", Json::list(payload->protocols)}}));
  }
  auto native = parse_native(envelope.nd);
  if (!native) return std::unexpected(std::move(native).error());
  if (const auto missing = missing_topics(*payload); !*native && !missing.empty()) {
    return refuse(RejectCode::UnsupportedClient,
                  fmt::format("the client does not ask for {}", fmt::join(missing, ", ")),
                  Json::make_object({{"missing", Json::list(missing)}}));
  }
  return Hello{std::move(*payload), std::move(*native)};
}

Reject reject_of(const FrameError& error) {
  const bool is_json = error.code == FrameErrorCode::InvalidPayload;
  // A readable first frame of another type is out of place, whatever else is wrong with it.
  if (is_json && !error.partial.type.empty() && error.partial.type != "session.hello") {
    return parse_hello(error.partial).error();
  }
  return Reject{is_json ? RejectCode::InvalidPayload : RejectCode::InvalidJson, error.message,
                Json::make_object({{"error", error.message}})};
}

Json to_payload(const Reject& reject) {
  return described::print(frames::RejectPayload{reject.code, reject.message, frames::unless_null(reject.details)});
}

std::map<std::string, FeatureState> welcome_features(std::vector<std::string> commands,
                                                     const std::map<std::string, Cursor>& presented) {
  std::map<std::string, FeatureState> features;
  for (const TopicSpec& topic : kTopics) {
    FeatureState state{.enabled = topic.enabled};
    if (topic.enabled) {
      state.version = 1;
      state.resume = topic.resumable;
    }
    if (const auto it = presented.find(std::string(topic.name)); topic.resumable && it != presented.end()) {
      state.resume_state = it->second;
    }
    features.emplace(topic.name, std::move(state));
  }
  std::ranges::sort(commands);
  features["call.command"].commands = std::move(commands);
  return features;
}

Json to_payload(const Welcome& welcome) { return described::print(welcome); }
Json to_nd(const WelcomeNative& welcome) { return described::print(welcome); }

Result<Goodbye> parse_goodbye(const Json& payload) { return described::parse<Goodbye>(payload, "payload"); }
Json to_payload(const Goodbye& goodbye) { return described::print(goodbye); }

Result<void> parse_empty(const Json& payload) {
  if (!payload.is_object()) {
    return fail(ErrorCode::Invalid, "payload: expected an object, found {}", describe_found(payload));
  }
  if (payload.size() > 0) {
    return fail(ErrorCode::Invalid, "payload: expected no members, found \"{}\"", excerpt(payload.object()[0].first));
  }
  return {};
}

}  // namespace ndcast::protocol
