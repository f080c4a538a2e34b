#include "tests/sim/judge.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "session/testing.h"
#include "tests/sim/names.h"

namespace ndcast::sim {

using scene::kMainView;
using scene::ViewId;
using session::testing::at;
using session::testing::text_at;

Verdict Judge::hear(const Id& id, const std::string& text, const Newcomer& newcomer) {
  const Result<Json> frame = parse_json(text);
  const std::string type = frame ? text_at(*frame, {"type"}) : "";
  const Heard heard{id, text, frame ? *frame : Json(), frame ? at(*frame, {"payload"}) : Json()};
  if (type == "session.hello") {
    hear_hello(heard, newcomer);
  } else if (!models_.views.find(id)) {
    run(heard);  // its session is over
  } else if (type == "state.update") {
    return hear_update(heard);
  } else if (type == "call.command") {
    return hear_call(heard);
  } else if (type == "nd.presence") {
    hear_pointing(heard);
  } else {
    run(heard);
  }
  return {};
}

void Judge::hear_hello(const Heard& heard, const Newcomer& newcomer) {
  const Json asked = at(heard.frame, {"nd", "view"});
  const ViewId view = meant_view(asked.is_string() ? asked.string() : "main", kMainView);
  run(heard);
  const bool is_in = hub_.bound_view(heard.id).has_value();
  if (is_in != is_there(view))
    fail(fmt::format("WP23: a hello for view {} was {}", view.value, is_in ? "taken" : "refused"));
  if (!is_in) return void(++tally_["view/gone at the hello"]);
  if (view != kMainView) ++tally_["view/came back"];
  models_.views.enter(heard.id, {.actor = newcomer.actor,
                                 .role = newcomer.role,
                                 .since = newcomer.since,
                                 .home = view,
                                 .sees = view,
                                 .follows = {},
                                 .cursor = {}});
}

void Judge::hear_pointing(const Heard& heard) {
  run(heard);
  const Json cursor = at(heard.payload, {"cursor"});
  const std::size_t axes = room_.ledger().snapshot()->axes->axes.size();
  ++tally_["frame/nd.presence"];
  if (cursor.size() == 0) return models_.views.point(heard.id, std::nullopt);
  if (cursor.size() == axes) models_.views.point(heard.id, cursor);
}

// --- updates --------------------------------------------------------------------------------------------------------

namespace {

bool moves_a_view(std::string_view scope) {
  return scope == "view" || scope == "dims" || scope == "camera" || scope == "multiscale";
}

}  // namespace

ViewId Judge::target_of(const Heard& heard) const {
  const ViewId& sees = person(heard).sees;
  std::string target = text_at(heard.payload, {"target"});
  if (text_at(heard.payload, {"scope"}) != "dims") return meant_view(target, sees);
  const std::size_t slash = target.find('/');
  if (slash == std::string::npos) return sees;
  return meant_view(target.substr(0, slash), sees);
}

Verdict Judge::hear_update(const Heard& heard) {
  const std::string frame_id = text_at(heard.frame, {"frame_id"});
  const bool is_again = std::exchange(models_.last_update[heard.id], frame_id) == frame_id;
  const ViewsModel::Person before = person(heard);
  const std::string scope = text_at(heard.payload, {"scope"});
  const ViewId target = target_of(heard);
  const bool is_viewer = before.role == auth::Role::Viewer;
  const bool may = !is_viewer || (moves_a_view(scope) && is_there(target) && models_.views.owns(heard.id, target));
  const std::uint64_t refused = hub_.stats().refused_updates;
  run(heard);
  if (is_again) return {};
  const bool accepted = hub_.stats().refused_updates == refused;
  if (!may) ++tally_["role/an update is refused"];
  if (!may && accepted) fail(fmt::format("WP1: a viewer's {} was accepted", to_string(heard.payload)));
  if (accepted && is_viewer) ++tally_["role/a viewer moves its own view"];
  const bool is_move = moves_a_view(scope) && text_at(heard.payload, {"key"}) != "canvas" && target == before.sees;
  if (accepted && is_move && before.goes_along()) leave_by_moving(heard);
  if (accepted) return Verdict::accepted();
  Verdict verdict = Verdict::refused("");
  if (may) verdict.not_code = "state.forbidden";
  return verdict;
}

void Judge::leave_by_moving(const Heard& heard) {
  if (!person(heard).is_away()) return models_.views.go_home(heard.id);
  ++tally_["view/left by moving"];
  if (!models_.views.needs_fork_to_move(heard.id)) return models_.views.go_home(heard.id);
  const ViewId born = newborn();
  if (born == kMainView) return fail("WP32: a follower moved and was given no view of its own");
  models_.views.fork(heard.id, born, "");
}

ViewId Judge::newborn() {
  for (const auto& [id, view] : room_.ledger().snapshot()->views) {
    if (!is_there(id)) return id;
  }
  return kMainView;
}

}  // namespace ndcast::sim
