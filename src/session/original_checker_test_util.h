#pragma once
// How strict the napari-cuda desktop client is with what a server says: exact key sets, types and the envelope matrix
// of its parsers, written from the dialect's description (docs/original-dialect.md), not from our printers.
//
//   OriginalChecker checker;                       // one a session: cursors are followed
//   EXPECT_EQ(checker.problem(frame), "");

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"

namespace ndcast::session::testing {

/// What is wrong with a value, empty when nothing is.
using Check = std::function<std::string(const Json&)>;

namespace check {

inline std::string wrong(std::string_view expected, const Json& found) {
  return fmt::format("expected {}, found {}", expected, to_string(found).substr(0, 80));
}
inline std::string any(const Json&) { return ""; }
inline std::string text(const Json& json) { return json.is_string() ? "" : wrong("a text", json); }
inline std::string full_text(const Json& json) {
  return json.is_string() && !json.string().empty() ? "" : wrong("a text that is not empty", json);
}
inline std::string boolean(const Json& json) { return json.is_bool() ? "" : wrong("a boolean", json); }
inline std::string number(const Json& json) { return json.is_number() ? "" : wrong("a number", json); }
/// An integer literal: 5, not 5.0.
inline std::string integer(const Json& json) { return json.is_integer() ? "" : wrong("an integer", json); }
inline std::string count(const Json& json) {
  return json.as_integer_literal().value_or(-1) >= 0 ? "" : wrong("an integer from 0 on", json);
}
inline std::string mapping(const Json& json) { return json.is_object() ? "" : wrong("an object", json); }
inline Check word(std::set<std::string> words) {
  return [words = std::move(words)](const Json& json) {
    return json.is_string() && words.contains(json.string()) ? "" : wrong("one of the dialect's words", json);
  };
}
inline Check exactly(Json value) {
  return [value = std::move(value)](const Json& json) { return json == value ? "" : wrong(to_string(value), json); };
}
inline Check nullable(Check inner) {
  return [inner = std::move(inner)](const Json& json) { return json.is_null() ? "" : inner(json); };
}
inline Check list(Check inner, std::size_t size = std::string::npos) {
  return [inner = std::move(inner), size](const Json& json) -> std::string {
    if (!json.is_array() || (size != std::string::npos && json.size() != size))
      return wrong("a list of its size", json);
    for (const Json& element : json.array()) {
      if (std::string problem = inner(element); !problem.empty()) return "[] " + problem;
    }
    return "";
  };
}
inline Check map_of(Check inner) {
  return [inner = std::move(inner)](const Json& json) -> std::string {
    if (!json.is_object()) return wrong("an object", json);
    for (const auto& [key, value] : json.object()) {
      if (std::string problem = inner(value); !problem.empty()) return fmt::format("{}: {}", key, problem);
    }
    return "";
  };
}
struct Field {
  std::string name;
  Check check;
  bool required = true;
};
inline Field optional(std::string name, Check inner) { return {std::move(name), std::move(inner), false}; }
/// Exactly these keys; absent ones are absent, never null.
inline Check object(std::vector<Field> fields) {
  return [fields = std::move(fields)](const Json& json) -> std::string {
    if (!json.is_object()) return wrong("an object", json);
    for (const auto& [key, value] : json.object()) {
      const auto field = std::ranges::find(fields, key, &Field::name);
      if (field == fields.end()) return "unknown key " + key;
      if (std::string problem = field->check(value); !problem.empty()) return fmt::format("{}: {}", key, problem);
    }
    for (const Field& field : fields) {
      if (field.required && !json.find(field.name)) return "missing key " + field.name;
    }
    return "";
  };
}

}  // namespace check

class OriginalChecker {
 public:
  /// What the client's parsers would object to in a frame; empty when nothing.
  std::string problem(const Json& frame) {
    if (!frame.is_object() || !frame.find("type") || !frame.find("type")->is_string()) return "no type";
    const std::string type = frame.find("type")->string();
    std::string found = envelope_problem(type, frame);
    if (found.empty()) found = payload_problem(type, frame);
    if (found.empty()) found = cursor_problem(type, frame);
    return found.empty() ? "" : type + ": " + found + " in " + to_string(frame).substr(0, 600);
  }

 private:
  enum class Cell { Required, Forbidden, Optional, OneOf };
  struct Row {
    Cell session, frame_id, cursor, intent_id;
  };

