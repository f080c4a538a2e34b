#include "reduce/restored.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "base/limits.h"
#include "reduce/normalise.h"

namespace ndcast::reduce {
namespace {

using namespace scene;
using Misfit = std::optional<std::string>;

/// Real pyramids have under 20 levels.
constexpr int kMostLevels = 64;

template <class T>
bool all_finite(const T& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

Misfit judge(const RegisterId&, const auto&) { return std::nullopt; }

Misfit judge(const RegisterId& id, std::int64_t value) {
  if (id.key == Key::Ndisplay && value != 2 && value != 3) return fmt::format("ndisplay {}: expected 2 or 3", value);
  if (value < 0) return fmt::format("{}: expected 0 or more", value);
  return std::nullopt;
}
Misfit judge(const RegisterId&, const std::optional<std::int64_t>& level) {
  if (level && (*level < 0 || *level >= kMostLevels)) return fmt::format("level {}", *level);
  return std::nullopt;
}
Misfit judge(const RegisterId&, const Canvas& canvas) {
  const auto fits = [](int size, int most) { return size >= limits::kCanvasMin && size <= most && size % 2 == 0; };
  if (fits(canvas.width, limits::kCanvasMaxWidth) && fits(canvas.height, limits::kCanvasMaxHeight) &&
      std::isfinite(canvas.dpr) && canvas.dpr > 0) {
    return std::nullopt;
  }
  return fmt::format("canvas {}x{} at {}", canvas.width, canvas.height, canvas.dpr);
}
Misfit judge(const RegisterId&, const PlanePose& pose) {
  if (all_finite(pose.rect) && all_finite(pose.center) && pose.rect[2] > 0 && pose.rect[3] > 0 &&
      std::isfinite(pose.zoom) && pose.zoom > 0) {
    return std::nullopt;
  }
  return "a pose without a size";
}
Misfit judge(const RegisterId&, const VolumePose& pose) {
  if (all_finite(pose.center) && all_finite(pose.angles) && std::isfinite(pose.distance) && pose.distance > 0 &&
      (pose.fov == 0 || (pose.fov > 0 && pose.fov < 180))) {
    return std::nullopt;
  }
  return "a pose without a distance or a field of view";
}
Misfit judge(const RegisterId&, const AxesSpec& spec) {
  if (spec.axes.size() < 2 || spec.axes.size() > limits::kDimensions) return fmt::format("{} axes", spec.axes.size());
  std::set<std::string> labels;
  for (const Axis& axis : spec.axes) {
    if (axis.label.empty() || axis.label.size() > limits::kNameBytes || !labels.insert(axis.label).second) {
      return "an axis without a label of its own";
    }
    if (axis.size < 1 || !std::isfinite(axis.start) || !std::isfinite(axis.step) || axis.step <= 0) {
      return fmt::format("axis {} of {} steps of {}", axis.label, axis.size, axis.step);
    }
  }
  return std::nullopt;
}
Misfit judge(const RegisterId&, const Source& source) {
  if (source.uri.size() > limits::kPathBytes || source.message.size() > limits::kPathBytes) return "too long a source";
  return std::nullopt;
}
Misfit judge(const RegisterId&, const LayerMeta& meta) {
  if (meta.levels.empty() || meta.levels.size() > kMostLevels) return fmt::format("{} levels", meta.levels.size());
  for (const LevelInfo& level : meta.levels) {
    if (level.shape.empty() || level.shape.size() != level.downsample.size() || std::ranges::min(level.shape) < 1 ||
        !all_finite(level.downsample) || std::ranges::min(level.downsample) <= 0) {
      return "a level without voxels";
    }
  }
  if (!all_finite(meta.data_range) || meta.data_range[0] > meta.data_range[1]) return "a data range that is none";
  return std::nullopt;
}
Misfit judge(const RegisterId&, const LodShown& shown) {
  if (shown.levels >= 1 && shown.levels <= kMostLevels && shown.level >= 0 && shown.level < shown.levels &&
      shown.wanted >= 0 && shown.wanted < shown.levels) {
    return std::nullopt;
  }
  return fmt::format("level {} of {}", shown.level, shown.levels);
}
template <class Pose>
Misfit judge(const RegisterId& id, const RestoreCache<Pose>& cache) {
  if (cache.level < 0 || cache.level >= kMostLevels) return fmt::format("level {}", cache.level);
  return judge(id, cache.pose);
}
Misfit judge(const RegisterId&, const Op& op) {
  if (op.seq > limits::kMaxServerSeq) return "an op number that is none";
  return std::nullopt;
}
Misfit judge(const RegisterId&, const ViewMeta& meta) {
  if (meta.name.size() <= limits::kNameBytes && meta.owner.size() <= limits::kNameBytes) return std::nullopt;
  return "too long a name of a view";
}
Misfit judge(const RegisterId&, const StreamConfig& config) {
  if (config.width < 0 || config.height < 0 || !std::isfinite(config.fps)) return "a stream without a size";
  return std::nullopt;
}

/// Keys that a reducer bounds by the key table alone.
bool is_bounded(const RegisterId& id) {
  if (!spec_of(id.scope, id.key).editable) return false;
  switch (id.key) {
    case Key::Ndisplay:
    case Key::Order:
    case Key::CanvasSize:
    case Key::Index:
    case Key::Level:
    case Key::LayerOrder:
      return false;
    default:
      return true;
  }
}

/// What the reducer makes of such a value is the value. Lists of one number an axis are counted by find_unsound().
Misfit judge_bounded(const RegisterId& id, const Value& value) {
  SceneSnapshot as_many_axes;
  AxesSpec axes;
  if (const auto* list = std::get_if<std::vector<double>>(&value)) axes.axes.resize(list->size());
  as_many_axes.axes = std::make_shared<const AxesSpec>(std::move(axes));
  const auto normal = normalise(spec_of(id.scope, id.key), value, as_many_axes);
  if (!normal) return normal.error().message;
  // A normal's length is 1 but for its last bits.
  const bool is_exact = !std::holds_alternative<std::vector<ClipPlane>>(value) &&
                        !std::holds_alternative<std::optional<LayerPlane>>(value);
  if (is_exact && *normal != value) return "a value that this server would have changed";
  return std::nullopt;
}

Misfit check_cache(const AxesSpec& axes, const std::vector<std::int64_t>& index, int level, int levels) {
  if (index.size() != axes.axes.size()) return "a restore cache of another number of axes";
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index[i] < 0 || index[i] >= axes.axes[i].size) {
      return fmt::format("a restore cache with {} {} of {}", axes.axes[i].label, index[i], axes.axes[i].size);
    }
  }
  if (level >= levels) return fmt::format("a restore cache of level {} of {}", level, levels);
  return std::nullopt;
}

}  // namespace

