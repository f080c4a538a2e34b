// The room as it is served: real images, the real render thread, the real encoder, clients over loopback sockets.

#include "room/room.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "protocol/scene_file.h"
#include "room/loopback_client.h"
#include "stream/bitstream.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = fs::path(NDCAST_SOURCE_DIR) / "samples";

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "ndcast-room-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

std::string code_of(const Json& answer) {
  const Json* error = answer.find("error");
  const Json* code = error ? error->find("code") : answer.find("code");
  return code ? code->string() : "";
}

/// The update is acked and a picture shows it.
void expect_served(LoopbackClient& client, std::int64_t z) {
  const std::uint64_t version = client.update("dims", "z", "index", z);
  client.wait("a picture of the update", [&] { return client.shown().server_seq >= version; });
}

TEST(Room, ARecordingOfThePixelChannelDecodesWithoutAWarning) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "blastocyst.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.record(true);
  client.join();
  for (int z = 90; z < 110; ++z) expect_served(client, z);
  client.call("napari.pixel.request_keyframe", Json::make_object());
  const std::size_t before = client.recorded().size();
  client.wait("the keyframe that is owed",
              [&] { return client.recorded().size() > before && client.recorded().back().header.keyframe; });
  const std::uint64_t toggled = client.update("view", "main", "ndisplay", 3);
  client.wait("the volume", [&] { return client.shown().ndisplay == 3 && client.shown().server_seq >= toggled; });
  for (int i = 0; i < 5; ++i) {
    client.update("camera", "main", "orbit", Json::make_object({{"d_az_deg", 10.0}, {"d_el_deg", 2.0}}));
  }
  client.wait("a complete volume", [&] { return client.shown().complete; });

  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "recording.h264").string();
  std::size_t keyframes = 0;
  {
    std::ofstream out(file, std::ios::binary);
    std::uint32_t seq = 0;
    for (const ReceivedFrame& frame : client.recorded()) {
      EXPECT_EQ(frame.header.seq, seq++) << "WP21 contiguous per socket";
      const auto nals = stream::h264::split_avcc(frame.payload);
      ASSERT_TRUE(nals) << nals.error().message;
      std::vector<int> types;
      for (const auto& nal : *nals) {
        types.push_back(static_cast<int>(nal[0]) & 31);
        out.write("\0\0\0\1", 4)
            .write(reinterpret_cast<const char*>(nal.data()), static_cast<std::streamsize>(nal.size()));
      }
      if (!frame.header.keyframe) continue;
      ++keyframes;
      ASSERT_GE(types.size(), 3U);
      EXPECT_EQ(types[0], 7) << "SPS first";
      EXPECT_EQ(types[1], 8) << "then PPS";
      EXPECT_EQ(types.back(), 5) << "then the IDR";
    }
  }
  EXPECT_TRUE(client.recorded().front().header.keyframe);
  EXPECT_GE(keyframes, 2U);
  const std::string said = output_of("ffmpeg -v warning -nostdin -i " + file + " -f null - 2>&1");
  EXPECT_EQ(said, "") << "ffmpeg decodes it without a word";
  const std::string kinds =
      output_of("ffprobe -v error -select_streams v -show_entries frame=pict_type -of csv=p=0 " + file);
  EXPECT_EQ(kinds.find('B'), std::string::npos);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(kinds, '\n')), client.recorded().size())
      << "one picture a frame";
}

TEST(Room, WP31_APlayingAxisMovesByItselfAndPicturesFollow) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  client.update("dims", "z", "index", 0);
  client.update("dims", "z", "play", *parse_json(R"({"fps":30,"loop":"once"})"));
  const auto axes = house.room->ledger().snapshot()->axes;
  const auto z_axis = static_cast<std::size_t>(*scene::axis_position(*axes, "z"));
  const auto view = [&] { return *house.room->ledger().snapshot()->find_view(scene::kMainView); };
  const auto index = [&] { return view().index->value[z_axis]; };
  const std::int64_t last = axes->axes[z_axis].size - 1;
  client.wait("the film's end", [&] { return index() == last; });
  const std::uint64_t end = house.room->ledger().server_seq();
  client.wait("its last picture", [&] { return client.shown().server_seq >= end && client.shown().complete; });
  EXPECT_FALSE(view().play->value[z_axis]) << "null with the last step";
  const auto* z = house.room->ledger().find({scene::Scope::Dims, "z", scene::Key::Index, "main"});
  EXPECT_EQ(z->author->actor, "play");
  EXPECT_EQ(z->author->origin, ledger::Origin::Policy);
}