  static const Row* row_of(const std::string& type) {
    using enum Cell;
    static const std::map<std::string, Row> rows = {
        {"session.welcome", {Required, Required, Forbidden, Forbidden}},
        {"session.reject", {Forbidden, Required, Forbidden, Forbidden}},
        {"session.heartbeat", {Required, Required, Forbidden, Forbidden}},
        {"session.ack", {Required, Required, Forbidden, Forbidden}},
        {"session.goodbye", {Required, Required, Forbidden, Forbidden}},
        {"notify.scene", {Required, Optional, Required, Optional}},
        {"notify.level", {Required, Optional, Required, Optional}},
        {"notify.layers", {Required, Optional, Required, Optional}},
        {"notify.stream", {Required, Optional, Required, Forbidden}},
        {"notify.dims", {Required, OneOf, Forbidden, OneOf}},
        {"notify.camera", {Required, OneOf, Forbidden, OneOf}},
        {"notify.telemetry", {Required, Optional, Forbidden, Forbidden}},
        {"notify.error", {Required, Optional, Forbidden, Forbidden}},
        {"ack.state", {Required, Required, Forbidden, Forbidden}},
        {"reply.command", {Required, Required, Forbidden, Forbidden}},
        {"error.command", {Required, Required, Forbidden, Forbidden}},
    };
    const auto it = rows.find(type);
    return it == rows.end() ? nullptr : &it->second;
  }

  static std::string cell_problem(Cell cell, const Json& frame, std::string_view name, const Check& check) {
    const Json* found = frame.find(name);
    if (!found) return cell == Cell::Required ? fmt::format("no {}", name) : "";
    if (cell == Cell::Forbidden) return fmt::format("{} is forbidden", name);
    const std::string problem = check(*found);
    return problem.empty() ? "" : fmt::format("{}: {}", name, problem);
  }

  static std::string envelope_problem(const std::string& type, const Json& frame) {
    const Row* row = row_of(type);
    if (!row) return "a type that the dialect does not have";
    static const std::set<std::string> keys = {"type", "version", "session",     "frame_id", "timestamp",
                                               "seq",  "payload", "delta_token", "intent_id"};
    for (const auto& [key, value] : frame.object()) {
      if (!keys.contains(key)) return "unknown envelope key " + key;
      if (value.is_null()) return key + " is null";
    }
    if (frame.find("version") == nullptr || frame.find("version")->as_integer_literal() != 2) return "version is not 2";
    std::string found = cell_problem(Cell::Required, frame, "timestamp", check::number);
    if (found.empty()) found = cell_problem(Cell::Required, frame, "payload", check::mapping);
    if (found.empty()) found = cell_problem(row->session, frame, "session", check::full_text);
    if (found.empty()) found = cell_problem(row->frame_id, frame, "frame_id", check::full_text);
    if (found.empty()) found = cell_problem(row->cursor, frame, "seq", check::count);
    if (found.empty()) found = cell_problem(row->cursor, frame, "delta_token", check::full_text);
    if (found.empty()) found = cell_problem(row->intent_id, frame, "intent_id", check::full_text);
    if (!found.empty()) return found;
    const bool has_intent = frame.find("intent_id") != nullptr;
    const Json* frame_id = frame.find("frame_id");
    if (row->frame_id == Cell::OneOf && has_intent == (frame_id != nullptr)) return "one of frame_id and intent_id";
    if (row->frame_id == Cell::OneOf && frame_id && frame_id->string().size() != 8) return "frame_id of 8 characters";
    if (type == "notify.scene" && frame.find("seq")->as_int64() != 0) return "a scene's seq is 0";
    return "";
  }

  // --- payloads -----------------------------------------------------------------------------------------------------

  static Check levels() {
    using namespace check;
    return list(
        object({{"index", count}, {"shape", list(count)}, {"downsample", list(number)}, optional("path", text)}));
  }
  static Check mode() { return check::word({"plane", "volume"}); }

