#include "convert/npy.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "convert/dense_source.h"
#include "convert/text_header.h"

namespace ndcast::convert {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kZipEntryBytes = 30;

/// Little-endian number at `at`; the caller has checked the size.
template <class T>
T little(std::span<const std::byte> bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

/// What follows 'KEY': in a Python dictionary, up to `end`.
std::string_view value_of(std::string_view dictionary, std::string_view key, char end) {
  const std::size_t at = dictionary.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = dictionary.substr(at + key.size());
  return trimmed(rest.substr(0, rest.find(end)));
}

/// "<u2" → UInt16, little.
Result<void> take_type(std::string_view text, NpyHeader& header, std::string_view path) {
  if (text.size() == 3 && std::string_view("<>|=").contains(text[0])) {
    static constexpr std::pair<std::string_view, image::DType> kTypes[] = {
        {"b1", image::DType::Bool},    {"i1", image::DType::Int8},    {"u1", image::DType::UInt8},
        {"i2", image::DType::Int16},   {"u2", image::DType::UInt16},  {"i4", image::DType::Int32},
        {"u4", image::DType::UInt32},  {"i8", image::DType::Int64},   {"u8", image::DType::UInt64},
        {"f2", image::DType::Float16}, {"f4", image::DType::Float32}, {"f8", image::DType::Float64}};
    for (const auto& [name, dtype] : kTypes) {
      if (name != text.substr(1)) continue;
      header.dtype = dtype;
      if (text[0] == '<') header.byte_order = std::endian::little;
      if (text[0] == '>') header.byte_order = std::endian::big;
      return {};
    }
  }
  return fail(ErrorCode::Unsupported, "{}: elements of type '{}' are not supported, expected numbers", path,
              text.substr(0, 40));
}

struct Member {
  std::uint64_t offset = 0;  ///< of its bytes
  Compression compression = Compression::None;
};

/// The first file of a zip, by its local header.
Result<Member> first_member(const std::filesystem::path& path) {
  ND_ASSIGN(const auto file, open_file(path));
  std::vector<std::byte> head(kZipEntryBytes);
  ND_TRY(file->read_at(0, head));
  if (little<std::uint32_t>(head, 0) != 0x04034b50U)
    return fail(ErrorCode::Invalid, "{}: is no zip file", path.string());
  const auto flags = little<std::uint16_t>(head, 6);
  const auto method = little<std::uint16_t>(head, 8);
  if ((flags & 1U) != 0) return fail(ErrorCode::Unsupported, "{}: its first file is encrypted", path.string());
  if (method != 0 && method != 8) {
    return fail(ErrorCode::Unsupported,
                "{}: its first file is compressed by method {}, expected 0 (stored) or 8 (deflate)", path.string(),
                method);
  }
  const std::uint64_t names = std::uint64_t{little<std::uint16_t>(head, 26)} + little<std::uint16_t>(head, 28);
  return Member{kZipEntryBytes + names, method == 8 ? Compression::RawDeflate : Compression::None};
}

/// The array that begins at `member`.
Result<std::unique_ptr<Source>> open_array_at(const std::filesystem::path& path, const Member& member,
                                              std::string_view format) {
  std::vector<std::byte> head(12);
  std::unique_ptr<ByteInput> input;
  ND_ASSIGN(input, open_stream(path, member.compression, member.offset));
  ND_TRY(input->read_at(0, head));
  const bool long_header = head[6] != std::byte{1};
  const std::size_t length =
      long_header ? 12 + std::size_t{little<std::uint32_t>(head, 8)} : 10 + std::size_t{little<std::uint16_t>(head, 8)};
  if (length > limits::kImportHeaderBytes)
    return fail(ErrorCode::Invalid, "{}: a header of {} bytes", path.string(), length);
  head.resize(length);
  ND_TRY(input->read_at(0, head));
  ND_ASSIGN(const NpyHeader header, parse_npy_header(head, path.string()));
  static constexpr std::string_view kAxes = "tczyx";
  SourceInfo info;
  info.format = format;
  info.path = path.string();
  info.dtype = header.dtype;
  info.shape = header.shape;
  while (info.shape.size() < 2) info.shape.insert(info.shape.begin(), 1);
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const std::size_t from_end = info.shape.size() - i;
    info.axes.push_back(make_axis(from_end <= kAxes.size() ? std::string(1, kAxes[kAxes.size() - from_end])
                                                           : "dim_" + std::to_string(i)));
  }
  return make_dense_source(std::move(info), {std::move(input), header.data_offset, header.byte_order});
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, std::string_view path) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic) || bytes.size() < 12) return fail(ErrorCode::Invalid, "{}: is no NumPy array", path);
  const std::size_t begin = bytes[6] == std::byte{1} ? 10 : 12;
  const std::size_t length = begin == 10 ? little<std::uint16_t>(bytes, 8) : little<std::uint32_t>(bytes, 8);
  if (length > bytes.size() - begin)
    return fail(ErrorCode::Invalid, "{}: a header of {} bytes in {}", path, length, bytes.size());
  const std::string_view dictionary = text.substr(begin, length);
  NpyHeader header;
  header.data_offset = begin + length;
  std::string_view type = value_of(dictionary, "'descr':", ',');
  if (type.size() >= 2 && type.front() == '\'' && type.back() == '\'') type = type.substr(1, type.size() - 2);
  ND_TRY(take_type(type, header, path));
  std::string shape(value_of(dictionary, "'shape':", ')'));
  std::ranges::replace(shape, ',', ' ');
  std::ranges::replace(shape, '(', ' ');
  ND_ASSIGN(header.shape, numbers_of<std::int64_t>(shape, fmt::format("{}: shape", path)));
  if (header.shape.size() > limits::kDimensions)
    return fail(ErrorCode::Limit, "{}: {} dimensions, expected at most {}", path, header.shape.size(),
                limits::kDimensions);
  if (value_of(dictionary, "'fortran_order':", ',') == "True") std::ranges::reverse(header.shape);
  return header;
}

Result<std::unique_ptr<Source>> open_npy(const std::filesystem::path& path) { return open_array_at(path, {}, "NumPy"); }

Result<std::unique_ptr<Source>> open_npz(const std::filesystem::path& path) {
  ND_ASSIGN(const Member member, first_member(path));
  return open_array_at(path, member, "NumPy zip");
}

}  // namespace ndcast::convert
