// One battery over every source: a file is written, opened, read whole and in random boxes, imported to both versions
// of OME-Zarr, and read back. Adding a format is one more maker in kMakers.

#include <algorithm>
#include <functional>
#include <random>

#include <bzlib.h>
#include <spng.h>
#include <tiffio.h>
#include <zlib.h>

#include "convert/testing.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

using testing::image_like;
using testing::raw_text;
using testing::TempFolder;
using testing::write_file;

/// What a maker wrote, and what has to come out.
struct Made {
  std::vector<std::string> names;
  SourceOptions options;
  Shape shape;
  std::string axes;
  image::DType dtype = image::DType::UInt16;
  std::vector<std::byte> voxels;
};

struct Maker {
  std::string name;
  std::function<Made(const TempFolder&)> make;
};

template <class T>
std::vector<std::byte> as_bytes(const std::vector<T>& values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

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

const Shape kShape = {11, 70, 90};

std::vector<std::uint16_t> volume() { return image_like<std::uint16_t>(11 * 70 * 90); }

Made made(std::string name, Shape shape, std::string axes, image::DType dtype, std::vector<std::byte> voxels) {
  return {{std::move(name)}, {}, std::move(shape), std::move(axes), dtype, std::move(voxels)};
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

// --- TIFF ---

struct TiffWish {
  std::string mode = "w";  ///< "w8": BigTIFF, "wb": big-endian
  bool tiled = false;
  int compression = COMPRESSION_NONE;
  int predictor = 1;
  int samples = 1;
  bool separate = false;
  std::uint32_t rows_per_strip = 16;
  std::string description;
};

template <class T>
void write_pages(const std::filesystem::path& path, const TiffWish& wish, const std::vector<T>& voxels,
                 std::uint32_t height, std::uint32_t width, std::size_t pages, std::size_t from = 0) {
  TIFF* tiff = TIFFOpen(path.c_str(), wish.mode.c_str());
  ASSERT_NE(tiff, nullptr);
  const std::size_t row = std::size_t{width} * (wish.separate ? 1 : static_cast<std::size_t>(wish.samples));
  for (std::size_t page = 0; page < pages; ++page) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * sizeof(T)));
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, wish.samples);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
                 std::is_floating_point_v<T> ? SAMPLEFORMAT_IEEEFP
                 : std::is_signed_v<T>       ? SAMPLEFORMAT_INT
                                             : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, wish.samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, wish.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, wish.compression);
    if (wish.predictor != 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, wish.predictor);
    if (page == 0 && !wish.description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, wish.description.c_str());
    const T* plane = voxels.data() + (from + page) * height * width * static_cast<std::size_t>(wish.samples);
    if (wish.tiled) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
      std::vector<T> tile(16 * 32 * (wish.separate ? 1 : static_cast<std::size_t>(wish.samples)));
      const std::size_t pixel = wish.separate ? 1 : static_cast<std::size_t>(wish.samples);
      for (int sample = 0; sample < (wish.separate ? wish.samples : 1); ++sample) {
        for (std::uint32_t y = 0; y < height; y += 16) {
          for (std::uint32_t x = 0; x < width; x += 32) {
            std::ranges::fill(tile, T{});
            for (std::uint32_t r = 0; r < std::min(16U, height - y); ++r) {
              std::copy_n(plane + (static_cast<std::size_t>(sample) * height + y + r) * row + x * pixel,
                          std::min(32U, width - x) * pixel, tile.data() + r * 32 * pixel);
            }
            ASSERT_GE(TIFFWriteTile(tiff, tile.data(), x, y, 0, static_cast<std::uint16_t>(sample)), 0);
          }
        }
      }
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, wish.rows_per_strip);
      std::vector<T> line(row);  // TIFFWriteScanline swaps bytes in place
      for (int sample = 0; sample < (wish.separate ? wish.samples : 1); ++sample) {
        for (std::uint32_t y = 0; y < height; ++y) {
          std::copy_n(plane + (static_cast<std::size_t>(sample) * height + y) * row, row, line.data());
          ASSERT_EQ(TIFFWriteScanline(tiff, line.data(), y, static_cast<std::uint16_t>(sample)), 1);
        }
      }
    }
    ASSERT_EQ(TIFFWriteDirectory(tiff), 1);
  }
  TIFFClose(tiff);
}

template <class T>
Made tiff_stack(const TempFolder& folder, image::DType dtype, const TiffWish& wish) {
  const auto samples = static_cast<std::size_t>(wish.samples);
  const auto voxels = image_like<T>(5 * 50 * 70 * samples);
  write_pages(folder / "a.tif", wish, voxels, 50, 70, 5);
  if (wish.samples == 1) return made(folder / "a.tif", {5, 50, 70}, "zyx", dtype, as_bytes(voxels));
  if (wish.separate) return made(folder / "a.tif", {5, wish.samples, 50, 70}, "zcyx", dtype, as_bytes(voxels));
  return made(folder / "a.tif", {5, 50, 70, wish.samples}, "zyxc", dtype, as_bytes(voxels));
}

