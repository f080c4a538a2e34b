// What a room has done beside its views: thumbnails (WP34), jobs (WP35), histograms (WP36), probes (WP39), movies and
// pictures to take away (WP43), with real images and threads.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <variant>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/digest.h"
#include "image/read_region.h"
#include "image/stats.h"
#include "render/stills/png.h"
#include "room/job_runner.h"
#include "room/loopback_client.h"
#include "room/studio.h"
#include "room/waits.h"

namespace ndcast::room {
namespace {

const std::filesystem::path kSamples = std::filesystem::path(NDCAST_SOURCE_DIR) / "samples";

/// Sum of all colour values: 0 is black.
std::uint64_t brightness(const render::Picture& picture) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) sum += i % 4 == 3 ? 0 : picture.rgba[i];
  return sum;
}

class RoomWorkTest : public ::testing::Test {
 protected:
  void open(const char* sample) {
    ASSERT_TRUE(house_.open((kSamples / sample).string()));
    ada_.emplace(house_, "ada");
    ada_->join();
  }
  Json result_of(std::string_view command, Json kwargs = Json::make_object()) {
    const Json answer = ada_->call(command, std::move(kwargs));
    const Json* result = answer.find("result");
    EXPECT_TRUE(result) << to_string(answer);
    return result ? *result : Json();
  }
  /// Frames of the type, of this layer or job when it is not empty, until one fits.
  Json await(std::string_view type, const std::function<bool(const Json& payload)>& fits) {
    Json found;
    ada_->wait(type, [&] {
      for (const Json& frame : ada_->take_state_frames()) {
        if (frame.find("type")->string() == type && fits(*frame.find("payload"))) found = *frame.find("payload");
      }
      return !found.is_null();
    });
    return found;
  }
  render::Picture thumbnail(const std::string& layer, std::uint64_t since) {
    const Json payload = await("nd.thumbnail", [&](const Json& notice) {
      return notice.find("layer_id")->string() == layer && *notice.find("server_seq")->as_uint64() >= since;
    });
    const auto png = base64_decode(payload.find("png")->string());
    EXPECT_TRUE(png);
    const auto picture = render::decode_png(std::as_bytes(std::span(*png)));
    EXPECT_TRUE(picture);
    EXPECT_EQ(picture->width, *payload.find("width")->as_int64());
    return *picture;
  }
  /// What the job told when it was done.
  Json end_of(const std::string& job) {
    Json end = await("nd.job", [&](const Json& notice) {
      return notice.find("job")->string() == job && notice.find("state")->string() != "running";
    });
    EXPECT_EQ(end.find("state")->string(), "done") << to_string(end);
    return end;
  }
  /// Of the layer's finest level, by another way.
  static image::ArrayStats truth_of(const scene::LayerBlock& layer) {
    const auto image = image::open_image(layer.meta.uri);
    EXPECT_TRUE(image);
    image::StatsRequest request;
    for (std::size_t axis = 0; axis < (*image)->axes.size(); ++axis) {
      if (layer.meta.channel && (*image)->axes[axis].name == "c") {
        request.at = image::AxisPosition{static_cast<int>(axis), *layer.meta.channel};
      }
    }
    const auto truth = compute_stats(*(*image)->levels.front().array, request);
    EXPECT_TRUE(truth);
    return truth ? *truth : image::ArrayStats{};
  }
  std::string first_layer() const { return house_.room->snapshot()->layers.front()->id.value; }

  LoopbackRoom house_;
  std::optional<LoopbackClient> ada_;
};

TEST_F(RoomWorkTest, WP34_AThumbnailFollowsTheIndexAndTheLookOfItsLayer) {
  open("mri-stack.ome.zarr");
  result_of("nd.thumbnails");
  const std::string layer = first_layer();
  const render::Picture first = thumbnail(layer, 0);
  EXPECT_LE(first.width, 128);
  EXPECT_EQ(std::max(first.width, first.height), 128);
  EXPECT_GT(brightness(first), 0U);

  const std::uint64_t moved = ada_->update("dims", "z", "index", 3);
  EXPECT_NE(thumbnail(layer, moved).rgba, first.rgba);
  const std::uint64_t darker = ada_->update("layer", layer, "contrast_limits", Json::make_array({1e6, 2e6}));
  EXPECT_EQ(brightness(thumbnail(layer, darker)), 0U) << "everything lies under the limits";
}