  static Check layer_block(bool is_delta) {
    using namespace check;
    std::vector<Field> controls = {
        {"visible", boolean, !is_delta},
        {"opacity", number, !is_delta},
        {"blending", word({"opaque", "translucent", "translucent_no_depth", "additive", "minimum", "multiplicative"}),
         !is_delta},
        {"interpolation", word({"nearest", "linear", "cubic"}), !is_delta},
        {"colormap", full_text, !is_delta},
        {"gamma", number, !is_delta},
        optional("contrast_limits", list(number, 2)),
        optional("depiction", word({"volume", "plane"})),
        optional("rendering", word({"mip", "minip", "attenuated_mip", "translucent", "iso", "additive", "average"})),
        optional("attenuation", number),
        optional("iso_threshold", number),
        optional("projection_mode", word({"none", "sum", "mean", "max", "min"})),
        optional("plane_thickness", number)};
    const Check multiscale = object({{"current_level", count},
                                     {"levels", list(object({{"shape", list(count)}, {"downsample", list(number)}}))},
                                     {"policy", text},
                                     {"index_space", text}});
    const Check thumbnail = object(
        {{"array", list(list(list(count, 4)))}, {"dtype", text}, {"shape", list(count, 3)}, {"generated_at", number}});
    const Check extras = object({{"name", full_text},
                                 {"kind", word({"image", "labels"})},
                                 {"scale", list(number)},
                                 {"translate", list(number)}});
    return object({{"layer_id", full_text},
                   {"layer_type", exactly("image")},
                   {"controls", object(std::move(controls))},
                   optional("metadata", mapping),
                   optional("thumbnail", thumbnail),
                   {"multiscale", multiscale},
                   {"versions", map_of(count)},
                   {"extras", extras}});
  }

  static std::string scene_problem(const Json& payload) {
    using namespace check;
    const Check settings =
        object({{"fps_target", number}, {"canvas_size", list(count, 2)}, {"volume_enabled", boolean}});
    const Check dims = object({{"ndim", count},
                               {"axis_labels", list(full_text)},
                               {"order", list(count)},
                               {"displayed", list(count)},
                               {"current_step", list(count)},
                               {"current_level", count},
                               {"level_shapes", list(list(count))},
                               {"ndisplay", count},
                               {"margin_left", list(number)},
                               {"margin_right", list(number)}});
    const Check camera = [](const Json& json) {
      const Json* ndisplay = json.find("ndisplay");
      if (ndisplay && ndisplay->as_int64() == 3) {
        return object({{"ndisplay", count},
                       {"center", list(number, 3)},
                       {"angles", list(number, 3)},
                       {"distance", number},
                       {"fov", number}})(json);
      }
      return object(
          {{"ndisplay", exactly(2)}, {"center", list(number, 2)}, {"zoom", number}, {"rect", list(number, 4)}})(json);
    };
    const Check policies =
        object({{"multiscale",
                 object({{"policy", text}, {"active_level", count}, {"index_space", text}, {"levels", levels()}})}});
    const Check metadata = object({{"status", word({"ready", "idle"})},
                                   optional("source_path", text),
                                   optional("source_kind", text),
                                   optional("volume_state", object({{"rendering", text},
                                                                    {"colormap", text},
                                                                    {"clim", list(number, 2)},
                                                                    {"opacity", number},
                                                                    {"sample_step", number}})),
                                   optional("viewport_state", mapping)});
    return object({{"viewer", object({{"settings", settings}, {"dims", dims}, {"camera", camera}})},
                   {"layers", list(layer_block(false))},
                   optional("policies", policies),
                   optional("metadata", metadata)})(payload);
  }

  static std::string dims_problem(const Json& payload) {
    using namespace check;
    const Check extent = object({{"start", exactly(0)}, {"stop", number}, {"step", exactly(1)}});
    const Check axis = object({{"index", count},
                               {"label", full_text},
                               {"role", full_text},
                               {"displayed", boolean},
                               {"order_pos", count},
                               {"current_step", count},
                               {"margin_left_steps", number},
                               {"margin_right_steps", number},
                               {"margin_left_world", number},
                               {"margin_right_world", number},
                               {"per_level_steps", list(count)},
                               {"per_level_world", list(extent)}});
    const Check spec = object({{"version", exactly(1)},
                               {"ndim", count},
                               {"ndisplay", count},
                               {"order", list(count)},
                               {"displayed", list(count)},
                               {"current_level", count},
                               {"current_step", list(count)},
                               {"level_shapes", list(list(count))},
                               {"plane_mode", boolean},
                               {"labels", nullable(list(full_text))},
                               {"levels", levels()},
                               {"axes", list(axis)}});
    const std::string found = object({{"step", list(count)},
                                      optional("current_step", list(count)),
                                      {"levels", levels()},
                                      {"current_level", count},
                                      {"mode", mode()},
                                      {"ndisplay", count},
                                      {"level_shapes", list(list(count))},
                                      {"dims_spec", spec},
                                      optional("labels", list(full_text))})(payload);
    return found.empty() ? dims_disagreement(payload) : found;
  }

  static std::int64_t int_of(const Json& json) { return json.as_int64().value_or(-1); }

