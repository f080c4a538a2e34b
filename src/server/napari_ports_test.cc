// The original client over real sockets on its two ports: what it is told passes its own strictness, what it is shown
// is a film that ffmpeg decodes, and what it sends moves the room.

#include "server/napari_ports.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "room/loopback_client.h"
#include "session/original_checker_test_util.h"
#include "session/testing.h"
#include "stream/bitstream.h"
#include "transport/raw_client_test_util.h"

namespace ndcast::server {
namespace {

namespace fs = std::filesystem;
using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

constexpr std::chrono::seconds kPatience{20};

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

struct PixelFrame {
  std::uint32_t seq = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool keyframe = false;
  std::string payload;
};

std::uint32_t big_endian(std::string_view bytes, std::size_t from, std::size_t count) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = out << 8 | static_cast<unsigned char>(bytes.at(from + i));
  return out;
}

/// The HTTP header that answers; nothing when none comes.
std::optional<std::string> header_of(room::LoopbackRoom& house, transport::RawClient& client) {
  const MonotonicTime end = house.clock.now() + kPatience;
  while (house.clock.now() < end) {
    house.serve();
    client.pump();
    if (auto header = client.take_header()) return header;
  }
  return std::nullopt;
}

/// The desktop client as its wire shows it: two sockets, hello, and everything it got.
class Desktop {
 public:
  Desktop(room::LoopbackRoom& house, const NapariPorts& ports)
      : house_(house), state_(ports.state_port()), pixels_(ports.pixel_port()) {}

  void join() {
    upgrade(state_, "/any/path?at=all");
    upgrade(pixels_, "/");
    state_.send_frame(1, to_string(session::testing::hello()));
    wait("a baseline", [this] { return count("notify.stream") > 0; });
  }

  /// The payload of the ack.
  Json update(std::string_view scope, std::string_view target, std::string_view key, Json value) {
    const std::string number = std::to_string(++sent_);
    Json frame =
        envelope("state.update",
                 Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", std::move(value)}}));
    frame.set("intent_id", "intent-" + number);
    state_.send_frame(1, to_string(frame));
    Json ack;
    wait("an ack", [&] {
      for (const Json& seen : told_) {
        if (text_at(seen, {"payload", "intent_id"}) == "intent-" + number) ack = at(seen, {"payload"});
      }
      return !ack.is_null();
    });
    return ack;
  }
  void call(std::string_view command) {
    ++sent_;
    state_.send_frame(1, to_string(envelope("call.command", Json::make_object({{"command", command}}))));
  }

  void wait(std::string_view what, const std::function<bool()>& condition) {
    const MonotonicTime end = house_.clock.now() + kPatience;
    while (!condition()) {
      if (house_.clock.now() > end) throw std::runtime_error(fmt::format("{} did not come", what));
      pump();
    }
  }
  void pump() {
    house_.serve();
    state_.pump();
    pixels_.pump();
    while (auto frame = state_.take_frame()) {
      if (frame->opcode != 1) continue;
      told_.push_back(*parse_json(frame->payload));
      EXPECT_EQ(checker_.problem(told_.back()), "");
    }
    while (auto frame = pixels_.take_frame()) {
      if (frame->opcode == 2) read_pixels(frame->payload);
    }
  }

  std::size_t count(std::string_view type) const {
    return static_cast<std::size_t>(std::ranges::count_if(told_, [&](const Json& f) { return type_of(f) == type; }));
  }
  const Json& last(std::string_view type) const {
    const auto it = std::find_if(told_.rbegin(), told_.rend(), [&](const Json& f) { return type_of(f) == type; });
    EXPECT_NE(it, told_.rend()) << type;
    return *it;
  }
  const std::vector<PixelFrame>& film() const { return film_; }

 private:
  Json envelope(std::string_view type, Json payload) {
    return Json::make_object({{"type", type},
                              {"version", 2},
                              {"session", text_at(last("session.welcome"), {"session"})},
                              {"frame_id", "state-" + std::to_string(sent_)},
                              {"timestamp", 1.0},
                              {"payload", std::move(payload)}});
  }
  void upgrade(transport::RawClient& client, std::string_view path) {
    client.send_upgrade(path);
    const std::optional<std::string> header = header_of(house_, client);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->starts_with("HTTP/1.1 101")) << *header;
  }
  void read_pixels(const std::string& message) {
    ASSERT_GT(message.size(), 24U);
    EXPECT_EQ(message[20], 1) << "h264";
    EXPECT_EQ(message[21] & ~1, 0) << "no other flags";
    EXPECT_EQ(big_endian(message, 22, 2), 0U) << "version 1 has no extension";
    film_.push_back({big_endian(message, 0, 4), big_endian(message, 12, 4), big_endian(message, 16, 4),
                     (message[21] & 1) != 0, message.substr(24)});
  }

