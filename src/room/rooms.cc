#include "room/rooms.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/log.h"

namespace ndcast::room {

bool is_room_name(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= limits::kRoomNameBytes && std::ranges::all_of(name, is_good);
}

Result<std::unique_ptr<Rooms>> Rooms::make(Surroundings surroundings, RoomsConfig config) {
  if (!is_room_name(config.room.name)) {
    return fail(ErrorCode::Invalid, "room \"{}\": expected 1 to {} of the characters A-Z a-z 0-9 . _ -",
                config.room.name, limits::kRoomNameBytes);
  }
  if (!surroundings.device) {
    ND_ASSIGN(auto renderer, render::make_renderer(config.room.renderer));
    surroundings.device =
        std::make_shared<render::RenderDevice>(std::move(renderer), surroundings.loader, surroundings.clock);
  }
  if (!surroundings.images) surroundings.images = std::make_shared<SharedImages>();
  std::unique_ptr<Rooms> rooms(new Rooms(std::move(surroundings), std::move(config)));
  ND_ASSIGN(rooms->main_, rooms->add(rooms->config_.room.name));
  rooms->check_later();
  return rooms;
}

Result<Room*> Rooms::add(std::string name) {
  RoomConfig config = config_.room;
  config.name = name;
  config.process_is_full = [this] { return sessions() >= limits::kSessions; };
  ND_ASSIGN(auto room, Room::make(surroundings_, std::move(config)));
  return rooms_.emplace(std::move(name), Held{std::move(room), std::nullopt}).first->second.room.get();
}

Room* Rooms::find(std::string_view name) {
  const auto it = rooms_.find(name);
  return it == rooms_.end() ? nullptr : it->second.room.get();
}

Result<Room*> Rooms::enter(std::string_view name, auth::Role role) {
  if (Room* room = find(name)) return room;
  if (!is_room_name(name)) {
    return fail(ErrorCode::NotFound, "no room can have that name: expected 1 to {} of the characters A-Z a-z 0-9 . _ -",
                limits::kRoomNameBytes);
  }
  if (!auth::may_act_as(role, auth::Role::Editor)) {
    return fail(ErrorCode::NotFound, "there is no room \"{}\"; to make one needs the role editor", name);
  }
  if (rooms_.size() >= config_.max_rooms) {
    return fail(ErrorCode::Limit, "the server has its {} rooms; try again later", config_.max_rooms);
  }
  ND_ASSIGN(Room * room, add(std::string(name)));
  log().info("room {} is made", name);
  const bool has_scene = config_.after_load && config_.after_load(*room);
  if (!has_scene && !config_.image.empty()) {
    room->open(config_.image, [name = std::string(name)](const Result<void>& opened) {
      if (!opened) log().error("room {}: {}", name, opened.error().message);
    });
  }
  return room;
}

Result<std::shared_ptr<transport::WebSocketHandler>> Rooms::make_pixel_socket(std::string_view ticket,
                                                                              stream::PixelChannelOptions options) {
  for (const auto& [name, held] : rooms_) {
    if (held.room->has_ticket(ticket)) return held.room->make_pixel_socket(ticket, std::move(options));
  }
  return main_->make_pixel_socket(ticket, std::move(options));  // says what is wrong with it
}

std::vector<protocol::RoomEntry> Rooms::list() const {
  std::vector<protocol::RoomEntry> entries;
  for (const auto& [name, held] : rooms_) {
    const auto snapshot = held.room->snapshot();
    entries.push_back({name, static_cast<std::int64_t>(held.room->hub_stats().sessions),
                       static_cast<std::int64_t>(snapshot->views.size()), snapshot->source->uri});
  }
  return entries;
}

std::size_t Rooms::sessions() const {
  return std::accumulate(rooms_.begin(), rooms_.end(), std::size_t{0}, [](std::size_t sum, const auto& entry) {
    return sum + entry.second.room->hub_stats().sessions;
  });
}

void Rooms::shut_down(std::string_view reason) {
  for (const auto& [name, held] : rooms_) held.room->shut_down(reason);
}

void Rooms::unload_idle() {
  const MonotonicTime now = surroundings_.clock.now();
  for (auto it = rooms_.begin(); it != rooms_.end();) {
    Held& held = it->second;
    if (held.room.get() == main_ || held.room->state_sockets() > 0) {
      held.idle_since.reset();
    } else if (!held.idle_since) {
      held.idle_since = now;
    } else if (now - *held.idle_since >= config_.idle) {
      if (config_.before_unload) config_.before_unload(*held.room);
      log().info("room {} is unloaded: nobody was there for long", it->first);
      it = rooms_.erase(it);
      continue;
    }
    ++it;
  }
}

void Rooms::check_later() {
  timer_ = surroundings_.loop.run_after(kCheck, [this] {
    unload_idle();
    check_later();
  });
}

}  // namespace ndcast::room
