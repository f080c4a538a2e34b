// Imports in processes of their own: killed at any time and gone on with, and held to their memory.

#include <csignal>
#include <map>
#include <random>

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/sanitizers.h"
#include "convert/import_log.h"
#include "convert/testing.h"

namespace ndcast::convert {
namespace {

using testing::image_like;
using testing::raw_text;
using testing::TempFolder;
using testing::write_file;

struct Ended {
  int status = 0;
  std::size_t peak_bytes = 0;
};

/// Runs `work` in a child, whose exit status is what it returns.
template <class F>
Ended in_child(F&& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  Ended out;
  struct rusage usage{};
  ::wait4(child, &out.status, 0, &usage);
  out.peak_bytes = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
  return out;
}

SourceOptions raw_options(Shape shape) {
  SourceOptions options;
  options.raw = RawDescription{std::move(shape), image::DType::UInt16, "", std::endian::little, 0};
  return options;
}

/// Small chunks and units, so that there is much to be killed in.
ImportOptions small_pieces() {
  ImportOptions options;
  options.pyramid.chunk = {16, 16, 16};
  options.pyramid.shard = {32, 32, 32};
  options.pyramid.stop = 16;
  options.memory_bytes = std::size_t{50} << 20;
  options.threads = 2;
  return options;
}

std::string tree_digest(const std::filesystem::path& root) {
  const auto image = testing::image_at(root);
  if (!image) return {};
  std::string out = fmt::format("{} levels", image->levels.size());
  for (std::size_t level = 0; level < image->levels.size(); ++level)
    out += " " + testing::hex_digest(testing::voxels_of(*image, level));
  for (const auto& channel : image->channels) {
    if (channel.window)
      out += fmt::format(" {} {} {} {}", channel.window->min, channel.window->max, channel.window->start,
                         channel.window->end);
  }
  return out;
}

TEST(Resume, AfterAnyNumberOfKillsTheImageIsTheSame) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const TempFolder folder;
  const auto voxels = image_like<std::uint16_t>(100 * 120 * 90);
  write_file(folder / "a.raw", raw_text(voxels));
  const std::vector<std::string> names = {folder / "a.raw"};
  const SourceOptions source_options = raw_options({100, 120, 90});
  {
    const auto source = testing::opened(names, source_options);
    ASSERT_TRUE(import_image(*source, folder / "whole.zarr", small_pieces()));
  }
  const std::string expected = tree_digest(folder / "whole.zarr");
  for (int round = 0; round < 5; ++round) {
    const auto path = folder / fmt::format("killed{}.zarr", round);
    int kills = 0;
    std::uint64_t most_skipped = 0;
    while (true) {
      const std::uint64_t fatal = random() % (voxels.size() * 2 / 3);  // bytes of this run
      const Ended ended = in_child([&] {
        const auto source = open_source(names, source_options);
        ImportOptions options = small_pieces();
        options.on_progress = [&](const ImportProgress& progress) {
          if (progress.bytes_done - progress.bytes_skipped > fatal) ::kill(::getpid(), SIGKILL);
        };
        return source && import_image(**source, path, options) ? 0 : 1;
      });
      if (!WIFSIGNALED(ended.status)) {
        ASSERT_EQ(WEXITSTATUS(ended.status), 0);
        break;
      }
      ++kills;
      ASSERT_FALSE(std::filesystem::exists(path)) << "half an image has the name of a whole one";
      if (kills == 6) {  // and now to the end
        const auto source = testing::opened(names, source_options);
        ImportOptions options = small_pieces();
        options.on_progress = [&](const ImportProgress& progress) {
          most_skipped = std::max(most_skipped, progress.bytes_skipped);
        };
        const auto report = import_image(*source, path, options);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(report->resumed);
        break;
      }
    }
    EXPECT_EQ(tree_digest(path), expected) << "seed " << seed << ", round " << round << ", " << kills << " kills";
    EXPECT_FALSE(std::filesystem::exists(unfinished_path(path)));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      EXPECT_NE(entry.path().extension(), ".part") << entry.path();
    }
  }
}