TEST(Room, WP31_PlayingWaitsWhileNobodyIsThere) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  {
    LoopbackClient client(house, "ada");
    client.join();
    client.update("dims", "z", "play", *parse_json(R"({"fps":60})"));
    client.leave();
  }
  house.loop.run_for(50ms);
  const std::uint64_t before = house.room->ledger().server_seq();
  house.loop.run_for(200ms);
  EXPECT_EQ(house.room->ledger().server_seq(), before);
}

TEST(Room, ABitRateReachesTheStream) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "blastocyst.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.record(true);
  client.join();
  client.update("settings", "main", "refine_still", false);
  const auto largest_of = [&](std::int64_t bitrate, std::int64_t from) {
    client.update("settings", "main", "bitrate", bitrate);
    std::size_t largest = 0;
    const std::size_t begin = client.recorded().size();
    for (std::int64_t z = from; z < from + 12; ++z) expect_served(client, z);
    for (std::size_t i = begin + 2; i < client.recorded().size(); ++i) {
      largest = std::max(largest, client.recorded()[i].payload.size());
    }
    return largest;
  };
  const std::size_t rich = largest_of(40'000'000, 90);
  const std::size_t poor = largest_of(500'000, 90);
  EXPECT_LT(poor, rich / 2) << "a frame's share of the bit rate";
}

TEST(Room, NothingIsSentWhileNothingChanges) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  // A picture at rest is refined for a moment; after that, silence.
  std::uint64_t last = 0;
  do {
    last = client.frames();
    house.loop.run_for(600ms);
    client.pump();
  } while (client.frames() != last && last < 100);
  const auto rendered = house.room->render_stats().frames;
  client.take_state_frames();
  house.loop.run_for(1s);
  client.pump();
  EXPECT_EQ(client.frames(), last);
  EXPECT_EQ(house.room->render_stats().frames, rendered);
  EXPECT_TRUE(client.take_state_frames().empty());
}

TEST(Room, WP7_MalformedFramesOfEachKindHarmNobodyElse) {
  LoopbackRoom house({kSamples});
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient bad(house, "bad");
  LoopbackClient good(house, "good");
  bad.join();
  good.join();
  const std::string session = R"(,"session":")" + bad.session() + "\"";
  const std::vector<std::string> frames = {
      "",
      "{",
      "[]",
      "null",
      R"({"type":"state.update"})",
      R"({"type":"state.update","version":3,"payload":{}})",
      R"({"type":"state.update","version":2,"frame_id":"f","intent_id":"i","timestamp":1)" + session +
          R"(,"payload":{"scope":7}})",
      R"({"type":"state.update","version":2,"frame_id":"f","intent_id":"i","timestamp":1)" + session +
          R"(,"payload":"x"})",
      R"({"type":"call.command","version":2,"frame_id":"f","timestamp":1)" + session + R"(,"payload":{"command":[]}})",
      R"({"type":"session.ack","version":2,"frame_id":"f","timestamp":1)" + session + R"(,"payload":{"x":1}})",
      R"({"type":"session.hello","version":2,"frame_id":"f","timestamp":1,"payload":{}})",
      R"({"type":"no.such.type","version":2,"timestamp":1,"payload":{}})",
      std::string(60, '[') + std::string(60, ']'),
      "{\"type\":\"\xff\"}",
  };
  std::int64_t z = 1;
  for (const std::string& frame : frames) {
    bad.send_raw(frame);
    bad.pump();
    expect_served(good, z++);
    EXPECT_FALSE(bad.closed()) << frame;
  }
  expect_served(bad, 3);
}

