#include "image/image.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "base/thread_pool.h"
#include "image/collection.h"
#include "image/consolidated.h"
#include "image/ome_metadata.h"
#include "image/plate_store.h"

namespace ndcast::image {
namespace {

/// The last part of a path or key, without the endings of its formats.
std::string name_from(std::string_view uri) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  std::string_view name = uri.substr(uri.rfind('/') + 1);
  for (const std::string_view suffix : {".zip", ".ozx", ".zarr", ".ome"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return std::string(name);
}

std::vector<ImageAxis> default_axes(std::size_t ndim) {
  constexpr std::string_view kNames = "zyx";
  std::vector<ImageAxis> axes;
  for (std::size_t i = 0; i < ndim; ++i) {
    const std::size_t from_end = ndim - i;
    const std::string name =
        from_end <= kNames.size() ? std::string(1, kNames[kNames.size() - from_end]) : fmt::format("axis_{}", i);
    axes.push_back({name, guess_axis_type(name), ""});
  }
  return axes;
}

/// Names from the array (v3 dimension_names, xarray) where it has them.
std::vector<ImageAxis> axes_of_array(const ZarrArray& array) {
  std::vector<ImageAxis> axes = default_axes(array.shape().size());
  const std::vector<std::string>& names = array.dimension_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    axes[i] = {names[i], guess_axis_type(names[i]), ""};
  }
  return axes;
}

/// Axes of a multiscale that does not name them: OME-Zarr 0.1 and 0.2 are tczyx.
std::vector<ImageAxis> axes_before_0_3(const ZarrArray& finest) {
  if (finest.shape().size() != 5) return axes_of_array(finest);
  std::vector<ImageAxis> axes;
  for (const char name : std::string_view("tczyx")) {
    axes.push_back({std::string(1, name), guess_axis_type(std::string_view(&name, 1)), ""});
  }
  return axes;
}

Result<void> check_shape(const ZarrArray& array) {
  if (array.shape().size() < 2) {
    return fail(ErrorCode::Unsupported, "{}: an array of {} axes; an image needs at least 2", array.path(),
                array.shape().size());
  }
  if (std::ranges::find(array.shape(), 0) != array.shape().end()) {
    return fail(ErrorCode::Invalid, "{}: shape [{}] holds no voxel", array.path(), fmt::join(array.shape(), ", "));
  }
  return {};
}

double voxels(const ZarrArray& array) {
  return std::accumulate(array.shape().begin(), array.shape().end(), 1.0,
                         [](double product, std::int64_t extent) { return product * static_cast<double>(extent); });
}

/// What a level without a scale is taken to have: its shape's ratio to the finest in space, 1 elsewhere.
std::vector<double> scale_from_shapes(const ZarrArray& finest, const ZarrArray& level,
                                      const std::vector<ImageAxis>& axes) {
  std::vector<double> scale(axes.size(), 1.0);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (axes[axis].type != AxisType::Space) continue;
    scale[axis] = static_cast<double>(finest.shape()[axis]) / static_cast<double>(level.shape()[axis]);
  }
  return scale;
}

/// A level that was opened, beside what the metadata says of it.
struct OpenLevel {
  const MultiscaleLevel* metadata = nullptr;
  std::shared_ptr<const ZarrArray> array;
};

/// All at once where each would wait for a network.
std::vector<Result<std::shared_ptr<const ZarrArray>>> open_arrays(const std::shared_ptr<const Store>& store,
                                                                  const std::string& path,
                                                                  const std::vector<MultiscaleLevel>& levels) {
  std::vector<std::optional<Result<std::shared_ptr<const ZarrArray>>>> opened(levels.size());
  const auto open = [&](std::size_t i) { opened[i] = open_array(store, join_key(path, levels[i].path)); };
  const std::size_t at_once = std::clamp<std::size_t>(store->concurrency(), 1, std::max<std::size_t>(levels.size(), 1));
  ThreadPool("metadata", at_once).for_each_index(levels.size(), open);
  std::vector<Result<std::shared_ptr<const ZarrArray>>> out;
  out.reserve(opened.size());
  for (auto& each : opened) out.push_back(*std::move(each));
  return out;
}

/// Levels that are not there are left out with a warning, unless none remains (metadata that list more levels than were
/// written are common). A level that is there and malformed is an error: a picture without it would look right and not
/// be.
Result<std::vector<OpenLevel>> open_levels(const std::shared_ptr<const Store>& store, const std::string& path,
                                           const Multiscale& multiscale, std::vector<std::string>& warnings) {
  std::vector<OpenLevel> levels;
  std::optional<Error> first_error;
  auto arrays = open_arrays(store, path, multiscale.levels);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const MultiscaleLevel& level = multiscale.levels[i];
    auto array = std::move(arrays[i]);
    if (array) {
      if (auto shape = check_shape(**array); !shape) array = std::unexpected(shape.error());
    }
    if (array && !levels.empty() && (*array)->ndim() != levels[0].array->ndim()) {
      array = fail(ErrorCode::Invalid, "{} axes, the levels before have {}", (*array)->ndim(), levels[0].array->ndim());
    }
    if (!array && array.error().code != ErrorCode::NotFound) {
      return fail(array.error().code, "level \"{}\": {}", level.path, array.error().message);
    }
    if (!array) {
      warnings.push_back(fmt::format("level \"{}\" is left out: {}", level.path, array.error().message));
      if (!first_error) first_error = array.error();
      continue;
    }
    std::ranges::copy((*array)->warnings(), std::back_inserter(warnings));
    levels.push_back({&level, *std::move(array)});
  }
  if (levels.empty()) return std::unexpected(*first_error);
  const auto finer = [](const OpenLevel& a, const OpenLevel& b) { return voxels(*a.array) > voxels(*b.array); };
  if (!std::ranges::is_sorted(levels, finer)) {
    warnings.emplace_back("levels are not listed from fine to coarse; sorted by size");
    std::ranges::stable_sort(levels, finer);
  }
  return levels;
}

