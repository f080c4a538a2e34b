#pragma once
// Every room of the process, by name (protocol.md WP23): they share the render thread, the chunk loader, opened images
// and the files thread, and nothing of their scenes.
//
//   ND_ASSIGN(auto rooms, Rooms::make(surroundings, {.room = {.renderer = "cpu"}, .image = "/data/embryo.ome.zarr"}));
//   Room* lab = rooms->find("lab");
//   rooms->enter("lab", auth::Role::Editor, [](Result<Room*> room) { … });   // made when it was not there

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/roles.h"
#include "base/limits.h"
#include "protocol/room_list.h"
#include "room/room.h"
#include "room/stage_metrics.h"

namespace ndcast::room {

struct RoomsConfig {
  /// Of every room, but for its journal; its name is that of the main room, which is made at once and stays.
  RoomConfig room;
  std::string image;  ///< what a room that is made later shows; empty: nothing
  std::size_t max_rooms = limits::kRooms;
  std::chrono::nanoseconds idle = limits::kRoomIdle;
  /// Each room has its own pages in it, and comes back as it was when it is made again. Null: nothing is kept.
  std::shared_ptr<ledger::Journal> journal;
};

/// [A-Za-z0-9._-]{1,64}.
bool is_room_name(std::string_view name);

/// Control thread only.
class Rooms {
 public:
  /// Errors: NotFound (no such renderer), Invalid (the main room's name).
  static Result<std::unique_ptr<Rooms>> make(Surroundings surroundings, RoomsConfig config);
  /// Unloads nothing: the process is at its end.
  ~Rooms() = default;
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  Room& main() { return *main_; }
  /// Null when there is none of that name.
  Room* find(std::string_view name);
  /// The room of that name, made if need be: `done` at once when it is there or is refused, else when its journal is
  /// read. Errors: NotFound (a viewer may not make one, or the name is none), Limit (the process has its rooms).
  void enter(std::string_view name, auth::Role role, std::function<void(Result<Room*>)> done);

  /// The handler of a new pixel socket, of whichever room the ticket is. Errors: those of Room::make_pixel_socket.
  Result<std::shared_ptr<transport::WebSocketHandler>> make_pixel_socket(std::string_view ticket,
                                                                         stream::PixelChannelOptions options);
  std::vector<protocol::RoomEntry> list() const;
  /// Of all rooms' pictures.
  const StageMetrics& metrics() const { return *metrics_; }
  /// Room::durability() of the main room; "degraded" when any room's is.
  std::string durability() const;
  /// Says goodbye to everybody.
  void shut_down(std::string_view reason);
  /// Unloads rooms that were without a socket for the configured time; called every kCheck, and by tests.
  void unload_idle();
  static constexpr std::chrono::seconds kCheck{30};
  /// Local images are looked at this often for having changed, those on servers every kCheck.
  static constexpr std::chrono::seconds kImageCheck{5};

 private:
  struct Held {
    std::unique_ptr<Room> room;
    std::optional<MonotonicTime> idle_since;
  };

  Rooms(Surroundings surroundings, RoomsConfig config);
  Result<Room*> add(std::string name, std::shared_ptr<RoomJournal> journal);
  Result<void> check_new(std::string_view name, auth::Role role) const;
  /// The room's journal is read: whoever waited for it enters.
  void finish_entering(const std::string& name, std::shared_ptr<RoomJournal> journal);
  /// What the room showed last, or what the server was started with.
  void show_something(Room& room);
  void check_later();
  void look_for_changes_later();

  const std::shared_ptr<StageMetrics> metrics_;
  const Surroundings surroundings_;  ///< with `metrics_` for the stages
  const RoomsConfig config_;
  std::map<std::string, Held, std::less<>> rooms_;
  std::map<std::string, std::vector<std::function<void(Result<Room*>)>>, std::less<>> entering_;
  Room* main_ = nullptr;
  transport::TimerHandle timer_;
  transport::TimerHandle image_timer_;
  std::chrono::seconds since_remote_look_{0};
  std::shared_ptr<Rooms*> self_ = std::make_shared<Rooms*>(this);  ///< held weakly by what waits for a journal
};

}  // namespace ndcast::room
