#include "convert/ome_xml.h"

#include <algorithm>
#include <cmath>

#include <pugixml.hpp>

#include "base/limits.h"
#include "convert/text_header.h"

namespace ndcast::convert {
namespace {

/// The name without its prefix: "ome:Image" is Image.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::vector<pugi::xml_node> children(const pugi::xml_node& parent, std::string_view name) {
  std::vector<pugi::xml_node> out;
  for (const pugi::xml_node& child : parent) {
    if (local_name(child) == name) out.push_back(child);
  }
  return out;
}

class PixelsReader {
 public:
  PixelsReader(const pugi::xml_node& pixels, std::string_view own_uuid, std::string where)
      : node_(pixels), own_uuid_(own_uuid), where_(std::move(where)) {}

  Result<OmePixels> read() {
    ND_TRY(take_shape());
    ND_TRY(take_channels());
    take_physical_sizes();
    ND_TRY(take_planes());
    return std::move(out_);
  }

 private:
  Result<std::int64_t> integer(const pugi::xml_node& node, const char* name, std::optional<std::int64_t> otherwise,
                               std::int64_t least) const {
    const pugi::xml_attribute attribute = node.attribute(name);
    if (!attribute && otherwise) return *otherwise;
    const auto value = number_of<std::int64_t>(trimmed(attribute.value()));
    if (value && *value >= least) return *value;
    return fail(ErrorCode::Invalid, "{}: {} is '{}', expected a number of at least {}", where_, name,
                std::string_view(attribute.value()).substr(0, 40), least);
  }

  Result<void> take_shape() {
    out_.order = node_.attribute("DimensionOrder").value();
    std::string letters = out_.order;
    std::ranges::sort(letters);
    if (letters != "CTXYZ" || !out_.order.starts_with("XY")) {
      return fail(ErrorCode::Invalid, "{}: DimensionOrder is '{}', expected XYZCT or another of its kind", where_,
                  out_.order.substr(0, 20));
    }
    ND_ASSIGN(out_.size_x, integer(node_, "SizeX", {}, 1));
    ND_ASSIGN(out_.size_y, integer(node_, "SizeY", {}, 1));
    ND_ASSIGN(out_.size_z, integer(node_, "SizeZ", {}, 1));
    ND_ASSIGN(out_.size_c, integer(node_, "SizeC", {}, 1));
    ND_ASSIGN(out_.size_t, integer(node_, "SizeT", {}, 1));
    std::uint64_t planes = 1;
    for (const std::int64_t size : {out_.size_z, out_.size_c, out_.size_t}) {
      if (static_cast<std::uint64_t>(size) > limits::kImportPlanes / planes) {
        return fail(ErrorCode::Limit, "{}: {} x {} x {} planes, expected at most {}", where_, out_.size_z, out_.size_c,
                    out_.size_t, limits::kImportPlanes);
      }
      planes *= static_cast<std::uint64_t>(size);
    }
    return {};
  }

  Result<void> take_channels() {
    const auto nodes = children(node_, "Channel");
    std::int64_t total = 0;
    for (const auto& node : nodes) {
      ND_ASSIGN(const std::int64_t samples, integer(node, "SamplesPerPixel", 1, 1));
      if (total != 0 && samples != out_.samples) {
        return fail(ErrorCode::Unsupported, "{}: channels of {} and of {} samples in one image are not supported",
                    where_, out_.samples, samples);
      }
      if (samples > out_.size_c - total) {
        return fail(ErrorCode::Invalid, "{}: SizeC is {}, its Channels have more samples", where_, out_.size_c);
      }
      out_.samples = samples;
      total += samples;
      for (std::int64_t i = 0; i < samples; ++i) out_.channels.push_back(channel(node, samples, i));
    }
    if (out_.size_c % out_.samples != 0) {
      return fail(ErrorCode::Invalid, "{}: SizeC is {}, expected a multiple of SamplesPerPixel, {}", where_,
                  out_.size_c, out_.samples);
    }
    out_.channels.resize(static_cast<std::size_t>(out_.size_c));
    return {};
  }

  static SourceChannel channel(const pugi::xml_node& node, std::int64_t samples, std::int64_t index) {
    SourceChannel out{node.attribute("Name").value(), {}};
    if (samples == 3 || samples == 4) {
      static constexpr std::array<const char*, 4> kNames = {"red", "green", "blue", "alpha"};
      out.label = out.label.empty() ? kNames[static_cast<std::size_t>(index)]
                                    : out.label + " " + kNames[static_cast<std::size_t>(index)];
    } else if (const auto rgba = number_of<std::int64_t>(node.attribute("Color").value()); rgba && *rgba != -1) {
      // Signed 32-bit RGBA; -1, white, is also what the schema takes when nobody chose a colour.
      const auto bits = static_cast<std::uint32_t>(*rgba);
      out.color = {static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16),
                   static_cast<std::uint8_t>(bits >> 8)};
    }
    return out;
  }

