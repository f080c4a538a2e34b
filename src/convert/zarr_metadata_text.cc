#include "convert/zarr_metadata_text.h"

#include <array>
#include <cmath>

#include "base/version.h"

namespace ndcast::convert {
namespace {

Json blosc_v3(std::size_t voxel_bytes, int level) {
  return Json::make_object({{"name", "blosc"},
                            {"configuration", Json::make_object({{"typesize", voxel_bytes},
                                                                 {"cname", "zstd"},
                                                                 {"clevel", level},
                                                                 {"shuffle", voxel_bytes > 1 ? "shuffle" : "noshuffle"},
                                                                 {"blocksize", 0}})}});
}

Json bytes_v3(std::size_t voxel_bytes) {
  Json out = Json::make_object({{"name", "bytes"}});
  if (voxel_bytes > 1) out.set("configuration", Json::make_object({{"endian", "little"}}));
  return out;
}

Json codecs_v3(const SourceInfo& source, const PyramidLevel& level, const Encoding& encoding) {
  const std::size_t voxel = source.voxel_bytes();
  Json inner = Json::make_array({bytes_v3(voxel), blosc_v3(voxel, encoding.level)});
  if (level.shard == level.chunk) return inner;
  Json index = Json::make_array({bytes_v3(sizeof(std::uint64_t)), Json::make_object({{"name", "crc32c"}})});
  return Json::make_array(
      {Json::make_object({{"name", "sharding_indexed"},
                          {"configuration", Json::make_object({{"chunk_shape", Json::list(level.chunk)},
                                                               {"codecs", std::move(inner)},
                                                               {"index_codecs", std::move(index)},
                                                               {"index_location", "end"}})}})});
}

Json fill_value(image::DType dtype) {
  if (dtype == image::DType::Bool) return Json(false);
  return image::is_floating(dtype) ? Json(0.0) : Json(0);
}

Json axis_names(const SourceInfo& source) {
  Json out = Json::make_array();
  for (const SourceAxis& axis : source.axes) out.push_back(axis.name);
  return out;
}

std::string numpy_name(image::DType dtype) {
  const std::size_t bytes = image::byte_size(dtype);
  const std::string_view name = image::to_string(dtype);
  const char kind = dtype == image::DType::Bool ? 'b' : name[0];  // i, u or f, as the names begin
  return fmt::format("{}{}{}", bytes == 1 ? '|' : '<', kind, bytes);
}

Json axes_json(const SourceInfo& source) {
  Json out = Json::make_array();
  for (const SourceAxis& axis : source.axes) {
    Json entry = Json::make_object({{"name", axis.name}});
    if (axis.type != image::AxisType::Other) entry.set("type", image::to_string(axis.type));
    if (!axis.unit.empty()) entry.set("unit", axis.unit);
    out.push_back(std::move(entry));
  }
  return out;
}

Json datasets_json(const Pyramid& pyramid) {
  Json out = Json::make_array();
  for (std::size_t i = 0; i < pyramid.levels.size(); ++i) {
    const PyramidLevel& level = pyramid.levels[i];
    Json transformations = Json::make_array(
        {Json::make_object({{"type", "scale"}, {"scale", Json::list(level.scale)}}),
         Json::make_object({{"type", "translation"}, {"translation", Json::list(level.translation)}})});
    out.push_back(
        Json::make_object({{"path", std::to_string(i)}, {"coordinateTransformations", std::move(transformations)}}));
  }
  return out;
}

/// Colours for channels that have none: what microscopists see first in most viewers.
std::string channel_color(const SourceInfo& source, std::size_t channel, std::size_t count) {
  if (channel < source.channels.size() && source.channels[channel].color) {
    const auto& color = *source.channels[channel].color;
    return fmt::format("{:02X}{:02X}{:02X}", color[0], color[1], color[2]);
  }
  static constexpr std::array<const char*, 6> kColors = {"00FF00", "FF00FF", "00FFFF", "FFFF00", "FF0000", "0000FF"};
  return count == 1 ? "FFFFFF" : kColors[channel % kColors.size()];
}

Json omero_json(const SourceInfo& source, const GroupContents& contents) {
  Json channels = Json::make_array();
  for (std::size_t i = 0; i < contents.windows.size(); ++i) {
    const ChannelWindow& window = contents.windows[i];
    const bool named = i < source.channels.size() && !source.channels[i].label.empty();
    channels.push_back(Json::make_object(
        {{"label", named ? source.channels[i].label : fmt::format("channel {}", i)},
         {"color", channel_color(source, i, contents.windows.size())},
         {"active", true},
         {"window", Json::make_object(
                        {{"min", window.min}, {"max", window.max}, {"start", window.start}, {"end", window.end}})}}));
  }
  return Json::make_object(
      {{"channels", std::move(channels)},
       {"rdefs", Json::make_object({{"model", contents.windows.size() == 1 ? "greyscale" : "color"}})}});
}

Json multiscales_json(const SourceInfo& source, const Pyramid& pyramid, const Encoding& encoding,
                      const GroupContents& contents) {
  Json multiscale = Json::make_object({{"name", contents.name},
                                       {"axes", axes_json(source)},
                                       {"datasets", datasets_json(pyramid)},
                                       {"type", contents.labels ? "mode" : "mean"}});
  if (encoding.format == OmeZarr::V04) multiscale.set("version", "0.4");
  return Json::make_array({std::move(multiscale)});
}

/// Ours: where it comes from, and what OME-Zarr has no word for.
Json provenance_json(const SourceInfo& source) {
  Json out = source.attributes;
  out.set("imported_from", source.format);
  out.set("imported_by", std::string("ndcast ") + kVersion);
  return out;
}

}  // namespace

std::string object_key(OmeZarr format, std::size_t level, const Shape& position) {
  return fmt::format("{}/{}{}", level, format == OmeZarr::V05 ? "c/" : "", fmt::join(position, "/"));
}

std::optional<std::size_t> channel_axis(const SourceInfo& source) {
  for (std::size_t axis = 0; axis < source.axes.size(); ++axis) {
    if (source.axes[axis].type == image::AxisType::Channel) return axis;
  }
  return std::nullopt;
}

std::int64_t channel_count(const SourceInfo& source) {
  const auto axis = channel_axis(source);
  return axis ? source.shape[*axis] : 1;
}

std::vector<Document> array_documents(const SourceInfo& source, const Pyramid& pyramid, std::size_t number,
                                      const Encoding& encoding) {
  const PyramidLevel& level = pyramid.levels[number];
  const std::string folder = std::to_string(number);
  if (encoding.format == OmeZarr::V05) {
    const Json grid = Json::make_object(
        {{"name", "regular"}, {"configuration", Json::make_object({{"chunk_shape", Json::list(level.shard)}})}});
    const Json keys =
        Json::make_object({{"name", "default"}, {"configuration", Json::make_object({{"separator", "/"}})}});
    const Json array = Json::make_object({{"zarr_format", 3},
                                          {"node_type", "array"},
                                          {"shape", Json::list(level.shape)},
                                          {"data_type", image::to_string(source.dtype)},
                                          {"chunk_grid", grid},
                                          {"chunk_key_encoding", keys},
                                          {"fill_value", fill_value(source.dtype)},
                                          {"codecs", codecs_v3(source, level, encoding)},
                                          {"dimension_names", axis_names(source)},
                                          {"attributes", Json::make_object()}});
    return {{folder + "/zarr.json", to_pretty_string(array)}};
  }
  const Json compressor = Json::make_object({{"id", "blosc"},
                                             {"cname", "zstd"},
                                             {"clevel", encoding.level},
                                             {"shuffle", source.voxel_bytes() > 1 ? 1 : 0},
                                             {"blocksize", 0}});
  const Json array = Json::make_object({{"zarr_format", 2},
                                        {"shape", Json::list(level.shape)},
                                        {"chunks", Json::list(level.chunk)},
                                        {"dtype", numpy_name(source.dtype)},
                                        {"compressor", compressor},
                                        {"fill_value", fill_value(source.dtype)},
                                        {"order", "C"},
                                        {"filters", Json()},
                                        {"dimension_separator", "/"}});
  return {{folder + "/.zarray", to_pretty_string(array)},
          {folder + "/.zattrs", to_pretty_string(Json::make_object({{"_ARRAY_DIMENSIONS", axis_names(source)}}))}};
}

std::vector<Document> group_documents(const SourceInfo& source, const Pyramid& pyramid, const Encoding& encoding,
                                      const GroupContents& contents) {
  Json ome = Json::make_object();
  if (encoding.format == OmeZarr::V05) ome.set("version", "0.5");
  ome.set("multiscales", multiscales_json(source, pyramid, encoding, contents));
  if (contents.labels) {
    ome.set("image-label",
            encoding.format == OmeZarr::V04 ? Json::make_object({{"version", "0.4"}}) : Json::make_object());
  } else if (!contents.windows.empty()) {
    ome.set("omero", omero_json(source, contents));
  }
  if (encoding.format == OmeZarr::V05) {
    const Json attributes = Json::make_object({{"ome", std::move(ome)}, {"ndcast", provenance_json(source)}});
    return {{"zarr.json", to_pretty_string(Json::make_object(
                              {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", attributes}}))}};
  }
  ome.set("ndcast", provenance_json(source));
  return {{".zgroup", to_pretty_string(Json::make_object({{"zarr_format", 2}}))}, {".zattrs", to_pretty_string(ome)}};
}

}  // namespace ndcast::convert