TEST_F(RoomWorkTest, WP34_ACameraMoveMakesNoNewOne) {
  open("mri-stack.ome.zarr");
  result_of("nd.thumbnails");
  thumbnail(first_layer(), 0);
  ada_->take_state_frames();
  const std::uint64_t before = ada_->shown().camera_seq;
  ada_->update("camera", "main", "pan", Json::make_object({{"dx_px", 40.0}, {"dy_px", 0.0}}));
  ada_->wait("the picture", [&] { return ada_->shown().camera_seq > before; });
  const MonotonicTime end = house_.clock.now() + 1200ms;
  ada_->wait("what may come", [&] { return house_.clock.now() >= end; });
  for (const Json& frame : ada_->take_state_frames()) EXPECT_NE(frame.find("type")->string(), "nd.thumbnail");
}

TEST_F(RoomWorkTest, WP34_AVolumesThumbnailIsAVolume) {
  open("mri-stack.ome.zarr");
  result_of("nd.thumbnails");
  const render::Picture slice = thumbnail(first_layer(), 0);
  const std::uint64_t toggled = ada_->update("view", "main", "ndisplay", 3);
  const render::Picture volume = thumbnail(first_layer(), toggled);
  EXPECT_EQ(volume.width, volume.height);
  EXPECT_GT(brightness(volume), 0U);
  EXPECT_NE(volume.rgba, slice.rgba);
}

TEST_F(RoomWorkTest, WP35_StatisticsOfALayerAreThoseOfItsChannel) {
  open("blastocyst.ome.zarr");
  const scene::SnapshotPtr snapshot = house_.room->snapshot();
  const scene::LayerBlock& layer = *snapshot->layers.back();
  const std::string job = result_of("nd.stats", Json::make_object({{"layer", layer.id.value}})).find("job")->string();
  const Json end = end_of(job);
  EXPECT_EQ(*end.find("result")->find("mean")->as_double(), *truth_of(layer).mean);
  EXPECT_EQ(*end.find("done")->as_uint64(), *end.find("total")->as_uint64());
}

TEST_F(RoomWorkTest, WP36_ValuesAreCountedAtOnceAndThenEveryOne) {
  open("blastocyst.ome.zarr");
  const scene::SnapshotPtr snapshot = house_.room->snapshot();
  const scene::LayerBlock& layer = *snapshot->layers.front();
  const Json first = result_of(
      "nd.histogram",
      Json::make_object({{"layer", layer.id.value}, {"refine", true}, {"percentiles", Json::make_array({0, 100})}}));
  EXPECT_GT(*first.find("voxels")->as_uint64(), 0U);
  const Json counted = *end_of(first.find("job")->string()).find("result");
  EXPECT_TRUE(counted.find("exact")->boolean()) << to_string(counted);
  EXPECT_EQ(*counted.find("level")->as_int64(), 0);
  std::uint64_t sum = 0;
  for (const Json& count : counted.find("counts")->array()) sum += *count.as_uint64();
  std::uint64_t voxels = 1;
  for (const scene::Axis& axis : snapshot->axes->axes) voxels *= static_cast<std::uint64_t>(axis.size);
  EXPECT_EQ(sum, voxels);
  EXPECT_EQ(*counted.find("voxels")->as_uint64(), voxels);
  const image::ArrayStats truth = truth_of(layer);
  EXPECT_EQ(*counted.find("min")->as_double(), static_cast<double>(std::get<std::uint64_t>(*truth.min)));
  EXPECT_EQ(*counted.find("max")->as_double(), static_cast<double>(std::get<std::uint64_t>(*truth.max)));

  // Of one plane only.
  const Json plane = result_of(
      "nd.histogram", Json::make_object({{"layer", layer.id.value}, {"region", Json::make_object({{"z", 3}})}}));
  EXPECT_LT(*plane.find("voxels")->as_uint64(), voxels);
}

