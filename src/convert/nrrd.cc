#include "convert/nrrd.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/limits.h"
#include "convert/dense_source.h"
#include "convert/text_header.h"

namespace ndcast::convert {
namespace {

constexpr std::int64_t kMaxDimensions = 16;  // teem's NRRD_DIM_MAX

std::optional<image::DType> type_named(const std::string& name) {
  using enum image::DType;
  static const std::map<std::string, image::DType, std::less<>> kTypes = {{"signed char", Int8},
                                                                          {"int8", Int8},
                                                                          {"int8_t", Int8},
                                                                          {"uchar", UInt8},
                                                                          {"unsigned char", UInt8},
                                                                          {"uint8", UInt8},
                                                                          {"uint8_t", UInt8},
                                                                          {"short", Int16},
                                                                          {"short int", Int16},
                                                                          {"signed short", Int16},
                                                                          {"signed short int", Int16},
                                                                          {"int16", Int16},
                                                                          {"int16_t", Int16},
                                                                          {"ushort", UInt16},
                                                                          {"unsigned short", UInt16},
                                                                          {"unsigned short int", UInt16},
                                                                          {"uint16", UInt16},
                                                                          {"uint16_t", UInt16},
                                                                          {"int", Int32},
                                                                          {"signed int", Int32},
                                                                          {"int32", Int32},
                                                                          {"int32_t", Int32},
                                                                          {"uint", UInt32},
                                                                          {"unsigned int", UInt32},
                                                                          {"uint32", UInt32},
                                                                          {"uint32_t", UInt32},
                                                                          {"longlong", Int64},
                                                                          {"long long", Int64},
                                                                          {"long long int", Int64},
                                                                          {"signed long long", Int64},
                                                                          {"signed long long int", Int64},
                                                                          {"int64", Int64},
                                                                          {"int64_t", Int64},
                                                                          {"ulonglong", UInt64},
                                                                          {"unsigned long long", UInt64},
                                                                          {"unsigned long long int", UInt64},
                                                                          {"uint64", UInt64},
                                                                          {"uint64_t", UInt64},
                                                                          {"float", Float32},
                                                                          {"double", Float64}};
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

/// "\"mm\" \"mm\"" → mm, mm; unquoted words too.
std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    text = trimmed(text);
    if (text.empty()) return out;
    if (text.front() == '"') {
      const std::size_t end = std::min(text.find('"', 1), text.size());
      out.emplace_back(text.substr(1, end - 1));
      text.remove_prefix(std::min(end + 1, text.size()));
    } else {
      const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
      out.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
}

/// "(1,0,0.5)".
std::optional<std::vector<double>> vector_of(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('(') || !text.ends_with(')')) return std::nullopt;
  std::string inside(text.substr(1, text.size() - 2));
  std::ranges::replace(inside, ',', ' ');
  auto numbers = numbers_of<double>(inside, "");
  if (!numbers || numbers->empty()) return std::nullopt;
  return *std::move(numbers);
}

/// "(1,0) none (0,2)" → one entry each.
Result<std::vector<std::optional<std::vector<double>>>> directions_of(std::string_view text, std::string_view where) {
  std::vector<std::optional<std::vector<double>>> out;
  while (!(text = trimmed(text)).empty()) {
    if (text.starts_with("none")) {
      out.emplace_back();
      text.remove_prefix(4);
      continue;
    }
    const std::size_t end = text.find(')');
    const auto vector = end == std::string_view::npos ? std::nullopt : vector_of(text.substr(0, end + 1));
    if (!vector)
      return fail(ErrorCode::Invalid, "{}: '{}', expected vectors such as (1,0,0), or none", where, text.substr(0, 40));
    out.push_back(vector);
    text.remove_prefix(end + 1);
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view path) : path_(path) {}

  Result<NrrdHeader> parse(std::string_view text) {
    const std::size_t whole = text.size();
    const auto magic = take_line(text);
    if (!magic || !magic->starts_with("NRRD000") || magic->size() != 8) {
      return fail(ErrorCode::Invalid, "{}: begins with '{}', expected NRRD0001 to NRRD0006", path_,
                  magic ? magic->substr(0, 8) : "");
    }
    bool ended = false;
    while (const auto line = take_line(text)) {
      if (line->empty()) {
        ended = true;
        break;
      }
      if (line->starts_with('#')) continue;
      if (const std::size_t at = line->find(":="); at != std::string_view::npos && at < line->find(": ")) {
        header_.key_values.emplace_back(trimmed(line->substr(0, at)), trimmed(line->substr(at + 2)));
        continue;
      }
      const std::size_t colon = line->find(':');
      if (colon == std::string_view::npos) {
        return fail(ErrorCode::Invalid, "{}: line '{}', expected 'field: value'", path_, line->substr(0, 60));
      }
      const std::string field = lower_case(trimmed(line->substr(0, colon)));
      ND_TRY(take_field(field, trimmed(line->substr(colon + 1))));
      if (header_.data_file.starts_with("LIST")) {
        header_.data_list = std::string(text);
        ended = true;
        break;
      }
    }
    if (!ended && header_.data_file.empty()) {
      return fail(ErrorCode::Invalid, "{}: the header does not end with an empty line in its first {} bytes", path_,
                  whole);
    }
    header_.data_offset = whole - text.size();
    ND_TRY(finish());
    return std::move(header_);
  }

 private:
  Result<void> take_field(const std::string& field, std::string_view value) {
    const std::string where = fmt::format("{}: {}", path_, field);
    if (field == "type") {
      const std::string name = lower_case(value);
      const auto type = type_named(name);
      if (!type)
        return fail(ErrorCode::Unsupported, "{} '{}' is not supported, expected a number type", where,
                    value.substr(0, 40));
      header_.dtype = *type;
      has_type_ = true;
    } else if (field == "dimension") {
      const auto number = number_of<std::int64_t>(value);
      if (!number || *number < 1 || *number > kMaxDimensions) {
        return fail(ErrorCode::Invalid, "{} is '{}', expected 1 to {}", where, value.substr(0, 40), kMaxDimensions);
      }
      dimension_ = *number;
    } else if (field == "sizes") {
      ND_ASSIGN(header_.sizes, numbers_of<std::int64_t>(value, where));
    } else if (field == "spacings") {
      ND_ASSIGN(header_.spacings, numbers_of<double>(lower_case(value), where));
    } else if (field == "space directions") {
      ND_ASSIGN(header_.directions, directions_of(value, where));
    } else if (field == "space origin") {
      if (const auto origin = vector_of(value)) header_.space_origin = *origin;
    } else if (field == "space") {
      header_.space = std::string(value);
    } else if (field == "kinds") {
      for (const auto word : words_of(value)) header_.kinds.push_back(lower_case(word));
    } else if (field == "labels") {
      header_.labels = quoted_words(value);
    } else if (field == "units") {
      header_.units = quoted_words(value);
    } else if (field == "space units") {
      header_.space_units = quoted_words(value);
    } else if (field == "endian") {
      if (value != "little" && value != "big") {
        return fail(ErrorCode::Invalid, "{} is '{}', expected little or big", where, value.substr(0, 40));
      }
      header_.byte_order = value == "little" ? std::endian::little : std::endian::big;
    } else if (field == "encoding") {
      return take_encoding(lower_case(value), where);
    } else if (field == "line skip" || field == "lineskip" || field == "byte skip" || field == "byteskip") {
      const auto number = number_of<std::int64_t>(value);
      const bool lines = field.starts_with("line");
      if (!number || (lines && *number < 0))
        return fail(ErrorCode::Invalid, "{} is '{}', expected a number", where, value.substr(0, 40));
      (lines ? header_.line_skip : header_.byte_skip) = *number;
    } else if (field == "data file" || field == "datafile") {
      header_.data_file = std::string(value);
    }
    return {};  // content, min, max, sample units, …: nothing that reading needs
  }

  Result<void> take_encoding(const std::string& name, const std::string& where) {
    using enum NrrdHeader::Encoding;
    if (name == "raw") {
      header_.encoding = Raw;
    } else if (name == "gzip" || name == "gz") {
      header_.encoding = Gzip;
    } else if (name == "bzip2" || name == "bz2") {
      header_.encoding = Bzip2;
    } else if (name == "ascii" || name == "text" || name == "txt") {
      header_.encoding = Text;
    } else {
      return fail(ErrorCode::Unsupported, "{} '{}' is not supported, expected raw, gzip, bzip2 or ascii", where,
                  name.substr(0, 40));
    }
    has_encoding_ = true;
    return {};
  }

  Result<void> finish() {
    if (!has_type_) return fail(ErrorCode::Invalid, "{}: has no type", path_);
    if (!has_encoding_) return fail(ErrorCode::Invalid, "{}: has no encoding", path_);
    if (dimension_ == 0 || header_.sizes.size() != static_cast<std::size_t>(dimension_)) {
      return fail(ErrorCode::Invalid, "{}: {} sizes, expected dimension of them, {}", path_, header_.sizes.size(),
                  dimension_);
    }
    const auto check = [&](const char* field, std::size_t count) -> Result<void> {
      if (count == 0 || count == header_.sizes.size()) return {};
      return fail(ErrorCode::Invalid, "{}: {} {}, expected one an axis, {}", path_, count, field, header_.sizes.size());
    };
    ND_TRY(check("spacings", header_.spacings.size()));
    ND_TRY(check("space directions", header_.directions.size()));
    ND_TRY(check("kinds", header_.kinds.size()));
    if (!header_.byte_order && image::byte_size(header_.dtype) > 1 && header_.encoding != NrrdHeader::Encoding::Text) {
      return fail(ErrorCode::Invalid, "{}: has no endian, which {} needs", path_, image::to_string(header_.dtype));
    }
    return {};
  }

  std::string path_;
  NrrdHeader header_;
  std::int64_t dimension_ = 0;
  bool has_type_ = false;
  bool has_encoding_ = false;
};

bool is_channel_kind(const std::string& kind) {
  static constexpr const char* kSpatial[] = {"domain", "space", "time", "???", "none"};
  return !kind.empty() && std::ranges::find(kSpatial, kind) == std::end(kSpatial);
}

/// x, y, z for the axes of space from the fastest on; t; c for lists, colours and vectors.
std::vector<std::string> axis_names(const NrrdHeader& header) {
  static constexpr const char* kSpace[] = {"x", "y", "z"};
  std::vector<std::string> names;
  std::size_t space = 0;
  bool has_t = false;
  bool has_c = false;
  for (std::size_t i = 0; i < header.sizes.size(); ++i) {
    const std::string kind = i < header.kinds.size() ? header.kinds[i] : "";
    const bool outside = (i < header.directions.size() && !header.directions[i]) || is_channel_kind(kind);
    if (!has_t && (kind == "time" || (!outside && space == 3))) {
      has_t = true;
      names.emplace_back("t");
    } else if (!outside && kind != "time" && space < 3) {
      names.emplace_back(kSpace[space++]);
    } else if (!has_c) {
      has_c = true;
      names.emplace_back("c");
    } else {
      names.push_back("dim_" + std::to_string(i));
    }
  }
  return names;
}

double length_of(const std::vector<double>& vector) {
  double sum = 0;
  for (const double part : vector) sum += part * part;
  return std::sqrt(sum);
}

Json orientation_json(const NrrdHeader& header) {
  Json directions = Json::make_array();
  for (const auto& direction : header.directions) {
    const bool finite = direction && std::ranges::all_of(*direction, [](double v) { return std::isfinite(v); });
    directions.push_back(finite ? Json::list(*direction) : Json());
  }
  Json out = Json::make_object({{"space_directions", std::move(directions)}, {"index_order", "fastest first"}});
  if (!header.space.empty()) out.set("space", header.space);
  if (std::ranges::all_of(header.space_origin, [](double v) { return std::isfinite(v); }) &&
      !header.space_origin.empty()) {
    out.set("space_origin", Json::list(header.space_origin));
  }
  return out;
}

SourceInfo describe(const NrrdHeader& header, const std::filesystem::path& path) {
  SourceInfo info;
  info.format = "NRRD";
  info.path = path.string();
  info.dtype = header.dtype;
  const std::vector<std::string> names = axis_names(header);
  std::size_t space = 0;
  for (std::size_t i = 0; i < header.sizes.size(); ++i) {
    SourceAxis axis = make_axis(names[i]);
    const bool spatial = axis.type == image::AxisType::Space;
    if (i < header.directions.size() && header.directions[i])
      axis.scale = usable_scale(length_of(*header.directions[i]));
    if (i < header.spacings.size()) axis.scale = usable_scale(header.spacings[i]);
    if (i < header.units.size()) axis.unit = udunits_name(header.units[i]);
    if (spatial && axis.unit.empty() && space < header.space_units.size())
      axis.unit = udunits_name(header.space_units[space]);
    if (spatial) ++space;
    info.axes.insert(info.axes.begin(), std::move(axis));
    info.shape.insert(info.shape.begin(), header.sizes[i]);
  }
  if (!header.directions.empty()) info.attributes.set("orientation", orientation_json(header));
  if (!header.key_values.empty()) {
    Json values = Json::make_object();
    for (const auto& [key, value] : header.key_values) values.set(key, value);
    info.attributes.set("key_values", std::move(values));
  }
  if (info.shape.size() == 1) {
    info.shape.insert(info.shape.begin(), 1);
    info.axes.insert(info.axes.begin(), make_axis("y"));
  }
  return info;
}

/// Bytes until `lines` line ends are behind; only the first limits::kImportHeaderBytes are searched.
Result<std::uint64_t> skip_lines(const std::filesystem::path& file, std::uint64_t offset, std::int64_t lines) {
  if (lines == 0) return offset;
  ND_ASSIGN(const auto input, open_stream(file, Compression::None, offset));
  std::string text(std::min<std::uint64_t>(input->size_at_most(), limits::kImportHeaderBytes), '\0');
  ND_TRY(input->read_at(0, std::as_writable_bytes(std::span(text))));
  std::string_view rest = text;
  for (std::int64_t i = 0; i < lines; ++i) {
    if (!take_line(rest)) return fail(ErrorCode::Invalid, "{}: fewer than the {} lines to skip", file.string(), lines);
  }
  return offset + (text.size() - rest.size());
}

struct FilePlace {
  std::filesystem::path path;
  std::uint64_t offset = 0;  ///< where the encoded data begins, before line skip
};

/// One file's voxels, `bytes` of them, from the first on.
Result<std::unique_ptr<ByteInput>> open_voxels(const NrrdHeader& header, const FilePlace& place, std::uint64_t bytes) {
  using enum NrrdHeader::Encoding;
  ND_ASSIGN(const std::uint64_t begin, skip_lines(place.path, place.offset, header.line_skip));
  if (header.encoding == Text) {
    return open_text(place.path, begin, header.dtype, bytes / image::byte_size(header.dtype));
  }
  if (header.encoding == Raw) {
    if (header.byte_skip >= 0) {
      return open_stream(place.path, Compression::None, begin + static_cast<std::uint64_t>(header.byte_skip));
    }
    // -1: the data ends where the file ends; -5: four bytes before that.
    ND_ASSIGN(const auto file, open_file(place.path));
    const std::uint64_t after = static_cast<std::uint64_t>(-(header.byte_skip + 1));
    if (after > file->size_at_most() || bytes > file->size_at_most() - after) {
      return fail(ErrorCode::Corrupt, "{}: has {} bytes, expected at least {}", place.path.string(),
                  file->size_at_most(), bytes);
    }
    return open_stream(place.path, Compression::None, file->size_at_most() - after - bytes);
  }
  if (header.byte_skip != 0) {
    return fail(ErrorCode::Unsupported, "{}: byte skip {} of compressed data is not supported, expected 0",
                place.path.string(), header.byte_skip);
  }
  return open_stream(place.path, header.encoding == Gzip ? Compression::Deflate : Compression::Bzip2, begin);
}

Result<std::unique_ptr<ByteInput>> open_parts(const NrrdHeader& header, const std::filesystem::path& path,
                                              std::uint64_t bytes) {
  if (header.data_file.empty()) return open_voxels(header, {path, header.data_offset}, bytes);
  ND_ASSIGN(const DataFiles files, data_files(header.data_file, header.data_list, path, path.string() + ": data file"));
  return open_data_files(files, bytes, path.string(), [&](const std::filesystem::path& file, std::uint64_t part) {
    return open_voxels(header, {file, 0}, part);
  });
}

}  // namespace

Result<NrrdHeader> parse_nrrd_header(std::string_view text, std::string_view path) { return Parser(path).parse(text); }

Result<std::unique_ptr<Source>> open_nrrd(const std::filesystem::path& path) {
  ND_ASSIGN(const std::string text, read_header_text(path));
  ND_ASSIGN(const NrrdHeader header, parse_nrrd_header(text, path.string()));
  SourceInfo info = describe(header, path);
  ND_ASSIGN(const std::uint64_t bytes, checked_volume_bytes(info.shape, info.dtype, info.path));
  // Text was parsed into native numbers.
  const bool native = header.encoding == NrrdHeader::Encoding::Text || !header.byte_order;
  DenseLayout layout{nullptr, 0, native ? std::endian::native : *header.byte_order};
  ND_ASSIGN(layout.input, open_parts(header, path, bytes));
  return make_dense_source(std::move(info), std::move(layout));
}

}  // namespace ndcast::convert