TEST(Room, WhatCannotBeOpenedIsRefusedAndTheRoomGoesOn) {
  const TemporaryDirectory directory;
  fs::copy(kSamples / "mri-stack.ome.zarr", directory.path() / "ok.zarr", fs::copy_options::recursive);
  fs::copy(kSamples / "mri-stack.ome.zarr", directory.path() / "wrong.zarr", fs::copy_options::recursive);
  std::ofstream(directory.path() / "wrong.zarr" / "s0" / ".zarray")
      << R"({"zarr_format":2,"shape":[27,226],"chunks":[27,186,186],"dtype":"|u1","compressor":null,"fill_value":0,"order":"C","filters":null})";
  LoopbackRoom house({directory.path()});
  ASSERT_TRUE(house.open((directory.path() / "ok.zarr").string()));
  LoopbackClient client(house, "ada");
  LoopbackClient other(house, "bob");
  client.join();
  other.join();
  const auto load = [&](const std::string& path) {
    return client.call("napari.load_zarr", Json::make_object({{"path", path}}));
  };
  const Json wrong = load("wrong.zarr");
  EXPECT_EQ(code_of(wrong), "zarr.invalid") << to_string(wrong);
  EXPECT_NE(wrong.find("message")->string().find("s0"), std::string::npos) << "names the key: " << to_string(wrong);
  EXPECT_EQ(code_of(load("no-such.zarr")), "fs.not_found");
  EXPECT_EQ(code_of(load("../../etc")), "fs.forbidden");
  EXPECT_EQ(code_of(load("/etc")), "fs.forbidden");
  EXPECT_EQ(code_of(client.call("fs.listdir", Json::make_object({{"path", "/"}}))), "fs.forbidden");
  EXPECT_EQ(client.call("fs.listdir", Json::make_object()).find("status")->string(), "ok");
  expect_served(other, 9);
  EXPECT_EQ(load("ok.zarr").find("status")->string(), "ok");
  expect_served(other, 4);
}

TEST(Room, ATruncatedChunkShowsAsFillAndIsCounted) {
  const TemporaryDirectory directory;
  fs::copy(kSamples / "mri-stack.ome.zarr", directory.path() / "cut.zarr", fs::copy_options::recursive);
  int cut = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory.path() / "cut.zarr" / "s0")) {
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.') && cut++ == 0)
      fs::resize_file(entry.path(), 100);
  }
  ASSERT_GT(cut, 1);
  LoopbackRoom house;
  ASSERT_TRUE(house.open((directory.path() / "cut.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  const std::uint64_t locked = client.update("multiscale", "main", "level", 0);
  const Json waited = client.call(
      "nd.wait_until", Json::make_object({{"server_seq", locked}, {"until", "complete"}, {"timeout_ms", 15000}}));
  EXPECT_EQ(waited.find("status")->string(), "ok") << to_string(waited);
  EXPECT_GE(house.loader->counters().chunks_failed, 1U);
  EXPECT_NE(house.loader->failures().front().error.message, "");
  expect_served(client, 2);
}

TEST(Room, WP19_AToggleShowsTheOtherModeAndReturns) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  client.update("camera", "main", "zoom",
                Json::make_object({{"factor", 0.5}, {"anchor_px", Json::make_array({300.0, 200.0})}}));
  client.wait("the zoom", [&] { return client.shown().camera_seq >= 1 && client.shown().complete; });
  const auto pose = client.shown().pose;
  const std::uint64_t to_volume = client.update("view", "main", "ndisplay", 3);
  client.wait("3D", [&] { return client.shown().server_seq >= to_volume && client.shown().ndisplay == 3; });
  const std::uint64_t to_plane = client.update("view", "main", "ndisplay", 2);
  client.wait("2D", [&] { return client.shown().server_seq >= to_plane && client.shown().ndisplay == 2; });
  EXPECT_EQ(client.shown().pose, pose);
}

TEST(Room, WP19_APictureThatIsSentAgainNamesTheNewestStateItShows) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  const std::uint64_t renamed = client.update("layer", "layer-0", "name", "head");  // changes no pixel
  client.call("nd.wait_until",
              Json::make_object({{"server_seq", renamed}, {"until", "complete"}, {"timeout_ms", 15000}}));
  client.call("napari.pixel.request_keyframe", Json::make_object());
  client.wait("the picture again", [&] { return client.shown().server_seq >= renamed; });
}

TEST(Room, TwoClientsSeeTheSameCommits) {
  LoopbackRoom house;
  ASSERT_TRUE(house.open((kSamples / "blastocyst.ome.zarr").string()));
  LoopbackClient ada(house, "ada");
  LoopbackClient bob(house, "bob");
  ada.join();
  bob.join();
  const std::uint64_t version = ada.update("layer", "layer-1", "gamma", 0.7);
  bob.wait("ada's gamma", [&] { return bob.shown().server_seq >= version; });
  bool told = false;
  for (const Json& frame : bob.take_state_frames()) {
    if (frame.find("type")->string() != "nd.commit") continue;
    for (const Json& entry : frame.find("payload")->find("registers")->array()) {
      if (entry.find("key")->string() != "gamma") continue;
      told = true;
      EXPECT_EQ(entry.find("actor")->string(), "ada");
      EXPECT_EQ(entry.find("value")->as_double(), 0.7);
      EXPECT_EQ(entry.find("version")->as_uint64(), version);
    }
  }
  EXPECT_TRUE(told);
}