Misfit misfit(const RegisterId& id, const Value& value) {
  if (std::holds_alternative<Gone>(value)) return std::nullopt;
  if (is_bounded(id)) return judge_bounded(id, value);
  return std::visit([&](const auto& held) { return judge(id, held); }, value);
}

Misfit find_unsound(const SceneSnapshot& snapshot) {
  int levels = 1;
  for (const auto& layer : snapshot.layers) {
    levels = std::max(levels, static_cast<int>(layer->meta.levels.size()));
    for (const LevelInfo& level : layer->meta.levels) {
      if (level.shape.size() != snapshot.axes->axes.size()) {
        return fmt::format("layer {} has {} axes, the scene {}", layer->id.value, level.shape.size(),
                           snapshot.axes->axes.size());
      }
    }
    for (const auto& [name, list] :
         {std::pair("scale", &layer->controls.scale), std::pair("translate", &layer->controls.translate)}) {
      if (!list->empty() && list->size() != snapshot.axes->axes.size()) {
        return fmt::format("layer {} has a {} of {} numbers for {} axes", layer->id.value, name, list->size(),
                           snapshot.axes->axes.size());
      }
    }
  }
  for (const auto& [id, view] : snapshot.views) {
    for (const auto& [index, level] : {std::pair(view.plane_restore->index, view.plane_restore->level),
                                       std::pair(view.volume_restore->index, view.volume_restore->level)}) {
      if (Misfit found = check_cache(*snapshot.axes, index, level, levels)) {
        return fmt::format("view {}: {}", id.value, *found);
      }
    }
    if (view.lod->shown.levels > levels) {
      return fmt::format("view {} shows a level of {}, there are {}", id.value, view.lod->shown.levels, levels);
    }
    if (view.lod->locked && *view.lod->locked >= levels) {
      return fmt::format("view {} is locked to level {} of {}", id.value, *view.lod->locked, levels);
    }
  }
  return std::nullopt;
}

}  // namespace ndcast::reduce
