// Images far larger than memory: opening one and looking at it decodes what is visible, not what is there. A process of
// its own, so that the peak of its memory is this test's.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "room/loopback_client.h"
#include "tests/ten_terabytes.h"

namespace {

namespace fs = std::filesystem;
using ndcast::room::LoopbackClient;
using ndcast::room::LoopbackRoom;

/// Peak resident memory of this process, MiB.
double peak_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib / 1024;
}

/// Decoded bytes of the chunks that one slice at `level` of the image's main view shows.
double visible_bytes(const LoopbackRoom& house, int level) {
  const auto image = ndcast::image::open_image(house.room->ledger().snapshot()->source->uri);
  const auto& array = *(*image)->levels[static_cast<std::size_t>(level)].array;
  return static_cast<double>(house.room->render_stats().chunks_visible) * static_cast<double>(array.chunk_bytes());
}

void expect_frugal(const std::string& uri, const char* name) {
  LoopbackRoom house;
  const auto opened = house.open(uri);
  ASSERT_TRUE(opened) << opened.error().message;
  LoopbackClient client(house, "ada");
  client.join();
  for (int i = 0; i < 3; ++i) {
    client.wait("rest", [&] { return client.shown().complete; });
    const double decoded = static_cast<double>(house.loader->counters().bytes_decoded);
    const double visible = visible_bytes(house, client.shown().level_shown);
    std::printf("%s: level %d, %llu visible chunks of %.1f MB, %.1f MB decoded so far, peak memory %.0f MiB\n", name,
                client.shown().level_shown, static_cast<unsigned long long>(house.room->render_stats().chunks_visible),
                visible / 1e6, decoded / 1e6, peak_mib());
    if (i == 0) {
      EXPECT_LE(decoded, 3 * visible) << "opening";
    }
    const auto lod = house.room->ledger().snapshot()->find_view(ndcast::scene::kMainView)->lod;
    EXPECT_EQ(lod->shown.level, lod->shown.wanted) << "WP19 complete speaks of the wanted level";
    const auto before = client.shown().camera_seq;
    client.update(
        "camera", "main", "zoom",
        ndcast::Json::make_object({{"factor", 0.25}, {"anchor_px", ndcast::Json::make_array({640.0, 360.0})}}));
    client.wait("the zoom", [&] { return client.shown().camera_seq > before; });
  }
  EXPECT_LE(peak_mib(), 400);
}

TEST(OutOfCore, TheLogicalHalfGigabytePyramid) {
  const char* folder = std::getenv("NDCAST_TEST_DATA");
  if (!folder) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const fs::path uri = fs::path(folder) / "core/omezarr/ome-zarr-fiji-java/pyramid_testing/pyramid_v5.zarr";
  ASSERT_TRUE(fs::exists(uri)) << uri;
  expect_frugal(uri.string(), "500 x 1000 x 1000");
}

TEST(OutOfCore, ASparseTenTerabyteImage) {
  std::string pattern = (fs::temp_directory_path() / "ndcast-huge-XXXXXX").string();
  const fs::path root = ::mkdtemp(pattern.data());
  ndcast::testing::write_ten_terabytes(root / "huge.zarr");
  expect_frugal((root / "huge.zarr").string(), "10 TB");
  fs::remove_all(root);
}

}  // namespace