Made imagej(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(3 * 4 * 2 * 20 * 30);
  TiffWish wish;
  wish.mode = "wb";
  wish.description =
      "ImageJ=1.53t\nimages=24\nchannels=2\nslices=4\nframes=3\nhyperstack=true\nmode=composite\nunit="
      "\\u00B5m\nspacing=0.4\nfinterval=2.5\n";
  write_pages(folder / "a.tif", wish, voxels, 20, 30, 24);
  return made(folder / "a.tif", {3, 4, 2, 20, 30}, "tzcyx", image::DType::UInt16, as_bytes(voxels));
}

/// One directory, 24 planes after its strip: how ImageJ writes what is too large for its offsets.
Made imagej_contiguous(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(24 * 20 * 30);
  TiffWish wish;
  wish.rows_per_strip = 20;
  wish.description = "ImageJ=1.53t\nimages=24\nslices=24\n";
  write_pages(folder / "a.tif", wish, voxels, 20, 30, 1);
  std::ofstream file(folder / "a.tif", std::ios::binary | std::ios::in | std::ios::out);
  TIFF* tiff = TIFFOpen((folder / "a.tif").c_str(), "r");
  const auto first = TIFFGetStrileOffset(tiff, 0);
  TIFFClose(tiff);
  // libtiff writes the directory behind the strip: put a copy of the file's head aside, the planes at the end, and
  // point there.
  std::ifstream whole(folder / "a.tif", std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(whole)), {});
  const auto planes_at = static_cast<std::uint32_t>(text.size());
  const std::size_t field =
      text.find(std::string({0x11, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00}));  // StripOffsets, LONG, 1
  EXPECT_NE(field, std::string::npos);
  EXPECT_NE(first, 0U);
  std::memcpy(text.data() + field + 8, &planes_at, sizeof planes_at);
  write_file(folder / "a.tif", text + raw_text(voxels));
  return made(folder / "a.tif", {24, 20, 30}, "zyx", image::DType::UInt16, as_bytes(voxels));
}

std::string ome_xml(const std::string& order, const std::string& planes, int z, int c, int t) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="cells">)"
      R"(<Pixels ID="Pixels:0" DimensionOrder="{}" Type="uint16" SizeX="30" SizeY="20" SizeZ="{}" SizeC="{}" SizeT="{}" )"
      R"(PhysicalSizeX="0.25" PhysicalSizeY="0.25" PhysicalSizeZ="1000" PhysicalSizeZUnit="nm" TimeIncrement="3">)"
      R"(<Channel ID="Channel:0:0" SamplesPerPixel="1" Name="DAPI" Color="65535"/><Channel ID="Channel:0:1" SamplesPerPixel="1"/>{}</Pixels></Image></OME>)",
      order, z, c, t, planes);
}

Made ome_tiff(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(3 * 2 * 4 * 20 * 30);
  TiffWish wish;
  wish.description = ome_xml("XYZCT", "<TiffData/>", 4, 2, 3);
  write_pages(folder / "a.ome.tif", wish, voxels, 20, 30, 24);
  return made(folder / "a.ome.tif", {3, 2, 4, 20, 30}, "tczyx", image::DType::UInt16, as_bytes(voxels));
}

/// Two files, a channel each, planes of the second in reverse; both carry the same document.
Made ome_files(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(2 * 4 * 20 * 30);
  std::string planes;
  for (int z = 0; z < 4; ++z)
    planes += fmt::format(
        R"(<TiffData IFD="{}" FirstC="0" FirstZ="{}" PlaneCount="1"><UUID FileName="first.ome.tif">urn:uuid:1</UUID></TiffData>)",
        z, z);
  for (int z = 0; z < 4; ++z)
    planes += fmt::format(
        R"(<TiffData IFD="{}" FirstC="1" FirstZ="{}" PlaneCount="1"><UUID FileName="second.ome.tif">urn:uuid:2</UUID></TiffData>)",
        3 - z, z);
  TiffWish wish;
  wish.description = ome_xml("XYCZT", planes, 4, 2, 1);
  // In memory: z, c, y, x, as XYCZT says; in the files a channel each.
  std::vector<std::uint16_t> first, second;
  for (std::size_t z = 0; z < 4; ++z) {
    first.insert(first.end(), voxels.begin() + static_cast<std::ptrdiff_t>((z * 2) * 600),
                 voxels.begin() + static_cast<std::ptrdiff_t>((z * 2 + 1) * 600));
    const std::size_t from = ((3 - z) * 2 + 1) * 600;
    second.insert(second.end(), voxels.begin() + static_cast<std::ptrdiff_t>(from),
                  voxels.begin() + static_cast<std::ptrdiff_t>(from + 600));
  }
  write_pages(folder / "first.ome.tif", wish, first, 20, 30, 4);
  write_pages(folder / "second.ome.tif", wish, second, 20, 30, 4);
  return made(folder / "first.ome.tif", {4, 2, 20, 30}, "zcyx", image::DType::UInt16, as_bytes(voxels));
}

