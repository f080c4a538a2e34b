#include <algorithm>
#include <array>
#include <bit>

#include <bzlib.h>
#include <zlib.h>

#include "convert/source_makers_test_util.h"

namespace ndcast::convert {
namespace {

using testing::image_like;
using testing::raw_text;
using testing::TempFolder;
using testing::write_file;

template <class T>
std::string swapped_text(std::vector<T> values) {
  for (T& value : values) {
    auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    std::ranges::reverse(bytes);
    value = std::bit_cast<T>(bytes);
  }
  return raw_text(values);
}

std::string deflated(const std::string& text, bool gzip) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + (gzip ? 16 : 0), 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string bzipped(const std::string& text) {
  std::string out(text.size() * 2 + 1000, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                     static_cast<unsigned>(text.size()), 9, 0, 0),
            BZ_OK);
  out.resize(size);
  return out;
}

// --- NIfTI ---

template <class T>
void put(std::string& header, std::size_t at, T value) {
  std::memcpy(header.data() + at, &value, sizeof value);
}

std::string nifti1_header(const char* magic) {
  std::string header(352, '\0');
  put<std::int32_t>(header, 0, 348);
  for (const auto& [i, size] : {std::pair{0, 3}, {1, 90}, {2, 70}, {3, 11}})
    put<std::int16_t>(header, 40 + 2 * static_cast<std::size_t>(i), static_cast<std::int16_t>(size));
  put<std::int16_t>(header, 70, 512);
  put<std::int16_t>(header, 72, 16);
  for (const auto& [i, size] : {std::pair{1, 0.5F}, {2, 0.5F}, {3, 2.0F}})
    put<float>(header, 76 + 4 * static_cast<std::size_t>(i), size);
  put<float>(header, 108, magic[1] == '+' ? 352.0F : 0.0F);
  put<std::uint8_t>(header, 123, 2 | 8);
  std::memcpy(header.data() + 344, magic, 3);
  return header;
}

Made nifti(const TempFolder& folder, bool gzip) {
  const auto voxels = volume();
  const std::string text = nifti1_header("n+1") + raw_text(voxels);
  const auto path = folder / (gzip ? "a.nii.gz" : "a.nii");
  write_file(path, gzip ? deflated(text, true) : text);
  return made(path, kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

Made nifti_pair(const TempFolder& folder) {
  const auto voxels = volume();
  write_file(folder / "a.hdr", nifti1_header("ni1").substr(0, 348));
  write_file(folder / "a.img", raw_text(voxels));
  return made(folder / "a.img", kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

Made nifti2(const TempFolder& folder) {
  const auto voxels = volume();
  std::string header(544, '\0');
  put<std::int32_t>(header, 0, 540);
  std::memcpy(header.data() + 4, "n+2\0\r\n\032\n", 8);
  put<std::int16_t>(header, 12, 512);
  for (const auto& [i, size] : {std::pair{0, 3}, {1, 90}, {2, 70}, {3, 11}})
    put<std::int64_t>(header, 16 + 8 * static_cast<std::size_t>(i), size);
  for (std::size_t i = 1; i <= 3; ++i) put<double>(header, 104 + 8 * i, 1.5);
  put<std::int64_t>(header, 168, 544);
  write_file(folder / "b.nii", header + raw_text(voxels));
  return made(folder / "b.nii", kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

// --- NRRD ---

Made nrrd(const TempFolder& folder, const std::string& encoding, bool big, bool detached) {
  const auto voxels = volume();
  std::string header =
      "NRRD0004\ntype: uint16\ndimension: 3\nsizes: 90 70 11\nspace: left-posterior-superior\n"
      "space directions: (0.5,0,0) (0,0.5,0) (0,0,2)\nspace units: \"mm\" \"mm\" \"mm\"\nkinds: domain domain domain\n";
  header += fmt::format("endian: {}\nencoding: {}\n", big ? "big" : "little", encoding);
  std::string body = big ? swapped_text(voxels) : raw_text(voxels);
  if (encoding == "gzip") body = deflated(body, true);
  if (encoding == "bzip2") body = bzipped(body);
  if (encoding == "ascii") body = fmt::format("{}", fmt::join(voxels, " "));
  const auto path = folder / (detached ? "a.nhdr" : "a.nrrd");
  if (detached) {
    write_file(path, header + "data file: a.dat\n");
    write_file(folder / "a.dat", body);
  } else {
    write_file(path, header + "\n" + body);
  }
  return made(path, kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

Made nrrd_slices(const TempFolder& folder) {
  const auto voxels = volume();
  write_file(folder / "a.nhdr",
             std::string(
                 "NRRD0004\ntype: uint16\ndimension: 3\nsizes: 90 70 11\nendian: little\nencoding: raw\nbyte skip: -1\n"
                 "data file: slice.%03d 1 11 1\n"));
  for (int z = 0; z < 11; ++z) {
    const std::vector<std::uint16_t> plane(voxels.begin() + z * 6300, voxels.begin() + (z + 1) * 6300);
    write_file(folder / fmt::format("slice.{:03}", z + 1), "header of any length" + raw_text(plane));
  }
  return made(folder / "a.nhdr", kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

Made nrrd_colours(const TempFolder& folder) {
  const auto voxels = image_like<std::uint8_t>(40 * 30 * 3);
  write_file(folder / "c.nrrd",
             "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 30 40\nkinds: RGB-color domain domain\nencoding: raw\n\n" +
                 raw_text(voxels));
  return made(folder / "c.nrrd", {40, 30, 3}, "yxc", image::DType::UInt8, as_bytes(voxels));
}

// --- MetaImage ---

Made metaimage(const TempFolder& folder, bool compressed, bool local, bool big) {
  const auto voxels = volume();
  std::string body = big ? swapped_text(voxels) : raw_text(voxels);
  if (compressed) body = deflated(body, false);
  const std::string header = fmt::format(
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = {}\nCompressedData = "
      "{}\nElementSpacing = 0.5 0.5 2\n"
      "Offset = 1 2 3\nDimSize = 90 70 11\nElementType = MET_USHORT\nElementDataFile = {}\n",
      big ? "True" : "False", compressed ? "True" : "False", local ? "LOCAL" : "a.raw");
  const auto path = folder / (local ? "a.mha" : "a.mhd");
  write_file(path, local ? header + body : header);
  if (!local) write_file(folder / "a.raw", body);
  return made(path, kShape, "zyx", image::DType::UInt16, as_bytes(voxels));
}

// --- raw ---

Made raw(const TempFolder& folder, bool big) {
  const auto voxels = image_like<float>(2 * 3 * 40 * 50);
  write_file(folder / "a.raw", std::string(100, 'h') + (big ? swapped_text(voxels) : raw_text(voxels)));
  Made out = made(folder / "a.raw", {2, 3, 40, 50}, "tcyx", image::DType::Float32, as_bytes(voxels));
  out.options.raw =
      RawDescription{{2, 3, 40, 50}, image::DType::Float32, "tcyx", big ? std::endian::big : std::endian::little, 100};
  return out;
}

}  // namespace

std::vector<Maker> volume_makers() {
  return {
      {"Nifti", [](const TempFolder& folder) { return nifti(folder, false); }},
      {"NiftiGzip", [](const TempFolder& folder) { return nifti(folder, true); }},
      {"NiftiPair", nifti_pair},
      {"Nifti2", nifti2},
      {"NrrdRaw", [](const TempFolder& folder) { return nrrd(folder, "raw", false, false); }},
      {"NrrdRawBigEndian", [](const TempFolder& folder) { return nrrd(folder, "raw", true, true); }},
      {"NrrdGzip", [](const TempFolder& folder) { return nrrd(folder, "gzip", false, false); }},
      {"NrrdGzipDetached", [](const TempFolder& folder) { return nrrd(folder, "gzip", true, true); }},
      {"NrrdBzip2", [](const TempFolder& folder) { return nrrd(folder, "bzip2", false, false); }},
      {"NrrdText", [](const TempFolder& folder) { return nrrd(folder, "ascii", false, true); }},
      {"NrrdSlices", nrrd_slices},
      {"NrrdColours", nrrd_colours},
      {"MetaImage", [](const TempFolder& folder) { return metaimage(folder, false, false, false); }},
      {"MetaImageCompressed", [](const TempFolder& folder) { return metaimage(folder, true, true, false); }},
      {"MetaImageBigEndian", [](const TempFolder& folder) { return metaimage(folder, false, true, true); }},
      {"Raw", [](const TempFolder& folder) { return raw(folder, false); }},
      {"RawBigEndian", [](const TempFolder& folder) { return raw(folder, true); }},
  };
}

}  // namespace ndcast::convert