  void take_physical_sizes() {
    static constexpr const char* kSizes[] = {"PhysicalSizeX", "PhysicalSizeY", "PhysicalSizeZ"};
    static constexpr const char* kUnits[] = {"PhysicalSizeXUnit", "PhysicalSizeYUnit", "PhysicalSizeZUnit"};
    for (std::size_t i = 0; i < 3; ++i) {
      const double size = number_of<double>(node_.attribute(kSizes[i]).value()).value_or(0);
      if (!(std::isfinite(size) && size > 0)) continue;
      out_.size_xyz[i] = size;
      if (const auto unit = node_.attribute(kUnits[i])) out_.unit_xyz[i] = udunits_name(unit.value());
    }
    const double increment = number_of<double>(node_.attribute("TimeIncrement").value()).value_or(0);
    if (std::isfinite(increment) && increment > 0) out_.time_increment = increment;
    if (const auto unit = node_.attribute("TimeIncrementUnit")) out_.time_unit = udunits_name(unit.value());
  }

  /// Sizes of the third to fifth letter of `order`, fastest first; C counts planes.
  std::array<std::int64_t, 3> plane_sizes() const {
    std::array<std::int64_t, 3> out{};
    for (std::size_t i = 0; i < 3; ++i) out[i] = size_of(out_.order[i + 2]);
    return out;
  }
  std::int64_t size_of(char letter) const {
    return letter == 'Z' ? out_.size_z : letter == 'T' ? out_.size_t : out_.size_c / out_.samples;
  }

  Result<void> take_planes() {
    const auto sizes = plane_sizes();
    const std::int64_t count = sizes[0] * sizes[1] * sizes[2];
    out_.planes.resize(static_cast<std::size_t>(count));
    bool any = false;
    for (const auto& data : children(node_, "TiffData")) {
      any = true;
      ND_TRY(take_tiff_data(data, sizes, count));
    }
    if (any) return {};
    for (std::int64_t i = 0; i < count; ++i) out_.planes[static_cast<std::size_t>(i)].directory = i;
    return {};
  }

  Result<void> take_tiff_data(const pugi::xml_node& data, const std::array<std::int64_t, 3>& sizes,
                              std::int64_t count) {
    std::int64_t first = 0;
    for (std::size_t i = 3; i-- > 0;) {
      const char letter = out_.order[i + 2];
      const char* const name = letter == 'Z' ? "FirstZ" : letter == 'T' ? "FirstT" : "FirstC";
      ND_ASSIGN(std::int64_t at, integer(data, name, 0, 0));
      if (letter == 'C') at /= out_.samples;
      if (at >= sizes[i])
        return fail(ErrorCode::Invalid, "{}: {} is {}, expected below {}", where_, name, at, sizes[i]);
      first = first * sizes[i] + at;
    }
    ND_ASSIGN(const std::int64_t directory, integer(data, "IFD", 0, 0));
    ND_ASSIGN(std::int64_t planes, integer(data, "PlaneCount", data.attribute("IFD") ? 1 : count - first, 0));
    planes = std::min(planes, count - first);
    std::string file;
    for (const auto& uuid : children(data, "UUID")) {
      // This very document's own id means this file, by whatever name it goes now.
      const bool own = !own_uuid_.empty() && trimmed(uuid.child_value()) == own_uuid_;
      file = own ? "" : uuid.attribute("FileName").value();
    }
    for (std::int64_t i = 0; i < planes; ++i) out_.planes[static_cast<std::size_t>(first + i)] = {file, directory + i};
    return {};
  }

  pugi::xml_node node_;
  std::string_view own_uuid_;
  std::string where_;
  OmePixels out_;
};

}  // namespace

bool looks_like_ome_xml(std::string_view text) {
  const std::string_view head = text.substr(0, 4096);
  return head.find("<OME") != std::string_view::npos || head.find(":OME") != std::string_view::npos;
}

Result<OmePixels> parse_ome_xml(std::string_view text, std::size_t index, std::string_view path) {
  if (text.size() > limits::kOmeXmlBytes) {
    return fail(ErrorCode::Limit, "{}: OME-XML of {} bytes, expected at most {}", path, text.size(),
                limits::kOmeXmlBytes);
  }
  pugi::xml_document document;
  // No DTD, no entities besides XML's own: pugixml knows none.
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) {
    return fail(ErrorCode::Invalid, "{}: OME-XML: {} at byte {}", path, parsed.description(), parsed.offset);
  }
  const auto images = children(document.document_element(), "Image");
  if (images.empty()) return fail(ErrorCode::Invalid, "{}: OME-XML without an Image", path);
  if (index >= images.size()) {
    return fail(ErrorCode::NotFound, "{}: has {} images, there is no number {}", path, images.size(), index);
  }
  const auto pixels = children(images[index], "Pixels");
  if (pixels.empty()) return fail(ErrorCode::Invalid, "{}: OME-XML: an Image without Pixels", path);
  const std::string_view own_uuid = document.document_element().attribute("UUID").value();
  ND_ASSIGN(OmePixels out, PixelsReader(pixels.front(), own_uuid, fmt::format("{}: OME-XML", path)).read());
  out.image_name = images[index].attribute("Name").value();
  out.images = images.size();
  return out;
}

}  // namespace ndcast::convert