TEST(Resume, WhatIsFinishedIsNotWrittenAgain) {
  const TempFolder folder;
  const auto voxels = image_like<std::uint16_t>(100 * 120 * 90);
  write_file(folder / "a.raw", raw_text(voxels));
  const auto source = testing::opened({folder / "a.raw"}, raw_options({100, 120, 90}));
  std::atomic<bool> stop = false;
  ImportOptions options = small_pieces();
  options.threads = 1;
  options.stop = &stop;
  options.on_progress = [&](const ImportProgress& progress) {
    stop = progress.bytes_done > progress.bytes_total * 3 / 4;
  };
  const auto stopped = import_image(*source, folder / "a.zarr", options);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  std::map<std::filesystem::path, std::filesystem::file_time_type> finished;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(unfinished_path(folder / "a.zarr") / "0")) {
    if (entry.is_regular_file() && !entry.path().has_extension()) {
      finished[std::filesystem::relative(entry.path(), unfinished_path(folder / "a.zarr"))] = entry.last_write_time();
    }
  }
  ASSERT_GT(finished.size(), 10U);
  options.stop = nullptr;
  options.on_progress = nullptr;
  const auto report = import_image(*source, folder / "a.zarr", options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->resumed);
  for (const auto& [path, time] : finished)
    EXPECT_EQ(std::filesystem::last_write_time(folder / "a.zarr" / path), time) << path;
  EXPECT_EQ(testing::voxels_of(*testing::image_at(folder / "a.zarr"), 0), testing::voxels_of(*source));
}

TEST(Resume, AnotherSourceBeginsAnew) {
  const TempFolder folder;
  write_file(folder / "a.raw", raw_text(image_like<std::uint16_t>(40 * 40 * 40, 1)));
  write_file(folder / "b.raw", raw_text(image_like<std::uint16_t>(40 * 40 * 40, 2)));
  const auto first = testing::opened({folder / "a.raw"}, raw_options({40, 40, 40}));
  const auto second = testing::opened({folder / "b.raw"}, raw_options({40, 40, 40}));
  std::atomic<bool> stop = false;
  ImportOptions options = small_pieces();
  options.stop = &stop;
  options.on_progress = [&](const ImportProgress& progress) { stop = progress.bytes_done > progress.bytes_total / 2; };
  ASSERT_FALSE(import_image(*first, folder / "x.zarr", options));
  const auto report = import_image(*second, folder / "x.zarr", small_pieces());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->resumed);
  EXPECT_EQ(testing::voxels_of(*testing::image_at(folder / "x.zarr"), 0), testing::voxels_of(*second));
}

TEST(ImportLog, LinesComeBackAndHalfLinesDoNot) {
  const FinishedObject object{2, 17, {{0, {-1.5, 4095}}, {3, {0, 1e300}}}};
  const std::string line = to_line(object);
  const auto parsed = parse_line(line);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->level, 2U);
  EXPECT_EQ(parsed->object, 17U);
  ASSERT_EQ(parsed->ranges.size(), 2U);
  EXPECT_EQ(parsed->ranges[1].second.max, 1e300);
  for (std::size_t length = 0; length < line.size(); ++length)
    EXPECT_FALSE(parse_line(std::string_view(line).substr(0, length))) << length;
  EXPECT_TRUE(parse_line(to_line({0, 1, {}})));
}

TEST(ImportLog, BelongsToOneProcess) {
  const TempFolder folder;
  const auto mine = ImportLog::open(folder / "log", "job");
  ASSERT_TRUE(mine);
  const auto other = ImportLog::open(folder / "log", "job");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::Forbidden);
}

TEST(Import, StaysWithinItsMemory) {
  const TempFolder folder;
  // 400 MiB, three times the limit; written in pieces so that this process stays small.
  const Shape shape = {400, 512, 1024};
  {
    std::ofstream file(folder / "a.raw", std::ios::binary);
    const auto plane = image_like<std::uint16_t>(512 * 1024);
    for (int z = 0; z < 400; ++z)
      file.write(reinterpret_cast<const char*>(plane.data()), static_cast<std::streamsize>(plane.size() * 2));
  }
  constexpr std::size_t kLimit = std::size_t{128} << 20;
  const Ended ended = in_child([&] {
    const auto source = open_source({folder / "a.raw"}, raw_options(shape));
    ImportOptions options;
    options.memory_bytes = kLimit;
    options.threads = 4;
    return source && import_image(**source, folder / "a.zarr", options) ? 0 : 1;
  });
  ASSERT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0);
  if (!kSanitized) EXPECT_LE(ended.peak_bytes, kLimit);
  std::cout << "peak " << (ended.peak_bytes >> 20) << " MiB of " << (kLimit >> 20) << "\n";
}

