#pragma once
// A native client of a room in the same process, over loopback sockets: for tests and benchmarks. It speaks the real
// frames; nothing of the room is reached but through its sockets.
//
//   LoopbackRoom house;                              // a room with its surroundings
//   house.open("samples/mri-stack.ome.zarr");
//   LoopbackClient ada(house, "ada");
//   ada.join();
//   const std::uint64_t version = ada.update("dims", "z", "index", 5);
//   ada.wait("z 5 in a picture", [&] { return ada.shown().server_seq >= version; });

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "room/room.h"
#include "stream/pixel_frame.h"
#include "transport/loopback.h"

namespace ndcast::room {

/// A room and what it borrows, on the calling thread.
class LoopbackRoom {
 public:
  explicit LoopbackRoom(const std::vector<std::filesystem::path>& data_roots = {}, RoomConfig config = {},
                        std::shared_ptr<ledger::Journal> journal = nullptr,
                        std::shared_ptr<const image::Remote> remote = nullptr,
                        std::size_t chunk_cache_bytes = limits::kChunkCacheBytes);

  /// Serves until the image is open; the room's own error otherwise.
  Result<void> open(const std::string& uri);
  /// Room::reopen(), served until it is done.
  Result<void> reopen();
  Surroundings surroundings() {
    return {.loop = loop, .clock = clock, .loader = loader, .roots = roots, .files = files, .images = images};
  }
  /// Serves the loop for a moment.
  void serve() { loop.run_for(std::chrono::microseconds(100)); }

  SystemClock clock;
  transport::EventLoop loop;
  DataRoots roots;
  Background files{"files"};
  std::shared_ptr<image::ChunkLoader> loader;
  std::shared_ptr<SharedImages> images;
  std::unique_ptr<Room> room;
};

/// One frame as it came.
struct ReceivedFrame {
  stream::PixelHeader header;
  stream::FrameState state;
  std::vector<std::byte> payload;
  MonotonicTime at{};
};

class LoopbackClient {
 public:
  /// In the house's room, or in another one that its loop serves.
  LoopbackClient(LoopbackRoom& house, std::string name, auth::Role role = auth::Role::Admin, Room* room = nullptr);

  /// Hello, welcome, snapshot, pixel socket, first complete picture. Throws std::runtime_error when one does not come.
  void join();

  /// Sends a state.update and waits for its ack; the version when accepted. A refusal throws, with its code.
  std::uint64_t update(std::string_view scope, std::string_view target, std::string_view key, const Json& value);
  /// The payload of the ack, accepted or rejected.
  Json update_ack(std::string_view scope, std::string_view target, std::string_view key, const Json& value);
  /// The reply's or the error's payload.
  Json call(std::string_view command, Json kwargs);
  /// Any text at all.
  void send_raw(std::string text) { state_.client_sends_text(std::move(text)); }

  /// Serves and reads until the condition holds; throws std::runtime_error naming `what` after 20 s.
  void wait(std::string_view what, const std::function<bool()>& condition);
  /// Reads what has come; the house serves apart.
  void pump();

  /// State of the newest frame; zeros before the first.
  const stream::FrameState& shown() const { return shown_; }
  MonotonicTime shown_at() const { return shown_at_; }  ///< when the newest frame's server_seq was first seen
  std::uint64_t frames() const { return frames_; }
  /// Kept when recording is on.
  void record(bool on) { recording_ = on; }
  const std::vector<ReceivedFrame>& recorded() const { return recorded_; }
  /// Frames of the state channel since the last call.
  std::vector<Json> take_state_frames() { return std::exchange(state_frames_, {}); }
  /// Closes its sockets, as a window that is closed does; the room has heard it when this returns.
  void leave();
  const std::string& session() const { return session_; }
  /// The view, its binding and the registers of the newest snapshot, with what came after.
  const std::string& view() const { return view_; }
  std::uint8_t binding() const { return binding_; }
  /// The value of a register as this session names it; null when it is not there.
  Json value(std::string_view scope, std::string_view target, std::string_view key) const;
  std::size_t known_registers() const { return registers_.size(); }
  bool pixels_closed() const { return pixels_ && pixels_->closed(); }
  bool closed() const { return state_.closed(); }

 private:
  std::string send(std::string_view type, Json payload, bool is_intent, Json nd = nullptr);
  void on_state(Json frame);
  void on_registers(const Json& payload);
  void on_pixels(std::span<const std::byte> message);

  LoopbackRoom& house_;
  Room& room_;
  const std::string name_;
  transport::LoopbackPair state_;
  std::optional<transport::LoopbackPair> pixels_;
  std::string session_;
  std::string ticket_;
  std::uint64_t sent_ = 0;
  std::optional<Json> answer_;  ///< payload of the ack or reply that is waited for
  std::string awaited_frame_id_;
  std::vector<Json> state_frames_;
  std::string view_;
  std::uint8_t binding_ = 0;
  std::map<std::string, Json> registers_;
  stream::FrameState shown_;
  MonotonicTime shown_at_{};
  std::uint64_t frames_ = 0;
  bool recording_ = false;
  std::vector<ReceivedFrame> recorded_;
};

}  // namespace ndcast::room
