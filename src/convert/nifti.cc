#include "convert/nifti.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "convert/dense_source.h"

namespace ndcast::convert {
namespace {

constexpr std::int64_t kIntentLabel = 1002;

/// Numbers at offsets of a header, in the header's byte order. The caller has checked that it is long enough.
class Fields {
 public:
  Fields(std::span<const std::byte> bytes, std::endian order) : bytes_(bytes), order_(order) {}
  template <class T>
  T get(std::size_t offset) const {
    std::array<std::byte, sizeof(T)> raw;
    std::memcpy(raw.data(), bytes_.data() + offset, sizeof(T));
    if (order_ != std::endian::native) std::ranges::reverse(raw);
    return std::bit_cast<T>(raw);
  }
  std::string text(std::size_t offset, std::size_t length) const {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
      const char c = static_cast<char>(bytes_[offset + i]);
      if (c == '\0') break;
      out += c >= ' ' && c < 127 ? c : '?';
    }
    return out;
  }

 private:
  std::span<const std::byte> bytes_;
  std::endian order_;
};

/// What both versions say, as numbers of one kind.
struct RawHeader {
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  std::int64_t datatype = 0, intent = 0, qform = 0, sform = 0, units = 0;
  double vox_offset = 0, slope = 0, intercept = 0;
  std::array<double, 3> quaternion{}, qoffset{};
  std::array<std::array<double, 4>, 3> srow{};
  std::string description;
};

RawHeader read_nifti1(const Fields& fields) {
  RawHeader out;
  for (std::size_t i = 0; i < 8; ++i) {
    out.dim[i] = fields.get<std::int16_t>(40 + 2 * i);
    out.pixdim[i] = fields.get<float>(76 + 4 * i);
  }
  out.intent = fields.get<std::int16_t>(68);
  out.datatype = fields.get<std::int16_t>(70);
  out.vox_offset = fields.get<float>(108);
  out.slope = fields.get<float>(112);
  out.intercept = fields.get<float>(116);
  out.units = fields.get<std::uint8_t>(123);
  out.description = fields.text(148, 80);
  out.qform = fields.get<std::int16_t>(252);
  out.sform = fields.get<std::int16_t>(254);
  for (std::size_t i = 0; i < 3; ++i) {
    out.quaternion[i] = fields.get<float>(256 + 4 * i);
    out.qoffset[i] = fields.get<float>(268 + 4 * i);
    for (std::size_t j = 0; j < 4; ++j) out.srow[i][j] = fields.get<float>(280 + 16 * i + 4 * j);
  }
  return out;
}

RawHeader read_nifti2(const Fields& fields) {
  RawHeader out;
  out.datatype = fields.get<std::int16_t>(12);
  for (std::size_t i = 0; i < 8; ++i) {
    out.dim[i] = fields.get<std::int64_t>(16 + 8 * i);
    out.pixdim[i] = fields.get<double>(104 + 8 * i);
  }
  out.vox_offset = static_cast<double>(fields.get<std::int64_t>(168));
  out.slope = fields.get<double>(176);
  out.intercept = fields.get<double>(184);
  out.description = fields.text(240, 80);
  out.qform = fields.get<std::int32_t>(344);
  out.sform = fields.get<std::int32_t>(348);
  for (std::size_t i = 0; i < 3; ++i) {
    out.quaternion[i] = fields.get<double>(352 + 8 * i);
    out.qoffset[i] = fields.get<double>(376 + 8 * i);
    for (std::size_t j = 0; j < 4; ++j) out.srow[i][j] = fields.get<double>(400 + 32 * i + 8 * j);
  }
  out.units = fields.get<std::int32_t>(500);
  out.intent = fields.get<std::int32_t>(504);
  return out;
}

Result<void> set_type(NiftiHeader& header, std::int64_t datatype, std::string_view path) {
  using enum image::DType;
  switch (datatype) {
    case 2:
      header.dtype = UInt8;
      return {};
    case 4:
      header.dtype = Int16;
      return {};
    case 8:
      header.dtype = Int32;
      return {};
    case 16:
      header.dtype = Float32;
      return {};
    case 64:
      header.dtype = Float64;
      return {};
    case 128:
      header.dtype = UInt8;
      header.samples = 3;
      return {};
    case 256:
      header.dtype = Int8;
      return {};
    case 512:
      header.dtype = UInt16;
      return {};
    case 768:
      header.dtype = UInt32;
      return {};
    case 1024:
      header.dtype = Int64;
      return {};
    case 1280:
      header.dtype = UInt64;
      return {};
    case 2304:
      header.dtype = UInt8;
      header.samples = 4;
      return {};
    case 1:
      return fail(ErrorCode::Unsupported, "{}: datatype 1 (single bits) is not supported", path);
    case 32:
      return fail(ErrorCode::Unsupported, "{}: datatype 32 (complex64) is not supported, expected real numbers", path);
    case 1536:
      return fail(ErrorCode::Unsupported, "{}: datatype 1536 (float128) is not supported", path);
    case 1792:
      return fail(ErrorCode::Unsupported, "{}: datatype 1792 (complex128) is not supported, expected real numbers",
                  path);
    case 2048:
      return fail(ErrorCode::Unsupported, "{}: datatype 2048 (complex256) is not supported, expected real numbers",
                  path);
    default:
      return fail(ErrorCode::Invalid, "{}: datatype {}, expected one of NIfTI's (2, 4, 8, 16, 64, …)", path, datatype);
  }
}

/// qform as nifti1.h describes it: a rotation from a quaternion, columns scaled by pixdim, the third by qfac too.
std::array<std::array<double, 4>, 3> from_quaternion(const RawHeader& raw) {
  auto [b, c, d] = raw.quaternion;
  double a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {  // a rotation by 180 degrees: normalise what is left
    const double length = std::sqrt(b * b + c * c + d * d);
    b /= length, c /= length, d /= length;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  const double qfac = raw.pixdim[0] < 0 ? -1 : 1;
  const double i = usable_scale(raw.pixdim[1]), j = usable_scale(raw.pixdim[2]), k = qfac * usable_scale(raw.pixdim[3]);
  return {{{(a * a + b * b - c * c - d * d) * i, 2 * (b * c - a * d) * j, 2 * (b * d + a * c) * k, raw.qoffset[0]},
           {2 * (b * c + a * d) * i, (a * a + c * c - b * b - d * d) * j, 2 * (c * d - a * b) * k, raw.qoffset[1]},
           {2 * (b * d - a * c) * i, 2 * (c * d + a * b) * j, (a * a + d * d - c * c - b * b) * k, raw.qoffset[2]}}};
}

bool all_finite(const std::array<std::array<double, 4>, 3>& affine) {
  return std::ranges::all_of(affine, [](const auto& row) {
    return std::ranges::all_of(row, [](double value) { return std::isfinite(value); });
  });
}

void set_affine(NiftiHeader& header, const RawHeader& raw) {
  if (raw.sform > 0 && all_finite(raw.srow)) {
    header.affine = raw.srow;
    header.affine_from = "sform";
  } else if (raw.qform > 0) {
    const auto affine = from_quaternion(raw);
    if (!all_finite(affine)) return;
    header.affine = affine;
    header.affine_from = "qform";
  }
}

Result<void> set_sizes(NiftiHeader& header, const RawHeader& raw, std::string_view path) {
  if (raw.dim[0] < 1 || raw.dim[0] > 7) {
    return fail(ErrorCode::Invalid, "{}: dim[0] is {}, expected 1 to 7 dimensions", path, raw.dim[0]);
  }
  for (std::size_t i = 1; i <= static_cast<std::size_t>(raw.dim[0]); ++i) {
    if (raw.dim[i] < 1) return fail(ErrorCode::Invalid, "{}: dim[{}] is {}, expected at least 1", path, i, raw.dim[i]);
    header.sizes.push_back(raw.dim[i]);
    header.pixdim.push_back(usable_scale(raw.pixdim[i]));
  }
  return {};
}

/// The file beside it with the other ending: x.hdr.gz ↔ x.img.gz, x.img.
Result<std::filesystem::path> other_of_pair(const std::filesystem::path& path, const char* from, const char* to) {
  const std::string text = path.string();
  const std::size_t at = text.rfind(from);
  if (at != std::string::npos) {
    const std::string stem = text.substr(0, at) + to;
    for (const std::string& candidate : {stem + text.substr(at + 4), stem, stem + ".gz"}) {
      std::error_code error;
      if (std::filesystem::is_regular_file(candidate, error)) return candidate;
    }
  }
  return fail(ErrorCode::NotFound, "{}: one file of a pair, and the {} file beside it is not there", text, to);
}

Json affine_json(const std::array<std::array<double, 4>, 3>& affine) {
  Json rows = Json::make_array();
  for (const auto& row : affine) rows.push_back(Json::list(row));
  rows.push_back(Json::list(std::array{0.0, 0.0, 0.0, 1.0}));
  return rows;
}

SourceInfo describe(const NiftiHeader& header, const std::filesystem::path& path) {
  SourceInfo info;
  info.format = header.version == 2 ? "NIfTI-2" : "NIfTI-1";
  info.path = path.string();
  info.dtype = header.dtype;
  info.labels = header.labels;
  static constexpr std::array<const char*, 7> kNames = {"x", "y", "z", "t", "c", "dim_6", "dim_7"};
  for (std::size_t i = header.sizes.size(); i-- > 0;) {
    // Dimensions above three that hold one element only make room for one after them.
    if (i >= 3 && header.sizes[i] == 1) continue;
    info.shape.push_back(header.sizes[i]);
    info.axes.push_back(make_axis(kNames[i], header.pixdim[i],
                                  i < 3    ? header.space_unit
                                  : i == 3 ? header.time_unit
                                           : ""));
  }
  if (header.samples > 1) {
    info.shape.push_back(header.samples);
    info.axes.push_back(make_axis("c"));
    for (int i = 0; i < header.samples; ++i) {
      static constexpr std::array<const char*, 4> kLabels = {"red", "green", "blue", "alpha"};
      info.channels.push_back({kLabels[static_cast<std::size_t>(i)], {}});
    }
  }
  if (header.affine) {
    info.attributes.set("orientation", Json::make_object({{"affine", affine_json(*header.affine)},
                                                          {"affine_from", header.affine_from},
                                                          {"space", "RAS"},
                                                          {"index_order", "xyz"},
                                                          {"axis_codes", axis_codes(*header.affine)}}));
  }
  if (header.slope != 1 || header.intercept != 0) {
    info.attributes.set("value_scale", Json::make_object({{"slope", header.slope}, {"intercept", header.intercept}}));
  }
  if (!header.description.empty()) info.attributes.set("description", header.description);
  return info;
}

}  // namespace

std::string axis_codes(const std::array<std::array<double, 4>, 3>& affine) {
  std::string out;
  for (std::size_t column = 0; column < 3; ++column) {
    std::size_t largest = 0;
    for (std::size_t row = 1; row < 3; ++row) {
      if (std::fabs(affine[row][column]) > std::fabs(affine[largest][column])) largest = row;
    }
    out += affine[largest][column] < 0 ? "LPI"[largest] : "RAS"[largest];
  }
  return out;
}

Result<NiftiHeader> parse_nifti_header(std::span<const std::byte> bytes, std::string_view path) {
  if (bytes.size() < kNifti1HeaderBytes) {
    return fail(ErrorCode::Invalid, "{}: {} bytes, expected a NIfTI header of {}", path, bytes.size(),
                kNifti1HeaderBytes);
  }
  NiftiHeader header;
  bool known = false;
  for (const std::endian order : {std::endian::little, std::endian::big}) {
    const auto size = static_cast<std::size_t>(Fields(bytes, order).get<std::int32_t>(0));
    if (size != kNifti1HeaderBytes && size != kNifti2HeaderBytes) continue;
    header.version = size == kNifti2HeaderBytes ? 2 : 1;
    header.byte_order = order;
    known = true;
  }
  const Fields fields(bytes, header.byte_order);
  if (!known) {
    return fail(ErrorCode::Invalid, "{}: is no NIfTI file: sizeof_hdr is {}, expected 348 or 540", path,
                fields.get<std::int32_t>(0));
  }
  if (header.version == 2 && bytes.size() < kNifti2HeaderBytes) {
    return fail(ErrorCode::Invalid, "{}: {} bytes, expected a NIfTI-2 header of {}", path, bytes.size(),
                kNifti2HeaderBytes);
  }
  const std::string magic = fields.text(header.version == 2 ? 4 : 344, 3);
  const std::string version = std::to_string(header.version);
  if (magic != "n+" + version && magic != "ni" + version) {
    return fail(ErrorCode::Unsupported, "{}: magic is '{}', expected 'n+{}' or 'ni{}'{}", path, magic, version, version,
                magic.empty() ? " (an Analyze 7.5 file says too little about its axes)" : "");
  }
  header.pair = magic[1] == 'i';
  const RawHeader raw = header.version == 2 ? read_nifti2(fields) : read_nifti1(fields);
  ND_TRY(set_type(header, raw.datatype, path));
  ND_TRY(set_sizes(header, raw, path));
  if (!(raw.vox_offset >= 0) || raw.vox_offset > 1e15) {
    return fail(ErrorCode::Invalid, "{}: vox_offset is {}, expected a position in the file", path, raw.vox_offset);
  }
  header.vox_offset = static_cast<std::uint64_t>(raw.vox_offset);
  if (!header.pair) header.vox_offset = std::max<std::uint64_t>(header.vox_offset, header.version == 2 ? 544 : 352);
  if (std::isfinite(raw.slope) && raw.slope != 0 && std::isfinite(raw.intercept)) {
    header.slope = raw.slope;
    header.intercept = raw.intercept;
  }
  const std::int64_t space = raw.units & 7;
  const std::int64_t time = raw.units & 0x38;
  header.space_unit = space == 1 ? "meter" : space == 2 ? "millimeter" : space == 3 ? "micrometer" : "";
  header.time_unit = time == 8 ? "second" : time == 16 ? "millisecond" : time == 24 ? "microsecond" : "";
  header.labels = raw.intent == kIntentLabel;
  header.description = raw.description;
  set_affine(header, raw);
  return header;
}

Result<std::unique_ptr<Source>> open_nifti(const std::filesystem::path& path) {
  std::filesystem::path head = path;
  const std::string name = path.filename().string();
  if (name.ends_with(".img") || name.ends_with(".img.gz")) {
    ND_ASSIGN(head, other_of_pair(path, ".img", ".hdr"));
  }
  ND_ASSIGN(std::vector<std::byte> bytes, read_head(head, kNifti1HeaderBytes));
  if (auto longer = read_head(head, kNifti2HeaderBytes)) bytes = *std::move(longer);
  ND_ASSIGN(const NiftiHeader header, parse_nifti_header(bytes, head.string()));
  std::filesystem::path voxels = head;
  if (header.pair) {
    ND_ASSIGN(voxels, other_of_pair(head, ".hdr", ".img"));
  }
  ND_ASSIGN(const Compression compression, sniff_compression(voxels));
  DenseLayout layout{nullptr, header.vox_offset, header.byte_order};
  ND_ASSIGN(layout.input, open_stream(voxels, compression));
  SourceInfo info = describe(header, head);
  if (info.shape.size() < 2) {
    info.shape.insert(info.shape.begin(), 1);
    info.axes.insert(info.axes.begin(), make_axis("y"));
  }
  return make_dense_source(std::move(info), std::move(layout));
}

}  // namespace ndcast::convert
