// A large TIFF to OME-Zarr: seconds a GB against the bare codec on the same chunks, and the peak of memory against the
// setting. The file is made anew: planes of a smooth volume with camera noise, 16 bits, uncompressed strips or tiles
// compressed by deflate.
//
//   build/release/bench/import [--json FILE] [--gb 4] [--threads 2] [--memory-mib 1024] [--folder DIR]

#include "convert/import.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>

#include <blosc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/report.h"
#include "convert/open_source.h"
#include "image/read_region.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string json_file;
  double gigabytes = 4;
  std::size_t threads = 2;
  std::size_t memory_mib = 1024;
  fs::path folder = fs::temp_directory_path();
};

constexpr std::int64_t kEdge = 2048;
constexpr std::size_t kPlaneVoxels = kEdge * kEdge;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double processor_seconds(const struct rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Blobs over a background, and the noise of a camera: about 12 bits, of which 5 are noise.
std::vector<std::uint16_t> plane_at(std::int64_t z, const std::vector<std::uint16_t>& noise) {
  std::vector<std::uint16_t> out(kPlaneVoxels);
  for (std::int64_t y = 0; y < kEdge; ++y) {
    const double row = std::sin(static_cast<double>(y) * 0.011 + static_cast<double>(z) * 0.02);
    for (std::int64_t x = 0; x < kEdge; ++x) {
      const auto i = static_cast<std::size_t>(y * kEdge + x);
      const double blob = row * std::sin(static_cast<double>(x) * 0.013);
      out[i] = static_cast<std::uint16_t>(200 + (blob > 0.3 ? 3000 * (blob - 0.3) : 0) +
                                          noise[(i + static_cast<std::size_t>(z) * 7919) % noise.size()]);
    }
  }
  return out;
}

void write_tiff(const fs::path& path, std::int64_t planes, bool tiled) {
  std::mt19937 random(1);
  std::vector<std::uint16_t> noise(1 << 20);
  for (auto& value : noise) value = static_cast<std::uint16_t>(random() % 24);
  TIFF* tiff = TIFFOpen(path.c_str(), "w8");
  if (!tiff) throw std::runtime_error(path.string() + " cannot be written");
  for (std::int64_t z = 0; z < planes; ++z) {
    std::vector<std::uint16_t> plane = plane_at(z, noise);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(kEdge));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(kEdge));
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, tiled ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_NONE);
    if (tiled) {
      constexpr std::int64_t kTile = 512;
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(kTile));
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(kTile));
      TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, 1);
      std::vector<std::uint16_t> tile(kTile * kTile);
      for (std::int64_t y = 0; y < kEdge; y += kTile) {
        for (std::int64_t x = 0; x < kEdge; x += kTile) {
          for (std::int64_t r = 0; r < kTile; ++r)
            std::copy_n(plane.data() + (y + r) * kEdge + x, kTile, tile.data() + r * kTile);
          TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0);
        }
      }
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(64));
      for (std::uint32_t strip = 0; strip < kEdge / 64; ++strip) {
        TIFFWriteEncodedStrip(tiff, strip, plane.data() + strip * 64 * kEdge, 64 * kEdge * 2);
      }
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

struct Run {
  double seconds = 0;
  double processor_s = 0;  ///< of all threads: what a loaded machine does not change
  double peak_mib = 0;
};

/// In a process of its own, whose peak is its own.
Run import_in_child(const fs::path& tiff, const fs::path& zarr, const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto source = convert::open_source({tiff.string()}, {});
    convert::ImportOptions import;
    import.threads = options.threads;
    import.memory_bytes = options.memory_mib << 20;
    import.overwrite = true;
    const auto done = source ? convert::import_image(**source, zarr, import) : std::unexpected(source.error());
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  struct rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("the import failed");
  return {seconds_since(begin), processor_seconds(usage), static_cast<double>(usage.ru_maxrss) / 1024};
}

/// Throws unless some planes of level 0 are what was written.
void check(const fs::path& zarr, std::int64_t planes) {
  const auto image = image::open_image(zarr.string());
  if (!image) throw std::runtime_error(image.error().message);
  std::mt19937 random(1);
  std::vector<std::uint16_t> noise(1 << 20);
  for (auto& value : noise) value = static_cast<std::uint16_t>(random() % 24);
  for (const std::int64_t z : {std::int64_t{0}, planes / 3, planes - 1}) {
    const auto found = image::read_region(*(*image)->levels[0].array, std::vector<std::int64_t>{z, 0, 0},
                                          std::vector<std::int64_t>{1, kEdge, kEdge});
    const auto expected = plane_at(z, noise);
    if (!found || std::memcmp(found->data(), expected.data(), found->size()) != 0)
      throw std::runtime_error("level 0 is not what was written");
  }
}