  room::LoopbackRoom& house_;
  transport::RawClient state_;
  transport::RawClient pixels_;
  int sent_ = 0;
  session::testing::OriginalChecker checker_;
  std::vector<Json> told_;
  std::vector<PixelFrame> film_;
};

class NapariPortsTest : public ::testing::Test {
 protected:
  NapariPortsTest() {
    auto ports = NapariPorts::listen(house_.loop, "127.0.0.1", {0, 0}, access_, *house_.room);
    if (!ports) throw std::runtime_error(ports.error().message);
    ports_ = std::move(*ports);
  }
  void open(const std::string& sample) {
    const auto opened = house_.open(std::string(NDCAST_SOURCE_DIR) + "/samples/" + sample);
    ASSERT_TRUE(opened) << opened.error().message;
  }
  /// The whole film, as ffmpeg sees it: what it says of it, and how many pictures it finds.
  static std::pair<std::string, std::size_t> decode(const std::vector<PixelFrame>& film) {
    std::string pattern = (fs::temp_directory_path() / "ndcast-napari-XXXXXX").string();
    const fs::path directory = ::mkdtemp(pattern.data());
    const std::string file = (directory / "film.h264").string();
    std::ofstream out(file, std::ios::binary);
    for (const PixelFrame& frame : film) {
      const auto nals = stream::h264::split_avcc(std::as_bytes(std::span(frame.payload)));
      EXPECT_TRUE(nals);
      if (!nals) continue;
      for (const auto& nal : *nals) {
        out.write("\0\0\0\1", 4)
            .write(reinterpret_cast<const char*>(nal.data()), static_cast<std::streamsize>(nal.size()));
      }
    }
    out.close();
    const std::string said = output_of("ffmpeg -v warning -nostdin -i " + file + " -f null - 2>&1");
    const std::string pictures =
        output_of("ffprobe -v error -select_streams v -show_entries frame=pict_type -of csv=p=0 " + file);
    fs::remove_all(directory);
    return {said, static_cast<std::size_t>(std::ranges::count(pictures, '\n'))};
  }

  SystemClock clock_;
  Access access_{{.authority = auth::Authority("a token that nobody here has"), .hosts = {.names = {"127.0.0.1"}}},
                 clock_};
  room::LoopbackRoom house_;
  std::unique_ptr<NapariPorts> ports_;
};

TEST_F(NapariPortsTest, ASessionOfTheOriginalClientIsToldAndShown) {
  open("blastocyst.ome.zarr");
  Desktop desktop(house_, *ports_);
  desktop.join();
  desktop.wait("a first picture", [&] { return !desktop.film().empty(); });
  EXPECT_TRUE(desktop.film().front().keyframe);
  const Json stream = at(desktop.last("notify.stream"), {"payload"});
  EXPECT_EQ(at(stream, {"frame_size"}).array()[0], Json(desktop.film().front().width));
  EXPECT_EQ(at(stream, {"frame_size"}).array()[1], Json(desktop.film().front().height));

  for (int z = 20; z < 30; ++z) {
    const std::size_t before = desktop.film().size();
    const Json ack = desktop.update("dims", "z", "index", z);
    EXPECT_EQ(text_at(ack, {"status"}), "accepted");
    EXPECT_EQ(at(ack, {"applied_value"}), Json(z)) << "in steps of the level that it was told";
    desktop.wait("its picture", [&] { return desktop.film().size() > before; });
  }
  EXPECT_EQ(text_at(desktop.update("camera", "main", "zoom", *parse_json(R"({"factor":0.5,"anchor_px":[100,100]})")),
                    {"status"}),
            "accepted");
  desktop.wait("the pose", [&] { return text_at(desktop.last("notify.camera"), {"payload", "mode"}) == "pose"; });
  EXPECT_EQ(at(desktop.update("layer", "layer-0", "opacity", 0.4), {"applied_value"}), Json(0.4));
  desktop.update("layer", "layer-0", "attenuation", 0.2);
  desktop.update("dims", "z", "margin_left", 2.0);
  desktop.update("view", "main", "ndisplay", 3);
  desktop.wait("the toggle", [&] { return at(desktop.last("notify.dims"), {"payload", "ndisplay"}) == Json(3); });
  desktop.update("camera", "main", "orbit", *parse_json(R"({"d_az_deg":10,"d_el_deg":5})"));
  const std::size_t before = desktop.film().size();
  desktop.call("napari.pixel.request_keyframe");
  desktop.wait("the keyframe that is owed", [&] {
    return std::any_of(desktop.film().begin() + static_cast<std::ptrdiff_t>(before), desktop.film().end(),
                       [](const PixelFrame& frame) { return frame.keyframe; });
  });
  EXPECT_GE(desktop.count("reply.command"), 1U);

  for (std::size_t i = 0; i < desktop.film().size(); ++i) EXPECT_EQ(desktop.film()[i].seq, i) << "contiguous";
  const auto [said, pictures] = decode(desktop.film());
  EXPECT_EQ(said, "") << "ffmpeg decodes it without a word";
  EXPECT_EQ(pictures, desktop.film().size());
}

TEST_F(NapariPortsTest, SharesTheRoomWithNativeClients) {
  open("mri-stack.ome.zarr");
  room::LoopbackClient ada(house_, "ada");
  ada.join();
  Desktop desktop(house_, *ports_);
  desktop.join();
  ada.update("dims", "z", "index", 3);
  desktop.wait("ada's z", [&] { return desktop.count("notify.dims") >= 2; });
  const std::uint64_t before = ada.shown().server_seq;
  desktop.update("dims", "z", "step", 2);
  ada.wait("the desktop's z", [&] {
    desktop.pump();
    return ada.shown().server_seq > before;
  });
}

TEST_F(NapariPortsTest, APageOfAnotherSiteIsKeptOut) {
  for (const std::uint16_t port : {ports_->state_port(), ports_->pixel_port()}) {
    transport::RawClient client(port);
    client.send_upgrade("/", "Origin: https://elsewhere.example\r\n");
    const std::optional<std::string> header = header_of(house_, client);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->starts_with("HTTP/1.1 403")) << *header;
  }
}

TEST_F(NapariPortsTest, PlainHttpIsToldWhatThePortIsFor) {
  transport::RawClient client(ports_->state_port());
  client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const std::optional<std::string> header = header_of(house_, client);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->starts_with("HTTP/1.1 426")) << *header;
}

}  // namespace
}  // namespace ndcast::server