Result<void> add_levels(Image& image, const Multiscale& multiscale, std::vector<OpenLevel> levels) {
  const ZarrArray& finest = *levels.front().array;
  image.axes = multiscale.axes.empty() ? axes_before_0_3(finest) : multiscale.axes;
  if (image.axes.size() != finest.shape().size()) {
    return fail(ErrorCode::Invalid, "\"axes\" has {} entries, the array \"{}\" has {} axes", image.axes.size(),
                finest.path(), finest.shape().size());
  }
  for (OpenLevel& level : levels) {
    if (!level.metadata->scale && image.ngff_minor >= 4) {
      image.warnings.push_back(fmt::format("level \"{}\" has no scale; taken from the shapes", level.metadata->path));
    }
    Transform transform =
        join_transforms(multiscale, *level.metadata, scale_from_shapes(finest, *level.array, image.axes));
    image.levels.push_back({std::move(level.array), std::move(transform.scale), std::move(transform.translation)});
  }
  return {};
}

/// Exactly one entry a position of the channel axis.
void fit_channels(Image& image, std::vector<ChannelInfo> written) {
  const auto axis = image.axis_of(AxisType::Channel);
  const std::int64_t count = axis ? image.levels.front().array->shape()[static_cast<std::size_t>(*axis)] : 1;
  // One past which nobody looks channel by channel; a spectral axis of thousands has no use for names.
  constexpr std::int64_t kNamedChannels = 4096;
  const auto kept = static_cast<std::size_t>(std::min(count, kNamedChannels));
  if (!written.empty() && written.size() != kept) {
    image.warnings.push_back(fmt::format("omero describes {} channels, the image has {}", written.size(), count));
  }
  written.resize(kept);
  image.channels = std::move(written);
}

std::optional<std::int64_t> clamped_index(const Image& image, std::string_view axis_name,
                                          std::optional<std::int64_t> index) {
  const auto axis = std::ranges::find(image.axes, axis_name, &ImageAxis::name);
  if (!index || axis == image.axes.end()) return std::nullopt;
  const auto at = static_cast<std::size_t>(axis - image.axes.begin());
  return std::min(*index, image.levels.front().array->shape()[at] - 1);
}

