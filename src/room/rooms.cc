#include "room/rooms.h"

#include <algorithm>
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
        std::make_shared<render::RenderDevice>(std::move(renderer), surroundings.loader, surroundings.clock,
                                               [name = config.room.renderer] { return render::make_renderer(name); });
  }
  if (!surroundings.images) surroundings.images = std::make_shared<SharedImages>();
  if (!surroundings.remote_files) surroundings.remote_files = std::make_shared<Background>("remote-files");
  if (!surroundings.blobs) surroundings.blobs = std::make_shared<BlobShelf>(surroundings.clock);
  if (!surroundings.thumbnails) surroundings.thumbnails = std::make_shared<Background>("thumbnails");
  if (!surroundings.readings) surroundings.readings = std::make_shared<Background>("readings");
  if (!surroundings.remote_readings) surroundings.remote_readings = std::make_shared<Background>("remote-readings");
  if (!surroundings.farewells) surroundings.farewells = std::make_shared<Background>("farewells");
  std::unique_ptr<Rooms> rooms(new Rooms(std::move(surroundings), std::move(config)));
  const Surroundings& around = rooms->surroundings_;
  const std::string& name = rooms->config_.room.name;
  ND_ASSIGN(rooms->main_, rooms->add(name, RoomJournal::open(rooms->config_.journal, name, around.loop, around.clock)));
  rooms->check_later();
  rooms->look_for_changes_later();
  return rooms;
}

Rooms::Rooms(Surroundings surroundings, RoomsConfig config)
    : metrics_(std::make_shared<StageMetrics>()),
      surroundings_([&] {
        surroundings.stages = metrics_;
        return std::move(surroundings);
      }()),
      config_(std::move(config)) {}

Result<Room*> Rooms::add(std::string name, std::shared_ptr<RoomJournal> journal) {
  RoomConfig config = config_.room;
  config.name = name;
  config.journal = std::move(journal);
  ND_ASSIGN(auto room, Room::make(surroundings_, std::move(config)));
  return rooms_.emplace(std::move(name), Held{std::move(room), std::nullopt}).first->second.room.get();
}

Room* Rooms::find(std::string_view name) {
  const auto it = rooms_.find(name);
  return it == rooms_.end() ? nullptr : it->second.room.get();
}

Result<void> Rooms::check_new(std::string_view name, auth::Role role) const {
  if (!is_room_name(name)) {
    return fail(ErrorCode::NotFound, "no room can have that name: expected 1 to {} of the characters A-Z a-z 0-9 . _ -",
                limits::kRoomNameBytes);
  }
  if (!auth::may_act_as(role, auth::Role::Editor)) {
    return fail(ErrorCode::NotFound, "there is no room \"{}\"; to make one needs the role editor", name);
  }
  if (!entering_.contains(name) && rooms_.size() + entering_.size() >= config_.max_rooms) {
    return fail(ErrorCode::Limit, "the server has its {} rooms; try again later", config_.max_rooms);
  }
  return {};
}

void Rooms::enter(std::string_view name, auth::Role role, std::function<void(Result<Room*>)> done) {
  if (Room* room = find(name)) return done(room);
  if (auto may = check_new(name, role); !may) return done(std::unexpected(std::move(may.error())));
  const auto [it, is_first] = entering_.try_emplace(std::string(name));
  it->second.push_back(std::move(done));
  if (!is_first) return;
  if (!config_.journal) {
    return finish_entering(it->first, RoomJournal::open(nullptr, it->first, surroundings_.loop, surroundings_.clock));
  }
  RoomJournal::open_later(config_.journal, it->first, surroundings_.loop, surroundings_.clock,
                          [weak = std::weak_ptr(self_), own_name = it->first](std::shared_ptr<RoomJournal> journal) {
                            if (const auto self = weak.lock()) (*self)->finish_entering(own_name, std::move(journal));
                          });
}

void Rooms::finish_entering(const std::string& name, std::shared_ptr<RoomJournal> journal) {
  auto waiting = entering_.extract(name);
  const Result<Room*> room = add(waiting.key(), std::move(journal));
  if (room) {
    log().info("room {} is made", waiting.key());
    show_something(**room);
  }
  for (const auto& done : waiting.mapped()) done(room);
}

void Rooms::show_something(Room& room) {
  auto done = [name = room.name()](const Result<void>& opened) {
    if (!opened) log().error("room {}: {}", name, opened.error().message);
  };
  if (room.remembers_image()) return room.reopen(std::move(done));
  if (!config_.image.empty()) room.open(config_.image, std::move(done));
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

std::string Rooms::durability() const {
  for (const auto& [name, held] : rooms_) {
    if (held.room->durability() == "degraded") return "degraded";
  }
  return main_->durability();
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
      log().info("room {} is unloaded: nobody was there for long", it->first);
      it = rooms_.erase(it);
      continue;
    }
    ++it;
  }
}

void Rooms::look_for_changes_later() {
  image_timer_ = surroundings_.loop.run_after(kImageCheck, [this] {
    since_remote_look_ += kImageCheck;
    const bool remote_too = since_remote_look_ >= kCheck;
    if (remote_too) since_remote_look_ = {};
    for (const auto& [name, held] : rooms_) {
      if (remote_too || !held.room->shows_remote()) held.room->look_for_changes();
    }
    look_for_changes_later();
  });
}

void Rooms::check_later() {
  timer_ = surroundings_.loop.run_after(kCheck, [this] {
    unload_idle();
    surroundings_.files.post([blobs = surroundings_.blobs] { blobs->expire(); });
    check_later();
  });
}

}  // namespace ndcast::room
