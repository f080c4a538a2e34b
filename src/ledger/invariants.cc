#include "ledger/invariants.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace ndcast::ledger {
namespace {

using namespace scene;
using Violation = std::optional<std::string>;

/// The registers as the transaction would leave them, without copying them.
class After {
 public:
  After(const Registers& registers, const Transaction& transaction) : registers_(registers) {
    for (const Change& change : transaction.changes) overlay_[change.id] = &change.value;
  }

  /// Null when the register would not exist.
  const Value* find(const RegisterId& id) const {
    if (const auto it = overlay_.find(id); it != overlay_.end()) {
      return std::holds_alternative<Gone>(*it->second) ? nullptr : it->second;
    }
    const auto it = registers_.find(id);
    return it == registers_.end() ? nullptr : &it->second.value;
  }
  template <class T>
  const T* get(Scope scope, const std::string& target, Key key, const std::string& view = {}) const {
    const Value* value = find({scope, target, key, view});
    return value ? std::get_if<T>(value) : nullptr;
  }

 private:
  const Registers& registers_;
  std::map<RegisterId, const Value*> overlay_;
};

/// Scopes of which a room has one target, "main".
bool is_the_rooms(Scope scope) { return scope == Scope::Scene || scope == Scope::Axes || scope == Scope::Settings; }

bool is_view_scope(Scope scope) { return !is_the_rooms(scope) && scope != Scope::Layer && scope != Scope::Dims; }

/// A view goes with all that is its own.
Violation check_gone(const After& after, const std::string& view, const AxesSpec* axes) {
  if (!axes) return std::nullopt;
  for (const Axis& axis : axes->axes) {
    for (const KeySpec& spec : key_table()) {
      if (spec.scope != Scope::Dims || !after.find({Scope::Dims, axis.label, spec.key, view})) continue;
      return fmt::format("view {} would go and leave its {} of {}", view, spec.name, axis.label);
    }
  }
  return std::nullopt;
}

Violation check_types(const Transaction& transaction) {
  for (const Change& change : transaction.changes) {
    const RegisterId& id = change.id;
    const KeySpec& spec = spec_of(id.scope, id.key);
    if (id.target.empty() || (id.scope == Scope::Dims) != !id.view.empty()) {
      return fmt::format("{}/{}/{}: malformed register id", to_string(id.scope), id.target, spec.name);
    }
    if (is_the_rooms(id.scope) && id.target != "main") {
      return fmt::format("{}/{}/{}: there is only {}/main", to_string(id.scope), id.target, spec.name,
                         to_string(id.scope));
    }
    if (std::holds_alternative<Gone>(change.value)) {
      if (is_the_rooms(id.scope)) {
        return fmt::format("{}/{}/{} cannot be removed", to_string(id.scope), id.target, spec.name);
      }
    } else if (!holds(change.value, spec.type)) {
      return fmt::format("{}/{}/{}: a value of another type", to_string(id.scope), id.target, spec.name);
    }
  }
  return std::nullopt;
}

/// Whether registers come or go; a value that takes another's place leaves whole what was whole.
bool moves_registers(const Registers& registers, const Transaction& transaction) {
  return std::ranges::any_of(transaction.changes, [&](const Change& change) {
    return std::holds_alternative<Gone>(change.value) || !registers.contains(change.id);
  });
}

/// All keys of the scopes that `belongs` names exist for `target`, or none does.
template <class Predicate>
Violation check_all_or_none(const After& after, const std::string& target, Predicate belongs, std::string_view what) {
  int present = 0;
  int total = 0;
  for (const KeySpec& spec : key_table()) {
    if (!belongs(spec.scope)) continue;
    ++total;
    if (after.find({spec.scope, target, spec.key, {}})) ++present;
  }
  if (present == 0 || present == total) return std::nullopt;
  return fmt::format("{} {} would have {} of its {} registers", what, target, present, total);
}

Violation check_order(const After& after, const std::string& view, const AxesSpec& axes) {
  const auto* order = after.get<std::vector<std::int64_t>>(Scope::View, view, Key::Order);
  const auto* ndisplay = after.get<std::int64_t>(Scope::View, view, Key::Ndisplay);
  std::vector<std::int64_t> sorted = *order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<std::int64_t>(i)) return fmt::format("view {}: order is not a permutation", view);
  }
  if (sorted.size() != axes.axes.size()) {
    return fmt::format("view {}: order has {} entries for {} axes", view, sorted.size(), axes.axes.size());
  }
  if ((*ndisplay != 2 && *ndisplay != 3) || *ndisplay > static_cast<std::int64_t>(sorted.size())) {
    return fmt::format("view {}: ndisplay {} of {} axes", view, *ndisplay, sorted.size());
  }
  return std::nullopt;
}

/// Every register of an axis is there.
Violation check_axis(const After& after, const std::string& view, const Axis& axis) {
  for (const KeySpec& spec : key_table()) {
    if (spec.scope != Scope::Dims || after.find({Scope::Dims, axis.label, spec.key, view})) continue;
    return fmt::format("view {}: axis {} has no {}", view, axis.label, spec.name);
  }
  return std::nullopt;
}

/// Scale and translation of a layer have one number an axis, or none.
Violation check_placement(const After& after, const std::string& layer, const AxesSpec& axes) {
  for (const Key key : {Key::Scale, Key::Translate}) {
    const auto* numbers = after.get<std::vector<double>>(Scope::Layer, layer, key);
    if (!numbers || numbers->empty()) continue;
    if (numbers->size() != axes.axes.size()) {
      return fmt::format("layer {}: {} has {} numbers for {} axes", layer, spec_of(Scope::Layer, key).name,
                         numbers->size(), axes.axes.size());
    }
    if (key == Key::Scale && std::ranges::find(*numbers, 0.0) != numbers->end()) {
      return fmt::format("layer {}: a scale of 0", layer);
    }
  }
  return std::nullopt;
}

