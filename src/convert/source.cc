#include "convert/source.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "base/limits.h"
#include "image/ome_metadata.h"

namespace ndcast::convert {

Result<std::uint64_t> checked_volume_bytes(const Shape& shape, image::DType dtype, std::string_view where) {
  std::uint64_t bytes = image::byte_size(dtype);
  for (const std::int64_t extent : shape) {
    if (extent < 1) return fail(ErrorCode::Invalid, "{}: an extent of {}, expected at least 1", where, extent);
    if (static_cast<std::uint64_t>(extent) > limits::kImportBytes / bytes) {
      return fail(ErrorCode::Limit, "{}: {} voxels of {} are more than the {} TiB that one image may have", where,
                  fmt::join(shape, " x "), image::to_string(dtype), limits::kImportBytes >> 40);
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  return bytes;
}

SourceAxis make_axis(std::string_view name, double scale, std::string_view unit) {
  return {std::string(name), image::guess_axis_type(name), std::string(unit), usable_scale(scale), 0};
}

std::string udunits_name(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"m", "meter"},
                                                                             {"meter", "meter"},
                                                                             {"metre", "meter"},
                                                                             {"cm", "centimeter"},
                                                                             {"mm", "millimeter"},
                                                                             {"um", "micrometer"},
                                                                             {"µm", "micrometer"},
                                                                             {"μm", "micrometer"},
                                                                             {"micron", "micrometer"},
                                                                             {"microns", "micrometer"},
                                                                             {"\\u00b5m", "micrometer"},
                                                                             {"nm", "nanometer"},
                                                                             {"pm", "picometer"},
                                                                             {"km", "kilometer"},
                                                                             {"å", "angstrom"},
                                                                             {"Å", "angstrom"},
                                                                             {"a", "angstrom"},
                                                                             {"angstrom", "angstrom"},
                                                                             {"in", "inch"},
                                                                             {"inch", "inch"},
                                                                             {"inches", "inch"},
                                                                             {"ft", "foot"},
                                                                             {"s", "second"},
                                                                             {"sec", "second"},
                                                                             {"secs", "second"},
                                                                             {"second", "second"},
                                                                             {"seconds", "second"},
                                                                             {"ms", "millisecond"},
                                                                             {"msec", "millisecond"},
                                                                             {"us", "microsecond"},
                                                                             {"usec", "microsecond"},
                                                                             {"µs", "microsecond"},
                                                                             {"μs", "microsecond"},
                                                                             {"ns", "nanosecond"},
                                                                             {"min", "minute"},
                                                                             {"minute", "minute"},
                                                                             {"minutes", "minute"},
                                                                             {"h", "hour"},
                                                                             {"hour", "hour"},
                                                                             {"hours", "hour"},
                                                                             {"hr", "hour"},
                                                                             {"d", "day"},
                                                                             {"day", "day"},
                                                                             {"days", "day"},
                                                                             {"millimeter", "millimeter"},
                                                                             {"millimetre", "millimeter"},
                                                                             {"micrometer", "micrometer"},
                                                                             {"micrometre", "micrometer"},
                                                                             {"nanometer", "nanometer"},
                                                                             {"nanometre", "nanometer"},
                                                                             {"centimeter", "centimeter"},
                                                                             {"centimetre", "centimeter"},
                                                                             {"millisecond", "millisecond"},
                                                                             {"microsecond", "microsecond"},
                                                                             {"hz", "hertz"}};
  std::string lower(unit);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  for (const auto& [word, name] : kNames) {
    if (word == unit || word == lower) return std::string(name);
  }
  return {};
}

double usable_scale(double scale) { return std::isfinite(scale) && scale != 0 ? std::fabs(scale) : 1; }

}  // namespace ndcast::convert