Made tiff_files(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(12 * 20 * 30);
  for (std::size_t z = 0; z < 12; ++z) write_pages(folder / fmt::format("plane{}.tif", z), {}, voxels, 20, 30, 1, z);
  return made(folder / "plane*.tif", {12, 20, 30}, "zyx", image::DType::UInt16, as_bytes(voxels));
}

// --- pictures ---

void write_png(const std::filesystem::path& path, const void* pixels, std::size_t bytes, spng_ihdr header) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  spng_set_png_file(context, file);
  spng_set_ihdr(context, &header);
  EXPECT_EQ(spng_encode_image(context, pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
  spng_ctx_free(context);
  std::fclose(file);
}

Made png_folder(const TempFolder& folder) {
  const auto voxels = image_like<std::uint16_t>(12 * 20 * 30);
  std::filesystem::create_directory(folder / "planes");
  for (std::size_t z = 0; z < 12; ++z) {
    write_png(folder / fmt::format("planes/p{}.png", z), voxels.data() + z * 600, 1200,
              {30, 20, 16, SPNG_COLOR_TYPE_GRAYSCALE, 0, 0, 0});
  }
  write_file(folder / "planes/readme.txt", std::string("no picture"));
  return made(folder / "planes", {12, 20, 30}, "zyx", image::DType::UInt16, as_bytes(voxels));
}

Made png_colours(const TempFolder& folder) {
  const auto voxels = image_like<std::uint8_t>(20 * 30 * 3);
  write_png(folder / "c.png", voxels.data(), voxels.size(), {30, 20, 8, SPNG_COLOR_TYPE_TRUECOLOR, 0, 0, 0});
  return made(folder / "c.png", {20, 30, 3}, "yxc", image::DType::UInt8, as_bytes(voxels));
}

const std::vector<Maker> kMakers = {
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
    {"TiffStrips",
     [](const TempFolder& folder) { return tiff_stack<std::uint16_t>(folder, image::DType::UInt16, {}); }},
    {"TiffBigEndian",
     [](const TempFolder& folder) { return tiff_stack<std::uint32_t>(folder, image::DType::UInt32, {.mode = "wb"}); }},
    {"TiffBig",
     [](const TempFolder& folder) {
       return tiff_stack<float>(folder, image::DType::Float32, {.mode = "w8", .tiled = true});
     }},
    {"TiffBigBigEndianLzw",
     [](const TempFolder& folder) {
       return tiff_stack<double>(folder, image::DType::Float64, {.mode = "w8b", .compression = COMPRESSION_LZW});
     }},
    {"TiffTiles",
     [](const TempFolder& folder) { return tiff_stack<std::int8_t>(folder, image::DType::Int8, {.tiled = true}); }},
    {"TiffDeflate",
     [](const TempFolder& folder) {
       return tiff_stack<std::int16_t>(folder, image::DType::Int16,
                                       {.compression = COMPRESSION_ADOBE_DEFLATE, .predictor = 2});
     }},
    {"TiffZstdTiles",
     [](const TempFolder& folder) {
       return tiff_stack<std::int32_t>(folder, image::DType::Int32, {.tiled = true, .compression = COMPRESSION_ZSTD});
     }},
    {"TiffLzma",
     [](const TempFolder& folder) {
       return tiff_stack<std::uint64_t>(folder, image::DType::UInt64, {.compression = COMPRESSION_LZMA});
     }},
    {"TiffInt64",
     [](const TempFolder& folder) { return tiff_stack<std::int64_t>(folder, image::DType::Int64, {.mode = "wb"}); }},
    {"TiffColours",
     [](const TempFolder& folder) {
       return tiff_stack<std::uint8_t>(folder, image::DType::UInt8, {.compression = COMPRESSION_LZW, .samples = 3});
     }},
    {"TiffColoursApart",
     [](const TempFolder& folder) {
       return tiff_stack<std::uint8_t>(folder, image::DType::UInt8, {.tiled = true, .samples = 3, .separate = true});
     }},
    {"TiffColoursTiles",
     [](const TempFolder& folder) {
       return tiff_stack<std::uint16_t>(folder, image::DType::UInt16, {.mode = "wb", .tiled = true, .samples = 4});
     }},
    {"ImageJ", imagej},
    {"ImageJContiguous", imagej_contiguous},
    {"OmeTiff", ome_tiff},
    {"OmeTiffFiles", ome_files},
    {"TiffFiles", tiff_files},
    {"PngFolder", png_folder},
    {"PngColours", png_colours},
};

class Sources : public ::testing::TestWithParam<Maker> {
 protected:
  void SetUp() override {
    made_ = GetParam().make(folder_);
    source_ = testing::opened(made_.names, made_.options);
    ASSERT_NE(source_, nullptr);
  }

  TempFolder folder_;
  Made made_;
  std::unique_ptr<Source> source_;
};

TEST_P(Sources, SaysShapeTypeAndAxes) {
  EXPECT_EQ(source_->info().shape, made_.shape);
  EXPECT_EQ(source_->info().dtype, made_.dtype);
  std::string axes;
  for (const SourceAxis& axis : source_->info().axes) axes += axis.name;
  EXPECT_EQ(axes, made_.axes);
}

TEST_P(Sources, ReadsEveryVoxel) {
  EXPECT_EQ(testing::hex_digest(testing::voxels_of(*source_)), testing::hex_digest(made_.voxels));
}

TEST_P(Sources, ReadsAnyBoxIntoAnyPlace) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const SourceInfo& info = source_->info();
  const std::size_t ndim = info.shape.size();
  const std::size_t voxel = info.voxel_bytes();
  for (int round = 0; round < 20; ++round) {
    Box box{Shape(ndim), Shape(ndim)};
    Shape target_shape(ndim), target_start(ndim);
    std::size_t target_count = voxel;
    std::size_t count = voxel;
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      box.start[axis] = random() % info.shape[axis];
      box.extent[axis] = 1 + random() % (info.shape[axis] - box.start[axis]);
      target_start[axis] = random() % 3;
      target_shape[axis] = target_start[axis] + box.extent[axis] + random() % 3;
      target_count *= static_cast<std::size_t>(target_shape[axis]);
      count *= static_cast<std::size_t>(box.extent[axis]);
    }
    std::vector<std::byte> target(target_count, std::byte{0xee});
    const auto read = source_->read(box, {target.data(), target_shape, target_start});
    ASSERT_TRUE(read) << read.error().message;
    const Shape zero(ndim, 0);
    std::vector<std::byte> found(count), expected(count);
    image::copy_box(box.extent, voxel, target.data(), {target_shape, target_start}, found.data(), {box.extent, zero});
    image::copy_box(box.extent, voxel, made_.voxels.data(), {info.shape, box.start}, expected.data(),
                    {box.extent, zero});
    ASSERT_EQ(found, expected) << "seed " << seed << ", round " << round;
    std::size_t untouched = 0;
    image::fill_box(box.extent, std::vector<std::byte>(voxel, std::byte{0xee}), target.data(),
                    {target_shape, target_start});
    for (const std::byte byte : target) untouched += byte == std::byte{0xee} ? 1 : 0;
    ASSERT_EQ(untouched, target.size()) << "seed " << seed << ": something beside the box was written";
  }
}

