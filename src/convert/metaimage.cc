#include "convert/metaimage.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/limits.h"
#include "convert/dense_source.h"
#include "convert/text_header.h"

namespace ndcast::convert {
namespace {

constexpr std::int64_t kMaxDimensions = 10;  // MetaIO's

std::optional<image::DType> type_named(std::string_view name) {
  using enum image::DType;
  // MetaIO writes MET_LONG as 4 bytes on every platform.
  static const std::map<std::string, image::DType, std::less<>> kTypes = {
      {"MET_CHAR", Int8},       {"MET_UCHAR", UInt8},       {"MET_SHORT", Int16},   {"MET_USHORT", UInt16},
      {"MET_INT", Int32},       {"MET_UINT", UInt32},       {"MET_LONG", Int32},    {"MET_ULONG", UInt32},
      {"MET_LONG_LONG", Int64}, {"MET_ULONG_LONG", UInt64}, {"MET_FLOAT", Float32}, {"MET_DOUBLE", Float64}};
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

bool is_true(std::string_view value) {
  return !value.empty() && (value[0] == 'T' || value[0] == 't' || value[0] == '1');
}

class Parser {
 public:
  explicit Parser(std::string_view path) : path_(path) {}

  Result<MetaImageHeader> parse(std::string_view text) {
    const std::size_t whole = text.size();
    while (const auto line = take_line(text)) {
      if (trimmed(*line).empty()) continue;
      const std::size_t equals = line->find('=');
      if (equals == std::string_view::npos) {
        return fail(ErrorCode::Invalid, "{}: line '{}', expected 'Key = Value'", path_, line->substr(0, 60));
      }
      const std::string_view key = trimmed(line->substr(0, equals));
      ND_TRY(take_field(key, trimmed(line->substr(equals + 1))));
      if (key == "ElementDataFile") break;  // the last field, by definition
    }
    header_.data_offset = whole - text.size();
    header_.data_list = std::string(text.substr(0, header_.data_file.starts_with("LIST") ? text.size() : 0));
    ND_TRY(finish());
    return std::move(header_);
  }

 private:
  Result<void> take_field(std::string_view key, std::string_view value) {
    const std::string where = fmt::format("{}: {}", path_, key.substr(0, 60));
    if (key == "ObjectType" && value != "Image") {
      return fail(ErrorCode::Unsupported, "{} is '{}', expected Image", where, value.substr(0, 40));
    }
    if (key == "NDims") {
      const auto number = number_of<std::int64_t>(value);
      if (!number || *number < 1 || *number > kMaxDimensions) {
        return fail(ErrorCode::Invalid, "{} is '{}', expected 1 to {}", where, value.substr(0, 40), kMaxDimensions);
      }
      ndims_ = static_cast<std::size_t>(*number);
    } else if (key == "DimSize") {
      ND_ASSIGN(header_.sizes, numbers_of<std::int64_t>(value, where));
    } else if (key == "ElementType") {
      const auto type = type_named(value);
      if (!type)
        return fail(ErrorCode::Unsupported, "{} '{}' is not supported, expected MET_UCHAR, MET_SHORT, …", where,
                    value.substr(0, 40));
      header_.dtype = *type;
      has_type_ = true;
    } else if (key == "ElementNumberOfChannels") {
      const auto number = number_of<std::int64_t>(value);
      if (!number || *number < 1)
        return fail(ErrorCode::Invalid, "{} is '{}', expected at least 1", where, value.substr(0, 40));
      header_.channels = *number;
    } else if (key == "ElementSpacing") {
      ND_ASSIGN(header_.spacing, numbers_of<double>(value, where));
    } else if (key == "ElementSize") {
      ND_ASSIGN(element_size_, numbers_of<double>(value, where));
    } else if (key == "Offset" || key == "Origin" || key == "Position") {
      ND_ASSIGN(header_.offset, numbers_of<double>(value, where));
    } else if (key == "TransformMatrix" || key == "Orientation" || key == "Rotation") {
      ND_ASSIGN(header_.transform, numbers_of<double>(value, where));
    } else if (key == "AnatomicalOrientation") {
      header_.anatomical_orientation = std::string(value);
    } else if (key == "DistanceUnits") {
      header_.unit = udunits_name(value);
    } else if (key == "BinaryData") {
      header_.binary = is_true(value);
    } else if (key == "BinaryDataByteOrderMSB" || key == "ElementByteOrderMSB") {
      header_.byte_order = is_true(value) ? std::endian::big : std::endian::little;
    } else if (key == "CompressedData") {
      header_.compressed = is_true(value);
    } else if (key == "HeaderSize") {
      const auto number = number_of<std::int64_t>(value);
      if (!number || *number < -1)
        return fail(ErrorCode::Invalid, "{} is '{}', expected bytes, or -1", where, value.substr(0, 40));
      header_.header_bytes = *number;
    } else if (key == "ElementDataFile") {
      header_.data_file = std::string(value);
    }
    return {};
  }

  Result<void> finish() {
    if (!has_type_) return fail(ErrorCode::Invalid, "{}: is no MetaImage: has no ElementType", path_);
    if (header_.data_file.empty()) return fail(ErrorCode::Invalid, "{}: has no ElementDataFile", path_);
    if (ndims_ == 0 || header_.sizes.size() != ndims_) {
      return fail(ErrorCode::Invalid, "{}: DimSize has {} numbers, expected NDims of them, {}", path_,
                  header_.sizes.size(), ndims_);
    }
    if (header_.spacing.empty()) header_.spacing = element_size_;
    const auto check = [&](const char* key, std::size_t count, std::size_t expected) -> Result<void> {
      if (count == 0 || count == expected) return {};
      return fail(ErrorCode::Invalid, "{}: {} has {} numbers, expected {}", path_, key, count, expected);
    };
    ND_TRY(check("ElementSpacing", header_.spacing.size(), ndims_));
    ND_TRY(check("Offset", header_.offset.size(), ndims_));
    ND_TRY(check("TransformMatrix", header_.transform.size(), ndims_ * ndims_));
    return {};
  }

  std::string path_;
  MetaImageHeader header_;
  std::vector<double> element_size_;
  std::size_t ndims_ = 0;
  bool has_type_ = false;
};

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

SourceInfo describe(const MetaImageHeader& header, const std::filesystem::path& path) {
  static constexpr const char* kNames[] = {"x", "y", "z", "t"};
  SourceInfo info;
  info.format = "MetaImage";
  info.path = path.string();
  info.dtype = header.dtype;
  const bool plain = header.transform.empty();
  for (std::size_t i = 0; i < header.sizes.size(); ++i) {
    SourceAxis axis = make_axis(i < 4 ? kNames[i] : "dim_" + std::to_string(i));
    if (i < header.spacing.size()) axis.scale = usable_scale(header.spacing[i]);
    if (axis.type == image::AxisType::Space) axis.unit = header.unit;
    // An origin in a rotated frame is no translation of these axes: it stays with the matrix, in the attributes.
    if (plain && i < header.offset.size() && std::isfinite(header.offset[i])) axis.translation = header.offset[i];
    info.axes.insert(info.axes.begin(), std::move(axis));
    info.shape.insert(info.shape.begin(), header.sizes[i]);
  }
  if (header.channels > 1) {
    info.axes.push_back(make_axis("c"));
    info.shape.push_back(header.channels);
  }
  if (info.shape.size() == 1) {
    info.shape.insert(info.shape.begin(), 1);
    info.axes.insert(info.axes.begin(), make_axis("y"));
  }
  Json orientation = Json::make_object();
  if (!plain && all_finite(header.transform)) orientation.set("transform_matrix", Json::list(header.transform));
  if (!header.offset.empty() && all_finite(header.offset)) orientation.set("offset", Json::list(header.offset));
  if (!header.anatomical_orientation.empty()) orientation.set("anatomical_orientation", header.anatomical_orientation);
  if (orientation.size() > 0) info.attributes.set("orientation", std::move(orientation));
  return info;
}

struct FilePlace {
  std::filesystem::path path;
  std::uint64_t offset = 0;
};

Result<std::unique_ptr<ByteInput>> open_voxels(const MetaImageHeader& header, const FilePlace& place,
                                               std::uint64_t bytes) {
  if (!header.binary) return open_text(place.path, place.offset, header.dtype, bytes / image::byte_size(header.dtype));
  if (header.compressed) return open_stream(place.path, Compression::Deflate, place.offset);
  if (header.header_bytes >= 0) {
    return open_stream(place.path, Compression::None, place.offset + static_cast<std::uint64_t>(header.header_bytes));
  }
  ND_ASSIGN(const auto file, open_file(place.path));
  if (bytes > file->size_at_most()) {
    return fail(ErrorCode::Corrupt, "{}: has {} bytes, expected at least {}", place.path.string(), file->size_at_most(),
                bytes);
  }
  return open_stream(place.path, Compression::None, file->size_at_most() - bytes);
}

Result<std::unique_ptr<ByteInput>> open_parts(const MetaImageHeader& header, const std::filesystem::path& path,
                                              std::uint64_t bytes) {
  const std::string where = path.string() + ": ElementDataFile";
  if (lower_case(header.data_file) == "local") return open_voxels(header, {path, header.data_offset}, bytes);
  ND_ASSIGN(const DataFiles files, data_files(header.data_file, header.data_list, path, where));
  return open_data_files(files, bytes, where, [&](const std::filesystem::path& file, std::uint64_t part) {
    return open_voxels(header, {file, 0}, part);
  });
}

}  // namespace

Result<MetaImageHeader> parse_metaimage_header(std::string_view text, std::string_view path) {
  return Parser(path).parse(text);
}

Result<std::unique_ptr<Source>> open_metaimage(const std::filesystem::path& path) {
  ND_ASSIGN(const std::string text, read_header_text(path));
  ND_ASSIGN(const MetaImageHeader header, parse_metaimage_header(text, path.string()));
  SourceInfo info = describe(header, path);
  ND_ASSIGN(const std::uint64_t bytes, checked_volume_bytes(info.shape, info.dtype, info.path));
  DenseLayout layout{nullptr, 0, header.binary ? header.byte_order : std::endian::native};
  ND_ASSIGN(layout.input, open_parts(header, path, bytes));
  return make_dense_source(std::move(info), std::move(layout));
}

}  // namespace ndcast::convert