/// What GET /api/v1/scene answers.
protocol::SceneRegisters exported(const Room& room) {
  return protocol::scene_from_json(protocol::scene_to_json(room.registers())).value();
}

Result<std::uint64_t> import(LoopbackRoom& house, protocol::SceneRegisters file) {
  std::optional<Result<std::uint64_t>> outcome;
  house.room->import_scene(std::move(file), {.actor = "api"}, [&](Result<std::uint64_t> done) { outcome = done; });
  while (!outcome) house.serve();
  return *outcome;
}

scene::Value& value_of(protocol::SceneRegisters& file, scene::Scope scope, std::string_view target, scene::Key key) {
  const auto it = std::ranges::find_if(file, [&](const auto& entry) {
    return entry.first.scope == scope && entry.first.target == target && entry.first.key == key;
  });
  EXPECT_NE(it, file.end());
  return it->second;
}

TEST(Room, WP33_ASceneFileBringsTheSceneBackThatItWasMadeOf) {
  LoopbackRoom house({kSamples});
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  client.update("dims", "z", "index", 5);
  client.update("layer", "layer-0", "gamma", 0.5);
  client.update("view", "main", "ndisplay", 3);
  client.wait("3D", [&] { return client.shown().ndisplay == 3; });
  const protocol::SceneRegisters file = exported(*house.room);
  client.update("view", "main", "ndisplay", 2);
  client.update("dims", "z", "index", 9);
  client.update("layer", "layer-0", "gamma", 2.0);
  client.wait("2D", [&] { return client.shown().ndisplay == 2; });
  const auto shown = import(house, file);
  ASSERT_TRUE(shown) << shown.error().message;
  client.wait("the file's scene", [&] { return client.shown().server_seq >= *shown && client.shown().ndisplay == 3; });
  EXPECT_EQ(exported(*house.room), file);
  EXPECT_EQ(client.value("layer", "layer-0", "gamma").as_double(), 0.5);
  EXPECT_EQ(client.value("dims", "z", "index").as_int64(), 5);
  // A volume along z shows no change of z, so no picture has to tell of one.
  const std::uint64_t brighter = client.update("layer", "layer-0", "gamma", 0.4);
  client.wait("a picture of the update", [&] { return client.shown().server_seq >= brighter; });
}

TEST(Room, WP33_WhatDoesNotFitIsRefusedWholeAndNothingChanges) {
  LoopbackRoom house({kSamples});
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  LoopbackClient client(house, "ada");
  client.join();
  const protocol::SceneRegisters good = exported(*house.room);
  const std::uint64_t before = house.room->snapshot()->server_seq;
  using scene::Key;
  using scene::Scope;
  const auto refused = [&](auto change) {
    protocol::SceneRegisters bad = good;
    change(bad);
    const auto outcome = import(house, std::move(bad));
    EXPECT_FALSE(outcome);
    return outcome ? "" : outcome.error().message;
  };
  EXPECT_NE(refused([](auto& file) { file.clear(); }).find("names no image"), std::string::npos);
  EXPECT_NE(refused([](auto& file) {
              value_of(file, Scope::Dims, "z", Key::Index) = std::int64_t{100'000};
            }).find("does not fit together"),
            std::string::npos);
  EXPECT_NE(refused([](auto& file) {
              std::get<scene::AxesSpec>(value_of(file, Scope::Axes, "main", Key::Spec)).axes[0].size = 7;
            }).find("axes differ"),
            std::string::npos);
  refused([](auto& file) { value_of(file, Scope::View, "main", Key::Order) = std::vector<std::int64_t>{0, 0, 1}; });
  refused(
      [](auto& file) { std::get<scene::PlanePose>(value_of(file, Scope::Camera, "main", Key::Plane)).rect[2] = -1; });
  refused([](auto& file) { std::get<scene::LodShown>(value_of(file, Scope::Lod, "main", Key::Shown)).level = 63; });
  refused([](auto& file) {
    std::get<scene::Source>(value_of(file, Scope::Scene, "main", Key::Source)).uri = "/etc/passwd";
  });
  EXPECT_EQ(house.room->snapshot()->server_seq, before);
  expect_served(client, 3);
}

}  // namespace
}  // namespace ndcast::room