TEST_P(Sources, ImportsToBothVersionsAndReadsBackTheSame) {
  for (const OmeZarr format : {OmeZarr::V05, OmeZarr::V04}) {
    ImportOptions options;
    options.encoding.format = format;
    options.pyramid.sharded = format == OmeZarr::V05;
    options.pyramid.stop = 16;
    options.pyramid.chunk = Shape(made_.shape.size(), 1);
    for (std::size_t axis = 0; axis < made_.shape.size(); ++axis) options.pyramid.chunk[axis] = axis % 2 == 0 ? 16 : 7;
    const auto path = folder_ / (format == OmeZarr::V05 ? "v5.ome.zarr" : "v4.ome.zarr");
    const auto report = import_image(*source_, path, options);
    ASSERT_TRUE(report) << report.error().message;
    const auto image = testing::image_at(path);
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(testing::hex_digest(testing::voxels_of(*image, 0)), testing::hex_digest(made_.voxels));
    EXPECT_EQ(image->levels.size(), report->pyramid.levels.size());
    EXPECT_GT(image->levels.size(), 1U);
    EXPECT_EQ(image->ngff_minor, format == OmeZarr::V05 ? 5 : 4);
    EXPECT_TRUE(image->warnings.empty()) << image->warnings.front();
    EXPECT_FALSE(std::filesystem::exists(unfinished_path(path)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Sources, ::testing::ValuesIn(kMakers), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ndcast::convert