TEST_F(RoomWorkTest, WP39_TheVoxelAtAPlaceIsWhatTheFileHas) {
  open("blastocyst.ome.zarr");
  const scene::SnapshotPtr snapshot = house_.room->snapshot();
  const scene::AxesSpec& axes = *snapshot->axes;
  ada_->update("dims", "z", "index", 70);
  const auto world = [&](std::string_view label, double index) {
    const auto axis = std::ranges::find(axes.axes, label, &scene::Axis::label);
    return axis->start + axis->step * index;
  };
  // 0.4 of a voxel off its centre is still that voxel.
  const Json probed = result_of(
      "nd.probe",
      Json::make_object({{"world", Json::make_object({{"y", Json(world("y", 60.4))}, {"x", Json(world("x", 71))}})}}));
  const Json::Array& layers = probed.find("layers")->array();
  ASSERT_EQ(layers.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const scene::LayerBlock& layer = *snapshot->layers[1 - i];
    EXPECT_EQ(layers[i].find("layer")->string(), layer.id.value) << "topmost first";
    const auto image = image::open_image(layer.meta.uri);
    ASSERT_TRUE(image.has_value());
    const image::ZarrArray& array = *(*image)->levels.front().array;
    std::vector<std::int64_t> voxel;
    for (const Json& each : layers[i].find("voxel")->array()) voxel.push_back(*each.as_int64());
    ASSERT_EQ(voxel.size(), array.shape().size());
    EXPECT_EQ((std::vector(voxel.end() - 3, voxel.end())), (std::vector<std::int64_t>{70, 60, 71}));
    const auto bytes = image::read_region(array, voxel, std::vector<std::int64_t>(voxel.size(), 1));
    std::uint64_t truth = 0;
    std::memcpy(&truth, bytes->data(), bytes->size());
    EXPECT_EQ(layers[i].find("value")->as_uint64(), truth);
  }
  const Json outside =
      result_of("nd.probe", Json::make_object({{"world", Json::make_object({{"x", Json(world("x", -0.6))}})}}));
  EXPECT_EQ(to_string(*outside.find("layers")->array().at(0).find("voxel")), "[]");
  EXPECT_TRUE(outside.find("layers")->array().at(0).find("value")->is_null());
  ada_->update("layer", snapshot->layers[1]->id.value, "visible", false);
  EXPECT_EQ(result_of("nd.probe", Json::make_object({{"world", Json::make_object({})}})).find("layers")->array().size(),
            1U);
}

TEST_F(RoomWorkTest, WP36_AutoContrastIsTheCallersOwnChange) {
  open("mri-stack.ome.zarr");
  const std::string layer = first_layer();
  ada_->update("layer", layer, "contrast_limits", Json::make_array({1e6, 2e6}));
  const Json done = result_of("nd.contrast.auto", Json::make_object({{"layer", layer}}));
  const auto& limits = house_.room->snapshot()->find_layer(scene::LayerId{layer})->controls.contrast_limits;
  EXPECT_LT(limits[1], 1e6);
  EXPECT_EQ(*done.find("contrast_limits")->array().at(1).as_double(), limits[1]);
  const Json undone = result_of("nd.undo");
  EXPECT_EQ(undone.find("changed")->array().at(0).find("key")->string(), "contrast_limits");
  EXPECT_EQ(house_.room->snapshot()->find_layer(scene::LayerId{layer})->controls.contrast_limits[1], 2e6);
}

TEST(JobRunner, WP35_AJobThatIsCancelledEndsAtItsNextStepAndOneThatWaitsNeverBegins) {
  std::mutex mutex;
  std::vector<std::pair<std::string, std::string>> ends;
  std::atomic<bool> began = false;
  std::atomic<bool> second_ran = false;
  {
    JobRunner runner({.on_progress = [](const std::string&, session::JobProgress) {},
                      .on_end =
                          [&](const std::string& job, session::JobEnd end) {
                            const std::lock_guard lock(mutex);
                            ends.emplace_back(
                                job, std::holds_alternative<session::JobCancelled>(end) ? "cancelled" : "other");
                          }});
    ASSERT_TRUE(runner.start("a", [&](JobControl& control) -> Result<Json> {
      began = true;
      while (control.progress(1, 2)) std::this_thread::yield();
      return fail(ErrorCode::Cancelled, "as told");
    }));
    ASSERT_TRUE(runner.start("b", [&](JobControl&) -> Result<Json> {
      second_ran = true;
      return Json::make_object();
    }));
    while (!began) std::this_thread::yield();
    runner.cancel("b");
    runner.cancel("a");
    const auto ended = [&] {
      const std::lock_guard lock(mutex);
      return ends.size() == 2;
    };
    while (!ended()) std::this_thread::yield();
  }
  EXPECT_EQ(ends[0], std::pair(std::string("a"), std::string("cancelled")));
  EXPECT_EQ(ends[1], std::pair(std::string("b"), std::string("cancelled")));
  EXPECT_FALSE(second_ran);
}

