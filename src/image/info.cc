#include "image/info.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "image/address.h"
#include "image/collection.h"
#include "image/consolidated.h"
#include "image/named_children.h"
#include "image/ome_metadata.h"
#include "image/stats.h"

namespace ndcast::image {
namespace {

/// plate / row / column / field / level, labels / name / level: seven; twice that is no image any more.
constexpr int kMaxDepth = 16;

Json exact_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

/// JSON numbers are exact to 2^53.
template <class Int>
Json exact_number(Int value) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const bool fits = std::cmp_less_equal(value, kExact) && std::cmp_greater_equal(value, -kExact);
  return fits ? Json(value) : Json(std::to_string(value));
}

Json scalar_json(const std::optional<Scalar>& value) {
  if (!value) return nullptr;
  return std::visit([](auto number) { return exact_number(number); }, *value);
}

Json fill_json(const ZarrArray& array) {
  return visit_dtype(array.dtype(), [&](auto value) -> Json {
    std::memcpy(&value, array.fill_bytes().data(), sizeof value);
    if constexpr (std::is_integral_v<decltype(value)>) return exact_number(value);
    return exact_number(static_cast<double>(value));
  });
}

Json axes_json(const std::vector<ImageAxis>& axes) {
  Json out = Json::make_array();
  for (const ImageAxis& axis : axes) {
    Json entry = Json::make_object({{"name", axis.name}, {"type", to_string(axis.type)}});
    if (!axis.unit.empty()) entry.set("unit", axis.unit);
    out.push_back(std::move(entry));
  }
  return out;
}

Json numbers_json(const std::vector<double>& numbers) {
  Json out = Json::make_array();
  for (const double number : numbers) out.push_back(exact_number(number));
  return out;
}

/// An array's place in a multiscale.
struct LevelPlace {
  std::vector<ImageAxis> axes;
  Transform transform;
};

class Walk {
 public:
  Walk(std::shared_ptr<const Store> store, std::string prefix, bool with_stats)
      : store_(std::move(store)), prefix_(std::move(prefix)), with_stats_(with_stats) {}

  Result<void> visit(const std::string& key, int depth) {
    if (++nodes_ > limits::kHierarchyNodes) {
      return fail(ErrorCode::Limit, "{}: more than {} directories", store_->describe(), limits::kHierarchyNodes);
    }
    auto node = read_node(*store_, key);
    if (!node) {
      add_error(key, node.error());
      return {};
    }
    if (node->kind == Node::Kind::Array) {
      add_array(key);
      return {};
    }
    note_levels(key, *node);
    if (depth == kMaxDepth) return {};
    const auto children = store_->list(key, limits::kHierarchyNodes);
    if (!children && children.error().code == ErrorCode::Unsupported) return visit_named(key, *node, depth);
    if (!children) return std::unexpected(children.error());
    for (const StoreEntry& child : *children) {
      if (child.is_directory) ND_TRY(visit(join_key(key, child.name), depth + 1));
    }
    return {};
  }

  Json take() && {
    Json arrays = Json::make_array();
    for (auto& [path, entry] : arrays_) arrays.push_back(std::move(entry));
    return Json::make_object({{"arrays", std::move(arrays)}});
  }

 private:
  /// As people write it, relative to where the walk began.
  std::string shown(const std::string& key) const {
    if (key == prefix_) return "/";
    return prefix_.empty() ? key : key.substr(prefix_.size() + 1);
  }

  void add_error(const std::string& key, const Error& error) {
    const std::string path = shown(key);
    arrays_[path] = Json::make_object({{"path", path}, {"error", error.message}});
  }

  /// In a store that cannot list: what the metadata names.
  Result<void> visit_named(const std::string& key, const Node& node, int depth) {
    for (const std::string& child : named_children(*store_, key, node)) {
      if (visited_.insert(child).second) ND_TRY(visit(child, depth + 1));
    }
    return {};
  }

  void note_levels(const std::string& key, const Node& node) {
    const auto multiscale = parse_multiscale(node);
    if (!multiscale || !*multiscale) return;  // what it lists is still shown, without a place
    for (const MultiscaleLevel& level : (*multiscale)->levels) {
      const std::size_t ndim = (*multiscale)->axes.size();
      if (ndim == 0 || !level.scale) continue;
      places_[join_key(key, level.path)] = {(*multiscale)->axes,
                                            join_transforms(**multiscale, level, std::vector<double>(ndim, 1))};
    }
  }

  void add_array(const std::string& key) {
    auto array = open_array(store_, key);
    if (!array) return add_error(key, array.error());
    auto entry = describe(**array);
    if (!entry) return add_error(key, entry.error());
    arrays_[shown(key)] = *std::move(entry);
  }

  Result<Json> describe(const ZarrArray& array) const {
    Json out = Json::make_object({{"path", shown(array.path())},
                                  {"shape", Json::list(array.shape())},
                                  {"dtype", to_string(array.dtype())},
                                  {"chunks", Json::list(array.chunk_shape())}});
    if (!std::ranges::equal(array.object_shape(), array.chunk_shape())) {
      out.set("shards", Json::list(array.object_shape()));
    }
    out.set("codecs", Json::list(array.codec_names()));
    out.set("fill_value", fill_json(array));
    out.set("zarr_format", array.zarr_format());
    if (!array.warnings().empty()) out.set("warnings", Json::list(array.warnings()));
    if (const auto place = places_.find(array.path());
        place != places_.end() && place->second.axes.size() == array.shape().size()) {
      out.set("axes", axes_json(place->second.axes));
      out.set("scale", numbers_json(place->second.transform.scale));
      out.set("translation", numbers_json(place->second.transform.translation));
    }
    if (with_stats_) {
      ND_ASSIGN(const ArrayStats stats, compute_stats(array));
      out.set("min", scalar_json(stats.min));
      out.set("max", scalar_json(stats.max));
      out.set("mean", stats.mean ? exact_number(*stats.mean) : Json());
      if (stats.nan_count > 0) out.set("nan", exact_number(stats.nan_count));
      out.set("sha256", stats.sha256);
    }
    return out;
  }

  std::shared_ptr<const Store> store_;
  std::string prefix_;
  bool with_stats_;
  std::size_t nodes_ = 0;
  std::map<std::string, Json> arrays_;  ///< by path
  std::map<std::string, LevelPlace> places_;
  std::set<std::string> visited_;  ///< of those that metadata named
};

}  // namespace

Result<Json> info_json(const std::shared_ptr<const Store>& store, std::string_view prefix, bool with_stats) {
  const std::string key(prefix);
  Walk walk(with_consolidated(store, key), key, with_stats);
  ND_TRY(walk.visit(key, 0));
  return std::move(walk).take();
}

Result<Json> info_json(std::string_view uri_or_path, const InfoOptions& options) {
  const auto [named, fragment] = split_fragment(uri_or_path);
  ND_ASSIGN(const ImageChoice choice, parse_choice(fragment));
  ND_ASSIGN(const Place place, open_store(named, options.access));
  return info_json(place.store, join_key(place.key, choice.path), options.with_stats);
}

}  // namespace ndcast::image