Result<void> fill_from_array(Image& image, const std::shared_ptr<const Store>& store, const std::string& path) {
  ND_ASSIGN(std::shared_ptr<const ZarrArray> array, open_array(store, path));
  ND_TRY(check_shape(*array));
  image.axes = axes_of_array(*array);
  image.warnings = array->warnings();
  const std::size_t ndim = image.axes.size();
  image.levels.push_back({std::move(array), std::vector<double>(ndim, 1), std::vector<double>(ndim, 0)});
  fit_channels(image, {});
  return {};
}

Result<void> fill_from_multiscale(Image& image, const std::shared_ptr<const Store>& store, const std::string& path,
                                  const Node& node, Multiscale multiscale) {
  image.ngff_minor = multiscale.ngff_minor;
  image.warnings = std::exchange(multiscale.warnings, {});
  // Some writers put the path inside their store here.
  if (const std::size_t start = multiscale.name.find_first_not_of('/'); start != std::string::npos) {
    image.name = multiscale.name.substr(start, limits::kNameBytes);
  }
  ND_ASSIGN(std::vector<OpenLevel> levels, open_levels(store, path, multiscale, image.warnings));
  ND_TRY(add_levels(image, multiscale, std::move(levels)));
  Omero omero = parse_omero(node, image.warnings);
  fit_channels(image, std::move(omero.channels));
  image.greyscale = omero.greyscale;
  image.default_t = clamped_index(image, "t", omero.default_t);
  image.default_z = clamped_index(image, "z", omero.default_z);
  image.label = parse_label(node, path, image.warnings);
  image.is_label = image.label.has_value();
  auto labels = list_labels(*store, path);
  if (labels) {
    image.labels = *std::move(labels);
  } else {
    image.warnings.push_back(labels.error().message);
  }
  return {};
}

std::string_view to_string(Collection::Kind kind) {
  switch (kind) {
    case Collection::Kind::Plate:
      return "plate";
    case Collection::Kind::Well:
      return "well";
    case Collection::Kind::Series:
      return "series of images";
    default:
      return "image";
  }
}

/// Where to look for an image that was named by its store: archives of a folder hold the folder itself, alone.
Result<std::string> entrance(const Store& store, const std::string& key) {
  ND_ASSIGN(const Node node, read_node(store, key));
  if (node.kind != Node::Kind::Missing || !key.empty()) return key;
  const auto entries = store.list(key, 2);
  if (!entries || entries->size() != 1 || !entries->front().is_directory) return key;
  return entries->front().name;
}

/// The key of what to show at `path`: itself, or the chosen image of a well or series.
Result<std::string> choose_image(const Store& store, const std::string& path, const Node& node,
                                 const ImageChoice& choice, std::vector<std::string>& warnings) {
  const std::optional<std::int64_t> written = choice.field ? choice.field : choice.series;
  const auto wanted = static_cast<std::size_t>(written.value_or(0));
  if (wanted >= limits::kCollectionImages) {
    return fail(ErrorCode::NotFound, "{}: no image {}; at most {} are listed", node.where, wanted,
                limits::kCollectionImages);
  }
  ND_ASSIGN(Collection collection, list_images(store, path, node, wanted + 2));
  if (collection.images.empty()) {
    return fail(
        node.kind == Node::Kind::Missing ? ErrorCode::NotFound : ErrorCode::Invalid,
        "{}: {} at \"{}\"; expected an array, or a group with \"multiscales\"", store.describe(),
        node.kind == Node::Kind::Missing ? "no zarr.json, .zarray, .zattrs or .zgroup" : "a group without images",
        path);
  }
  if (collection.kind == Collection::Kind::Image) return std::move(collection.images[0]);
  if (wanted >= collection.images.size()) {
    return fail(ErrorCode::NotFound, "{}: no image {}; the {} has {}", node.where, wanted, to_string(collection.kind),
                collection.images.size());
  }
  if (!written) {
    warnings.push_back(fmt::format("a {} of {}; this is \"{}\"", to_string(collection.kind),
                                   collection.images.size() > 1 ? "several images" : "one image",
                                   collection.images[wanted]));
  }
  return std::move(collection.images[wanted]);
}