TEST(JobRunner, WP35_JobsOfEveryKindYieldToOthers) {
  std::atomic<int> niceness = 0;
  {
    JobRunner runner({.on_progress = [](const std::string&, session::JobProgress) {},
                      .on_end = [](const std::string&, session::JobEnd) {}});
    std::atomic<bool> done = false;
    ASSERT_TRUE(runner.start("a", [&](JobControl&) -> Result<Json> {
      niceness = ::getpriority(PRIO_PROCESS, 0);  // the calling thread's
      done = true;
      return Json::make_object();
    }));
    while (!done) std::this_thread::yield();
  }
  EXPECT_GT(niceness, ::getpriority(PRIO_PROCESS, 0));
}

TEST(Waits, AreOverAtTheTimeOut) {
  FakeClock clock;
  const Waits waits(clock, std::chrono::seconds(10));
  EXPECT_FALSE(waits.are_over());
  clock.advance(std::chrono::seconds(10));
  EXPECT_TRUE(waits.are_over());
}

TEST(JobRunner, WP35_ARunnerThatGoesEndsItsJobs) {
  std::atomic<bool> began = false;
  std::atomic<bool> cancelled = false;
  {
    JobRunner runner({.on_progress = [](const std::string&, session::JobProgress) {},
                      .on_end = [](const std::string&, session::JobEnd) {}});
    ASSERT_TRUE(runner.start("a", [&](JobControl& control) -> Result<Json> {
      began = true;
      while (control.progress(0, 0)) std::this_thread::yield();
      cancelled = true;
      return fail(ErrorCode::Cancelled, "as told");
    }));
    while (!began) std::this_thread::yield();
  }
  EXPECT_TRUE(cancelled);
}

/// Decibels between the colours of two pictures of one size.
double psnr(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = i % 4 == 3 ? 0 : static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return 10 * std::log10(255 * 255 / (sum / (static_cast<double>(a.size()) * 0.75)));
}

/// Every frame of a movie, as ffmpeg decodes it, in RGBA.
std::vector<std::vector<std::uint8_t>> frames_of(const std::string& mp4, std::size_t frame_bytes) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("ndcast-movie-" + std::to_string(::getpid()) + ".mp4");
  std::ofstream(file, std::ios::binary) << mp4;
  FILE* const pipe =
      ::popen(("ffmpeg -v error -i " + file.string() + " -f rawvideo -pix_fmt rgba - < /dev/null").c_str(), "r");
  std::vector<std::vector<std::uint8_t>> frames;
  for (;;) {
    std::vector<std::uint8_t> frame(frame_bytes);
    const std::size_t got = std::fread(frame.data(), 1, frame_bytes, pipe);
    if (got != frame_bytes) {
      EXPECT_EQ(got, 0U) << "whole frames only";
      break;
    }
    frames.push_back(std::move(frame));
  }
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(file);
  return frames;
}

class TakingAwayRoomTest : public RoomWorkTest {
 protected:
  /// What GET of the address brings; the error's message in its place.
  std::variant<FetchedBlob, std::string> fetch(const std::string& url) {
    const std::string id = url.substr(url.rfind('/') + 1, 32);
    std::optional<std::variant<FetchedBlob, std::string>> found;
    house_.room->fetch_blob(id, [&](const Result<FetchedBlob>& blob) {
      if (blob)
        found = *blob;
      else
        found = blob.error().message;
    });
    while (!found) house_.serve();
    return *found;
  }
  std::string bytes_at(const std::string& url) { return *std::get<FetchedBlob>(fetch(url)).bytes; }
  render::Picture picture() {
    const Json taken = result_of("nd.screenshot", *parse_json(R"({"width":160,"height":120})"));
    const std::string png = bytes_at(taken.find("url")->string());
    EXPECT_EQ(taken.find("bytes")->as_uint64(), png.size());
    return *render::decode_png(std::as_bytes(std::span(png)));
  }
  Json made(std::string_view kwargs) {
    return *end_of(result_of("nd.movie", *parse_json(kwargs)).find("job")->string()).find("result");
  }
};