/// What the codec alone takes for the same chunks, level 0 and the coarser levels' seventh, on as many threads.
Run bare_codec(const fs::path& zarr, const Options& options, double bytes) {
  const auto image = image::open_image(zarr.string());
  const auto& array = *(*image)->levels[0].array;
  const std::vector<std::int64_t> extent = {64, 512, kEdge};  // through bright and dark
  const auto region = image::read_region(array, std::vector<std::int64_t>{0, 512, 0}, extent);
  if (!region) throw std::runtime_error(region.error().message);
  constexpr std::size_t kChunk = 64 * 64 * 64 * 2;
  const std::size_t chunks = region->size() / kChunk;
  std::vector<std::byte> cut(region->size());
  std::size_t at = 0;  // as the importer cuts them: 64 x 64 x 64
  for (std::int64_t y = 0; y < extent[1]; y += 64) {
    for (std::int64_t x = 0; x < extent[2]; x += 64) {
      for (std::int64_t r = 0; r < 64 * 64; ++r, at += 128) {
        std::memcpy(cut.data() + at, region->data() + ((r / 64 * extent[1] + y + r % 64) * extent[2] + x) * 2, 128);
      }
    }
  }
  std::atomic<std::size_t> next = 0;
  const auto begin = std::chrono::steady_clock::now();
  struct rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] {
      std::vector<std::byte> out(kChunk + BLOSC_MAX_OVERHEAD);
      for (std::size_t chunk = next++; chunk < chunks; chunk = next++) {
        blosc_compress_ctx(convert::Encoding{}.level, BLOSC_SHUFFLE, 2, kChunk, cut.data() + chunk * kChunk, out.data(),
                           out.size(), "zstd", 0, 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  struct rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  const double scale = bytes * 8 / 7 / static_cast<double>(chunks * kChunk);
  return {seconds_since(begin) * scale, (processor_seconds(after) - processor_seconds(before)) * scale, 0};
}

int run(const Options& options) {
  const auto planes = static_cast<std::int64_t>(options.gigabytes * 1e9 / (kPlaneVoxels * 2));
  const double bytes = static_cast<double>(planes) * kPlaneVoxels * 2;
  const fs::path folder = options.folder / "ndcast-bench-import";
  fs::remove_all(folder);
  fs::create_directories(folder);
  std::vector<Row> rows;
  for (const bool tiled : {false, true}) {
    const std::string name = tiled ? "deflate tiles" : "strips";
    const fs::path tiff = folder / (tiled ? "tiles.tif" : "strips.tif");
    write_tiff(tiff, planes, tiled);
    const Run imported = import_in_child(tiff, folder / "a.ome.zarr", options);
    check(folder / "a.ome.zarr", planes);
    const Run codec = bare_codec(folder / "a.ome.zarr", options, bytes);
    fmt::print("{}: {:.0f} MB/s, the bare codec {:.0f} MB/s\n", name, bytes / 1e6 / imported.seconds,
               bytes / 1e6 / codec.seconds);
    rows.push_back({.what = "import, " + name,
                    .value = imported.seconds,
                    .unit = "s",
                    .peer = "bare codec",
                    .peer_value = codec.seconds,
                    .reach = {}});
    rows.push_back({.what = "processor time, " + name,
                    .value = imported.processor_s,
                    .unit = "s",
                    .peer = "bare codec",
                    .peer_value = codec.processor_s,
                    .reach = {}});
    rows.push_back({.what = "peak memory, " + name,
                    .value = imported.peak_mib,
                    .unit = "MiB",
                    .peer = "the setting",
                    .peer_value = static_cast<double>(options.memory_mib),
                    .reach = 1.0});
    fs::remove(tiff);
  }
  fs::remove_all(folder);
  return report("import", rows, options.json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  ndcast::bench::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--json") options.json_file = argv[i + 1];
    if (name == "--gb") options.gigabytes = std::stod(argv[i + 1]);
    if (name == "--threads") options.threads = std::stoul(argv[i + 1]);
    if (name == "--memory-mib") options.memory_mib = std::stoul(argv[i + 1]);
    if (name == "--folder") options.folder = argv[i + 1];
  }
  try {
    return ndcast::bench::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/import: {}\n", error.what());
    return 1;
  }
}