bool is_plate(const Node& node) {
  const Json& ome = ome_attributes(node);
  return node.kind == Node::Kind::Group && !ome.find("multiscales") && ome.find("plate");
}

/// All wells side by side.
Result<std::shared_ptr<const Image>> open_plate(const std::shared_ptr<const Store>& store, const std::string& path,
                                                std::string uri, std::int64_t field) {
  ND_ASSIGN(const std::shared_ptr<const PlateStore> grid, PlateStore::open(store, path, field));
  const Plate& plate = grid->plate();
  ND_ASSIGN(const std::shared_ptr<const Image> opened, open_image(grid, "", std::move(uri)));
  auto image = std::make_shared<Image>(*opened);
  if (plate.name.empty()) image->name = name_from(join_key(split_fragment(image->uri).first, path));
  std::vector<std::string> warnings = plate.warnings;
  warnings.push_back(fmt::format("a plate of {} wells in {} rows and {} columns; this is field {} of each",
                                 plate.wells.size(), plate.rows.size(), plate.columns.size(), field));
  image->warnings.insert(image->warnings.begin(), warnings.begin(), warnings.end());
  for (const std::string& warning : warnings) log().info("{}: {}", image->uri, warning);
  return image;
}

}  // namespace

std::string_view to_string(AxisType type) {
  switch (type) {
    case AxisType::Space:
      return "space";
    case AxisType::Time:
      return "time";
    case AxisType::Channel:
      return "channel";
    case AxisType::Other:
      break;
  }
  return "other";
}

std::optional<int> Image::axis_of(AxisType type) const {
  const auto it = std::ranges::find(axes, type, &ImageAxis::type);
  return it == axes.end() ? std::nullopt : std::optional(static_cast<int>(it - axes.begin()));
}

Result<std::shared_ptr<const Image>> open_image(const std::shared_ptr<const Store>& stored, const std::string& path,
                                                std::string uri, const ImageChoice& choice) {
  const std::shared_ptr<const Store> store = with_consolidated(stored, path);
  const std::string place = join_key(path, choice.path);
  ND_ASSIGN(Node node, read_node(*store, place));
  if (is_plate(node)) return open_plate(store, place, std::move(uri), choice.field.value_or(0));
  std::vector<std::string> warnings;
  ND_ASSIGN(const std::string chosen, choose_image(*store, place, node, choice, warnings));
  if (chosen != place) {
    ND_ASSIGN(node, read_node(*store, chosen));
  }
  auto image = std::make_shared<Image>();
  image->name = name_from(join_key(split_fragment(uri).first, chosen == path ? "" : chosen));
  image->uri = std::move(uri);
  std::optional<Multiscale> multiscale;
  if (node.kind == Node::Kind::Group) {
    ND_ASSIGN(multiscale, parse_multiscale(node, choice.multiscale));
    if (!multiscale) {
      return fail(ErrorCode::Invalid, "{}: \"{}\" is listed as an image but has no \"multiscales\"", store->describe(),
                  chosen);
    }
    ND_TRY(fill_from_multiscale(*image, store, chosen, node, *std::move(multiscale)));
  } else {
    ND_TRY(fill_from_array(*image, store, chosen));
  }
  image->warnings.insert(image->warnings.begin(), warnings.begin(), warnings.end());
  for (const std::string& warning : image->warnings) log().info("{}: {}", image->uri, warning);
  return image;
}

Result<std::shared_ptr<const Image>> open_image(std::string_view uri_or_path, const Access& access) {
  const auto [named, fragment] = split_fragment(uri_or_path);
  ND_ASSIGN(const ImageChoice choice, parse_choice(fragment));
  ND_ASSIGN(const Place place, open_store(named, access));
  const auto watching = std::make_shared<const WatchingStore>(place.store);
  ND_ASSIGN(const std::string key, entrance(*watching, place.key));
  ND_ASSIGN(const std::shared_ptr<const Image> opened, open_image(watching, key, std::string(uri_or_path), choice));
  auto image = std::make_shared<Image>(*opened);
  image->watch = watching->finish();
  return image;
}

}  // namespace ndcast::image
