#include <spng.h>
#include <tiffio.h>

#include "convert/source_makers_test_util.h"

namespace ndcast::convert {
namespace {

using testing::image_like;
using testing::raw_text;
using testing::TempFolder;
using testing::write_file;

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

}  // namespace

std::vector<Maker> picture_makers() {
  return {
      {"TiffStrips",
       [](const TempFolder& folder) { return tiff_stack<std::uint16_t>(folder, image::DType::UInt16, {}); }},
      {"TiffBigEndian",
       [](const TempFolder& folder) {
         return tiff_stack<std::uint32_t>(folder, image::DType::UInt32, {.mode = "wb"});
       }},
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
}

}  // namespace ndcast::convert