/// Of an axis that has all its registers.
Violation check_index(const After& after, const std::string& view, const Axis& axis) {
  const std::int64_t index = *after.get<std::int64_t>(Scope::Dims, axis.label, Key::Index, view);
  if (index < 0 || index >= axis.size) {
    return fmt::format("view {}: index {} of axis {} is outside [0, {})", view, index, axis.label, axis.size);
  }
  return std::nullopt;
}

/// A dims register that changes, or goes: what it belongs to is whole afterwards, or gone with it.
Violation check_dims(const After& after, const Change& change, const AxesSpec* axes) {
  const RegisterId& id = change.id;
  const auto axis = axes ? std::ranges::find(axes->axes, id.target, &Axis::label) : std::vector<Axis>::const_iterator();
  const bool is_axis = axes && axis != axes->axes.end();
  const bool is_view = after.find({Scope::View, id.view, Key::Ndisplay, {}}) != nullptr;
  if (!is_axis || !is_view) {
    if (std::holds_alternative<Gone>(change.value)) return std::nullopt;
    return is_axis ? fmt::format("axis {} of {}, which is no view", id.target, id.view)
                   : fmt::format("an index of {}, which is no axis", id.target);
  }
  if (Violation found = check_axis(after, id.view, *axis)) return found;
  return check_index(after, id.view, *axis);
}

template <class Restore, class Pose>
bool matches_cache(const After& after, const std::string& view, const AxesSpec& axes, Key mode) {
  const auto* cache = after.get<Restore>(Scope::RestoreCache, view, mode);
  const auto* pose = after.get<Pose>(Scope::Camera, view, mode);
  const auto* shown = after.get<LodShown>(Scope::Lod, view, Key::Shown);
  if (cache->pose != *pose || cache->level != shown->level || cache->index.size() != axes.axes.size()) return false;
  for (std::size_t i = 0; i < axes.axes.size(); ++i) {
    if (cache->index[i] != *after.get<std::int64_t>(Scope::Dims, axes.axes[i].label, Key::Index, view)) return false;
  }
  return true;
}

Violation check_toggle(const After& after, const std::string& view, const AxesSpec& axes) {
  const bool is_volume = *after.get<std::int64_t>(Scope::View, view, Key::Ndisplay) == 3;
  const bool holds_cache = is_volume ? matches_cache<VolumeRestore, VolumePose>(after, view, axes, Key::Volume)
                                     : matches_cache<PlaneRestore, PlanePose>(after, view, axes, Key::Plane);
  if (holds_cache) return std::nullopt;
  return fmt::format("view {}: a toggle must leave lod, index and camera as the entered mode's restore cache says",
                     view);
}

}  // namespace

Violation find_violation(const Registers& registers, const Transaction& transaction) {
  if (Violation found = check_types(transaction)) return found;
  const After after(registers, transaction);
  const auto* axes = after.get<AxesSpec>(Scope::Axes, "main", Key::Spec);

  std::set<std::string> layers;
  std::set<std::string> views;
  std::set<std::string> reshaped;  // views whose axes, order or mode change
  bool axes_change = false;
  bool settings_change = false;
  for (const Change& change : transaction.changes) {
    if (change.id.scope == Scope::Layer) layers.insert(change.id.target);
    if (change.id.scope == Scope::Axes) axes_change = true;
    if (change.id.scope == Scope::Settings) settings_change = true;
    if (change.id.scope == Scope::View) reshaped.insert(change.id.target);
    if (is_view_scope(change.id.scope)) views.insert(change.id.target);
  }
  if (axes_change) {
    for (const auto& [id, entry] : registers) {
      if (id.scope == Scope::View && id.key == Key::Ndisplay) reshaped.insert(id.target);
    }
  }
  const bool moves = moves_registers(registers, transaction);
  for (const std::string& layer : layers) {
    if (!moves) break;
    if (Violation found = check_all_or_none(after, layer, [](Scope s) { return s == Scope::Layer; }, "layer"))
      return found;
  }
  for (const std::string& view : views) {
    if (!moves) break;
    if (Violation found = check_all_or_none(after, view, is_view_scope, "view")) return found;
    if (after.find({Scope::View, view, Key::Ndisplay, {}})) continue;
    if (Violation found = check_gone(after, view, axes)) return found;
  }
  for (const std::string& view : reshaped) {
    if (!after.find({Scope::View, view, Key::Ndisplay, {}})) continue;
    if (!axes) return fmt::format("view {} without axes", view);
    if (Violation found = check_order(after, view, *axes)) return found;
    for (const Axis& axis : axes->axes) {
      if (Violation found = check_axis(after, view, axis)) return found;
      if (Violation found = check_index(after, view, axis)) return found;
    }
  }
  for (const std::string& layer : layers) {
    if (!axes) return fmt::format("layer {} without axes", layer);
    if (Violation found = check_placement(after, layer, *axes)) return found;
  }
  if (settings_change && moves) {
    const auto is_settings = [](Scope scope) { return scope == Scope::Settings; };
    if (Violation found = check_all_or_none(after, "main", is_settings, "settings")) return found;
  }
  for (const Change& change : transaction.changes) {
    if (change.id.scope != Scope::Dims) continue;
    if (Violation found = check_dims(after, change, axes)) return found;
  }
  if (transaction.opens == OpKind::ViewToggle) return check_toggle(after, transaction.view.value, *axes);
  return std::nullopt;
}

}  // namespace ndcast::ledger
