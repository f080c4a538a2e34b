#include "tests/sim/intents.h"

#include <map>

#include "base/check.h"
#include "protocol/capabilities.h"

namespace ndcast::sim {
namespace {

Json pair_of(double a, double b) { return Json::make_array({a, b}); }

Json draw_camera(const std::string& key, const Dice& pick) {
  const double step = pick(40) - 20;
  if (key == "zoom") {
    return Json::make_object({{"factor", 0.5 + 0.1 * pick(10)}, {"anchor_px", pair_of(pick(1280), pick(720))}});
  }
  if (key == "pan") return Json::make_object({{"dx_px", step}, {"dy_px", -step}});
  if (key == "orbit") return Json::make_object({{"d_az_deg", step}, {"d_el_deg", step / 4}});
  if (key == "set") return Json::make_object({{"center", pair_of(pick(60), pick(50))}});
  return Json::make_object({{"reason", "home"}});
}

/// Values by type, for the keys that need no more care than that.
Json draw_by_type(const protocol::KeyCapability& key, const Dice& pick) {
  if (key.words) return key.words->at(static_cast<std::size_t>(pick(static_cast<int>(key.words->size()))));
  if (key.type == "boolean") return pick(2) == 0;
  if (key.type == "integer") return pick(60) - 5;
  if (key.type == "number") return 0.05 * pick(40);
  if (key.type == "integer|null") return pick(3) == 0 ? Json(nullptr) : Json(pick(4));
  if (key.type == "number[2]") return pair_of(pick(900), 1000 + pick(3000));
  if (key.type == "string") return "name " + std::to_string(pick(5));
  return nullptr;
}

Json draw_value(const protocol::KeyCapability& key, const Dice& pick) {
  if (key.scope == "camera") return draw_camera(std::string(key.key), pick);
  if (key.key == "ndisplay") return 2 + pick(2);
  if (key.key == "order") {
    static const std::vector<std::vector<int>> kOrders = {{0, 1, 2, 3}, {0, 3, 2, 1}, {0, 2, 1, 3}, {0, 1, 1, 3}};
    return Json::list(kOrders[static_cast<std::size_t>(pick(4))]);
  }
  if (key.key == "canvas") return Json::make_object({{"width", 320 + pick(5) * 64}, {"height", 240}, {"dpr", 1.0}});
  if (key.key == "colormap") return pick(2) == 0 ? "viridis" : "gray";
  return draw_by_type(key, pick);
}

std::string draw_target(const std::string& scope, const std::vector<std::string>& others, const Dice& pick) {
  if (scope == "layer") return "layer-" + std::to_string(pick(2));
  const bool is_a_views = scope != "settings" && scope != "volume";
  const bool is_others = is_a_views && !others.empty() && pick(6) == 0;
  std::string view = is_others ? others[static_cast<std::size_t>(pick(static_cast<int>(others.size())))] : "main";
  if (scope != "dims") return view;
  const std::string axis =
      pick(12) == 0 ? "nowhere" : std::vector<std::string>{"t", "z", "y"}[static_cast<std::size_t>(pick(3))];
  return is_others ? view + "/" + axis : axis;
}

const std::vector<protocol::KeyCapability>& keys() {
  static const std::vector<protocol::KeyCapability> all = protocol::make_capabilities({}, {}).keys;
  return all;
}

}  // namespace

std::vector<std::string> wish_names() {
  std::vector<std::string> names;
  for (const protocol::KeyCapability& key : keys())
    names.push_back(std::string(key.scope) + "/" + std::string(key.key));
  return names;
}

Wish draw_wish(const std::vector<std::string>& others, const Dice& pick) {
  const protocol::KeyCapability& key = keys()[static_cast<std::size_t>(pick(static_cast<int>(keys().size())))];
  const std::string scope(key.scope);
  return {scope, draw_target(scope, others, pick), std::string(key.key), draw_value(key, pick)};
}

}  // namespace ndcast::sim