TEST_F(TakingAwayRoomTest, WP43_AMovieAlongAnAxisShowsItsSlicesInOrder) {
  open("mri-stack.ome.zarr");
  std::vector<render::Picture> slices;
  for (const int z : {4, 10, 16}) {
    ada_->update("dims", "z", "index", z);
    slices.push_back(picture());
  }
  EXPECT_EQ(slices[0].width, 160);
  const Json movie = made(R"({"kind":"along","axis":"z","from":4,"to":16,"every":6,"fps":5,"width":160,"height":120})");
  EXPECT_EQ(movie.find("pictures")->as_int64(), 3);
  EXPECT_EQ(movie.find("name")->string(), "mri-stack-along.mp4");
  const auto frames = frames_of(bytes_at(movie.find("url")->string()), 160 * 120 * 4);
  ASSERT_EQ(frames.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(psnr(frames[i], slices[i].rgba), 30) << i;
    EXPECT_LT(psnr(frames[i], slices[(i + 1) % 3].rgba), 24) << "not its neighbour, " << i;
  }
}

TEST_F(TakingAwayRoomTest, WP43_ATurntableBeginsWhereTheViewLooksAndMovesNobody) {
  open("blastocyst.ome.zarr");
  ada_->update("view", "main", "ndisplay", 3);
  const render::Picture front = picture();
  const auto before = house_.room->snapshot()->find_view(scene::kMainView)->camera->volume;
  const Json movie = made(R"({"kind":"turntable","pictures":4,"width":160,"height":120})");
  const auto frames = frames_of(bytes_at(movie.find("url")->string()), 160 * 120 * 4);
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_GT(psnr(frames[0], front.rgba), 30);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_LT(psnr(frames[i], frames[0]), 28) << "a quarter turn further, " << i;
  EXPECT_EQ(house_.room->snapshot()->find_view(scene::kMainView)->camera->volume.angles, before.angles);
}

TEST_F(TakingAwayRoomTest, WP43_ACancelledMovieLeavesNothing) {
  open("blastocyst.ome.zarr");
  const std::string job = result_of("nd.movie", *parse_json(R"({"kind":"along","axis":"z","width":1280,"height":720})"))
                              .find("job")
                              ->string();
  result_of("nd.job.cancel", Json::make_object({{"job", job}}));
  const Json end = await("nd.job", [&](const Json& notice) {
    return notice.find("job")->string() == job && notice.find("state")->string() != "running";
  });
  EXPECT_EQ(end.find("state")->string(), "cancelled");
  EXPECT_FALSE(end.find("result"));
}

TEST_F(TakingAwayRoomTest, WP43_WhatIsTooLargeToKeepEndsEarlyAndLeavesNoFile) {
  open("mri-stack.ome.zarr");
  const scene::SnapshotPtr snapshot = house_.room->snapshot();
  const std::string uri = snapshot->layers.front()->meta.uri;
  const auto image = image::open_image(uri);
  ASSERT_TRUE(image);
  const auto parent = std::filesystem::temp_directory_path() / ("ndcast-studio-" + std::to_string(::getpid()));
  std::filesystem::create_directories(parent);
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(parent)) {
      count += entry.is_regular_file() && entry.path().filename() != "lock" ? 1 : 0;
    }
    return count;
  };
  {
    const Studio studio{.room = "main",
                        .images = std::make_shared<const render::Images>(render::Images{{uri, *image}}),
                        .loader = house_.loader,
                        .renderer = "cpu",
                        .shelf = std::make_shared<BlobShelf>(house_.clock, parent, BlobLimits{.bytes_each = 40})};
    const auto film = scene::film_along(*snapshot, scene::kMainView, {.axis = "z"});
    ASSERT_TRUE(film);
    JobControl control(std::make_shared<std::atomic<bool>>(false), [](session::JobProgress) {});
    const auto movie = make_movie(
        studio, {.film = *film, .view = scene::kMainView, .fps = 10, .width = 64, .height = 48, .name = "a"}, control);
    ASSERT_FALSE(movie);
    EXPECT_EQ(movie.error().code, ErrorCode::Invalid) << movie.error().message;
    EXPECT_EQ(files(), 0U);
    const auto picture = room::take_picture(studio, *snapshot, {.view = scene::kMainView, .width = 64, .height = 48});
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::Invalid) << "no other try does better";
    EXPECT_EQ(files(), 0U);
  }
  std::filesystem::remove_all(parent);
}

TEST_F(TakingAwayRoomTest, WP43_WhatIsNotThereIsNotHandedOut) {
  open("mri-stack.ome.zarr");
  EXPECT_EQ(std::get<std::string>(fetch("api/v1/blob/" + std::string(32, '0'))),
            "there is no such result in this room; they are kept for an hour");
}

}  // namespace
}  // namespace ndcast::room