  /// The frame says everything twice; both have to say the same, and steps have to lie on the current level.
  static std::string dims_disagreement(const Json& payload) {
    const Json& spec = *payload.find("dims_spec");
    for (const char* name : {"current_step", "current_level", "ndisplay", "level_shapes", "levels"}) {
      if (!(*payload.find(name) == *spec.find(name))) return fmt::format("{} and dims_spec.{} differ", name, name);
    }
    if (!(*payload.find("step") == *payload.find("current_step"))) return "step and current_step differ";
    const auto ndim = static_cast<std::size_t>(int_of(*spec.find("ndim")));
    const auto ndisplay = static_cast<std::size_t>(int_of(*spec.find("ndisplay")));
    const Json::Array& order = spec.find("order")->array();
    const Json::Array& axes = spec.find("axes")->array();
    const Json::Array& shapes = spec.find("level_shapes")->array();
    if (order.size() != ndim || axes.size() != ndim || payload.find("step")->size() != ndim) return "ndim";
    if (spec.find("plane_mode")->boolean() != (ndisplay == 2)) return "plane_mode";
    if ((payload.find("mode")->string() == "plane") != (ndisplay == 2)) return "mode";
    const Json::Array displayed(order.end() - static_cast<std::ptrdiff_t>(std::min(ndisplay, ndim)), order.end());
    if (!(*spec.find("displayed") == Json(displayed))) return "displayed is not the end of order";
    const auto level = static_cast<std::size_t>(int_of(*spec.find("current_level")));
    if (level >= shapes.size()) return "current_level";
    for (std::size_t i = 0; i < ndim; ++i) {
      const Json& axis = axes[i];
      const std::int64_t step = int_of(payload.find("step")->array()[i]);
      if (step >= int_of(shapes[level].array()[i])) return fmt::format("step {} of axis {} is off its level", step, i);
      if (int_of(*axis.find("current_step")) != step) return "an axis' current_step";
      for (std::size_t l = 0; l < shapes.size(); ++l) {
        const std::int64_t size = int_of(shapes[l].array()[i]);
        if (int_of(axis.find("per_level_steps")->array().at(l)) != size) return "per_level_steps";
        if (axis.find("per_level_world")->array().at(l).find("stop")->as_double() != static_cast<double>(size - 1)) {
          return "per_level_world";
        }
      }
      for (const char* side : {"left", "right"}) {
        const double steps = *axis.find(fmt::format("margin_{}_steps", side))->as_double();
        if (steps < 0 || steps != *axis.find(fmt::format("margin_{}_world", side))->as_double()) return "margins";
      }
    }
    return "";
  }

  static std::string camera_problem(const Json& frame) {
    using namespace check;
    const Json& payload = *frame.find("payload");
    std::string found = object({{"mode", word({"zoom", "pan", "orbit", "reset", "set", "pose"})},
                                {"origin", word({"state.update", "worker.state.camera"})},
                                optional("delta", mapping),
                                optional("state", mapping)})(payload);
    if (!found.empty()) return found;
    const std::string verb = payload.find("mode")->string();
    const Json* delta = payload.find("delta");
    const Json* state = payload.find("state");
    if (verb == "pose") {
      if (!state || delta || payload.find("origin")->string() != "worker.state.camera") return "a pose";
      if (frame.find("intent_id")) return "a pose is nobody's intent";
      const bool is_volume = state->find("distance") != nullptr;
      return is_volume ? object({{"center", list(number, 3)},
                                 {"angles", list(number, 3)},
                                 {"distance", number},
                                 {"fov", number}})(*state)
                       : object({{"center", list(number, 2)}, {"zoom", number}, {"rect", list(number, 4)}})(*state);
    }
    if (!delta || state || payload.find("origin")->string() != "state.update") return "a verb's echo";
    if (verb == "zoom") return object({{"factor", number}, {"anchor_px", list(number, 2)}})(*delta);
    if (verb == "pan") return object({{"dx_px", number}, {"dy_px", number}})(*delta);
    if (verb == "orbit") return object({{"d_az_deg", number}, {"d_el_deg", number}})(*delta);
    if (verb == "reset") return object({{"reason", text}})(*delta);
    return object({optional("center", list(number)), optional("zoom", number), optional("rect", list(number, 4)),
                   optional("angles", list(number)), optional("distance", number), optional("fov", number)})(*delta);
  }