TEST(Import, MoreFilesThanAProcessMayOpen) {
  const TempFolder folder;
  std::string header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 8 8 300\nencoding: raw\ndata file: s.%d 0 299 1\n";
  testing::write_file(folder / "a.nhdr", header);
  const auto voxels = image_like<std::uint8_t>(300 * 64);
  for (std::size_t z = 0; z < 300; ++z)
    write_file(folder / fmt::format("s.{}", z), std::span(voxels).subspan(z * 64, 64));
  const Ended ended = in_child([&] {
    const struct rlimit few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
    const auto source = open_source({folder / "a.nhdr"}, {});
    return source && import_image(**source, folder / "a.zarr", {}) ? 0 : 1;
  });
  ASSERT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0);
  EXPECT_EQ(testing::hex_digest(testing::voxels_of(*testing::image_at(folder / "a.zarr"), 0)),
            testing::hex_digest(std::as_bytes(std::span(voxels))));
}

TEST(Import, DoesNotReplaceWithoutBeingTold) {
  const TempFolder folder;
  write_file(folder / "a.raw", raw_text(image_like<std::uint16_t>(40 * 40 * 40)));
  const auto source = testing::opened({folder / "a.raw"}, raw_options({40, 40, 40}));
  ASSERT_TRUE(import_image(*source, folder / "a.zarr", {}));
  const auto refused = import_image(*source, folder / "a.zarr", {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("--overwrite"), std::string::npos);
  ImportOptions overwrite;
  overwrite.overwrite = true;
  EXPECT_TRUE(import_image(*source, folder / "a.zarr", overwrite));
  std::filesystem::create_directory(folder / "holiday");
  write_file(folder / "holiday/photo.jpg", std::string("precious"));
  const auto kept = import_image(*source, folder / "holiday", overwrite);
  ASSERT_FALSE(kept);
  EXPECT_TRUE(std::filesystem::exists(folder / "holiday/photo.jpg"));
}

TEST(Import, EveryLevelIsTheScalarReferenceOfTheOneAbove) {
  const TempFolder folder;
  write_file(folder / "a.raw", raw_text(image_like<std::uint16_t>(61 * 53 * 70)));
  const auto source = testing::opened({folder / "a.raw"}, raw_options({61, 53, 70}));
  for (const Method method : {Method::Mean, Method::Mode}) {
    ImportOptions options = small_pieces();
    options.pyramid.chunk = {8, 7, 16};
    options.pyramid.shard = {16, 14, 16};
    options.method = method;
    const auto path = folder / (method == Method::Mean ? "mean.zarr" : "mode.zarr");
    const auto report = import_image(*source, path, options);
    ASSERT_TRUE(report) << report.error().message;
    const auto image = testing::image_at(path);
    EXPECT_EQ(image->is_label, method == Method::Mode);
    for (std::size_t level = 1; level < image->levels.size(); ++level) {
      const auto above = testing::voxels_of(*image, level - 1);
      const PyramidLevel& planned = report->pyramid.levels[level];
      const Shape zero(3, 0);
      std::vector<std::byte> expected(image->levels[level].array->shape()[0] * image->levels[level].array->shape()[1] *
                                      image->levels[level].array->shape()[2] * 2);
      downsample(image::DType::UInt16, method, above.data(), report->pyramid.levels[level - 1].shape, planned.factor,
                 {expected.data(), planned.shape, zero});
      EXPECT_EQ(testing::hex_digest(testing::voxels_of(*image, level)), testing::hex_digest(expected)) << level;
      EXPECT_EQ(image->levels[level].scale, planned.scale);
      EXPECT_EQ(image->levels[level].translation, planned.translation);
    }
  }
}

}  // namespace
}  // namespace ndcast::convert
