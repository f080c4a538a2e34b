#include "tests/sim/rest_checks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocol/original.h"
#include "protocol/values.h"
#include "session/testing.h"
#include "tests/sim/names.h"

namespace ndcast::sim {
namespace {

using session::testing::at;

int levels_of(const scene::SceneSnapshot& snapshot) {
  std::size_t levels = 1;
  for (const auto& layer : snapshot.layers) levels = std::max(levels, layer->meta.levels.size());
  return static_cast<int>(levels);
}

/// Of the level that the view shows and of those that its modes return to.
int coarsest_of(const scene::ViewState& view) {
  return std::max({view.lod->shown.level, view.plane_restore->level, view.volume_restore->level});
}

class RestChecks {
 public:
  RestChecks(SimServer& server, Violations& violations)
      : ledger_(server.ledger()), models_(server.models()), stand_(server.stand()), violations_(violations) {}

  void check_views() {
    const scene::SnapshotPtr snapshot = ledger_.snapshot();
    for (const auto& [id, view] : snapshot->views) {
      if (view.op->state == scene::OpState::Open) violations_.add("WP13: an op of view " + id.value + " never ended");
      if (coarsest_of(view) >= levels_of(*snapshot))
        violations_.add(fmt::format("WP13: view {} shows or keeps a level that the image has not", id.value));
      const RenderStand::Newest* newest = stand_.newest(id);
      if (!newest) continue;
      if (newest->plane && view.camera->plane != *newest->plane)
        violations_.add(fmt::format("WP11: the plane pose of view {} is not the newest minted or put there", id.value));
      if (newest->volume && view.camera->volume != *newest->volume)
        violations_.add(
            fmt::format("WP11: the volume pose of view {} is not the newest minted or put there", id.value));
    }
  }

  void check(const NativePlayer& player, const session::SessionId& id) {
    const ViewsModel::Person* person = models_.views.find(id);
    if (!person || player.view() != person->sees || player.binding() != person->binding) {
      return violations_.add(fmt::format("WP32: at rest a client shows view {}, should show {}", player.view().value,
                                         person ? person->sees.value : "none"));
    }
    const NativePlayer::Picture& truth = printed(player.view());
    for (const auto& [name, value] : truth) {
      const auto shown = player.picture().find(name);
      if (shown == player.picture().end() || shown->second != value) {
        violations_.add(fmt::format("at rest {} is {} for a client, {} in the ledger", name,
                                    shown == player.picture().end() ? "absent" : shown->second, value));
      }
    }
    for (const auto& [name, value] : player.picture()) {
      if (!truth.contains(name))
        violations_.add(fmt::format("at rest a client knows {} ({}), which the ledger does not", name, value));
    }
    if (player.unanswered() > 0)
      violations_.add(fmt::format("WP8: {} frames of a client were never answered", player.unanswered()));
    check_people(player);
  }

  void check(const OriginalPlayer& player) {
    const scene::SnapshotPtr snapshot = ledger_.snapshot();
    differ("dims", player.dims(), protocol::dims_payload(*snapshot, scene::kMainView));
    differ("level", player.level(), protocol::level_payload(*snapshot, scene::kMainView));
    differ("pose", player.pose(), protocol::camera_pose_payload(*snapshot->find_view(scene::kMainView)));
    if (player.unanswered() > 0) violations_.add("WP8: an original client's update was never answered");
    const auto versions = [](const scene::LayerId&, scene::Key) { return std::uint64_t{0}; };
    for (const auto& layer : snapshot->layers) {
      const Json payload = protocol::layers_payload(*snapshot, scene::kMainView, *layer, versions);
      check_layer(player, layer->id.value, at(payload, {"layer", "controls"}));
    }
  }

 private:
  /// The ledger as a client that sees `view` has to show it.
  const NativePlayer::Picture& printed(const scene::ViewId& view) {
    auto [it, is_new] = printed_.try_emplace(view);
    if (!is_new) return it->second;
    for (const auto& [id, held] : ledger_.registers()) {
      it->second[told_name(id, view)] = fmt::format("{}:{}", held.version, to_string(protocol::to_json(held.value)));
    }
    return it->second;
  }

  void check_people(const NativePlayer& player) {
    const auto& people = models_.views.people();
    if (player.people().size() != people.size()) {
      violations_.add(
          fmt::format("WP14: a client knows of {} people, {} are here", player.people().size(), people.size()));
    }
    for (const auto& [id, who] : people) {
      Json truth = Json::make_object({{"session", id.value},
                                      {"actor", who.actor},
                                      {"kind", "human"},
                                      {"role", to_string(who.role)},
                                      {"view", who.sees.value},
                                      {"follows", who.goes_along()}});
      const auto known = player.people().find(id.value);
      if (known == player.people().end()) continue;
      truth.set("color", at(known->second, {"color"}));
      if (who.cursor) truth.set("cursor", *who.cursor);
      if (known->second != truth) {
        violations_.add(
            fmt::format("WP14: a client was told {}, should know {}", to_string(known->second), to_string(truth)));
      }
    }
  }

  void check_layer(const OriginalPlayer& player, const std::string& layer, const Json& controls) {
    const auto shown = player.layers().find(layer);
    for (const auto& [key, value] : controls.object()) {
      const bool same =
          shown != player.layers().end() && shown->second.contains(key) && shown->second.at(key) == to_string(value);
      if (!same)
        violations_.add(fmt::format("at rest an original client's {} {} is not {}", layer, key, to_string(value)));
    }
  }

  void differ(std::string_view what, const Json& shown, const Json& truth) {
    if (shown == truth) return;
    violations_.add(fmt::format("at rest an original client's {} is {}, should be {}", what,
                                to_string(shown).substr(0, 300), to_string(truth).substr(0, 300)));
  }

  ledger::Ledger& ledger_;
  const Models& models_;
  const RenderStand& stand_;
  Violations& violations_;
  std::map<scene::ViewId, NativePlayer::Picture> printed_;
};

}  // namespace

void check_at_rest(SimServer& server, const std::vector<Seat>& seats, Violations& violations) {
  RestChecks checks(server, violations);
  checks.check_views();
  for (const Seat& seat : seats) {
    if (!seat.is_live()) {
      violations.add("a client that could connect is not live at rest");
    } else if (seat.native) {
      checks.check(*seat.native, seat.id);
    } else {
      checks.check(*seat.original);
    }
  }
}

}  // namespace ndcast::sim