  static std::string welcome_problem(const Json& frame) {
    using namespace check;
    const Json& payload = *frame.find("payload");
    const Check cursor = object({{"seq", count}, {"delta_token", full_text}});
    const Check feature = object({{"enabled", boolean},
                                  optional("version", count),
                                  optional("resume", boolean),
                                  optional("commands", list(full_text)),
                                  optional("resume_state", cursor)});
    std::string found =
        object({{"protocol_version", exactly(2)},
                {"session", object({{"id", full_text}, {"heartbeat_s", number}, {"ack_timeout_ms", count}})},
                {"features", map_of(feature)}})(payload);
    if (!found.empty()) return found;
    return *payload.find("session")->find("id") == *frame.find("session") ? "" : "two session ids";
  }

  static std::string ack_problem(const Json& payload) {
    using namespace check;
    const bool accepted = payload.find("status") && *payload.find("status") == Json("accepted");
    std::vector<Field> fields = {{"intent_id", full_text}, {"in_reply_to", full_text}};
    if (accepted) {
      fields.insert(fields.end(),
                    {{"status", exactly("accepted")}, {"version", count}, optional("applied_value", any)});
    } else {
      fields.insert(fields.end(),
                    {{"status", exactly("rejected")},
                     {"error", object({{"code", full_text}, {"message", full_text}, optional("details", mapping)})}});
    }
    return object(std::move(fields))(payload);
  }

  static std::string payload_problem(const std::string& type, const Json& frame) {
    using namespace check;
    const Json& payload = *frame.find("payload");
    if (type == "notify.scene") return scene_problem(payload);
    if (type == "notify.dims") return dims_problem(payload);
    if (type == "notify.camera") return camera_problem(frame);
    if (type == "session.welcome") return welcome_problem(frame);
    if (type == "ack.state") return ack_problem(payload);
    if (type == "notify.level") {
      return object({{"current_level", count}, {"mode", mode()}, optional("levels", levels())})(payload);
    }
    if (type == "notify.layers") {
      if (!payload.find("layer") && !payload.find("removed")) return "neither layer nor removed";
      return object(
          {{"layer_id", full_text}, optional("layer", layer_block(true)), optional("removed", exactly(true))})(payload);
    }
    if (type == "notify.stream") {
      return object({{"codec", exactly("h264")},
                     {"format", exactly("avcc")},
                     {"fps", number},
                     {"frame_size", list(count, 2)},
                     {"nal_length_size", exactly(4)},
                     {"avcc", full_text},
                     {"latency_policy", object({{"max_buffer_ms", number}, {"grace_keyframe_ms", number}})},
                     optional("vt_hint", any)})(payload);
    }
    if (type == "notify.error") {
      return object({{"domain", full_text},
                     {"code", full_text},
                     {"message", full_text},
                     {"severity", word({"info", "warning", "critical"})},
                     optional("context", mapping)})(payload);
    }
    if (type == "session.goodbye") {
      return object({optional("code", text), optional("message", text), optional("reason", text)})(payload);
    }
    if (type == "session.reject") {
      return object({{"code", full_text}, {"message", full_text}, optional("details", mapping)})(payload);
    }
    if (type == "session.heartbeat" || type == "session.ack") return object({})(payload);
    if (type == "reply.command") {
      return object({{"in_reply_to", full_text}, {"status", exactly("ok")}, optional("result", any)})(payload);
    }
    return object({{"in_reply_to", full_text},
                   {"status", exactly("error")},
                   {"code", full_text},
                   {"message", full_text},
                   optional("details", mapping)})(payload);
  }

  /// Cursors of a topic rise by one with each live frame, stay in a baseline, and begin again in a new epoch, which a
  /// scene announces.
  std::string cursor_problem(const std::string& type, const Json& frame) {
    if (type == "notify.scene") {
      fresh_ = {"notify.level", "notify.layers", "notify.stream"};
      return "";
    }
    const Json* seq = frame.find("seq");
    if (!seq) return "";
    const std::int64_t now = int_of(*seq);
    const auto [entry, is_first] = cursors_.try_emplace(type, now);
    const std::int64_t last = entry->second;
    // A baseline's layers carry one seq, one frame each, and only the last of them a token that a resume knows.
    const bool same = last == now;
    const bool may_restart = fresh_.contains(type);
    if (!same) fresh_.erase(type);
    if (!is_first && !same && now != last + 1 && !may_restart) return fmt::format("seq {} after {}", now, last);
    entry->second = now;
    return "";
  }

  std::map<std::string, std::int64_t> cursors_;
  std::set<std::string> fresh_;  ///< topics that the last scene may have begun anew
};

}  // namespace ndcast::session::testing
