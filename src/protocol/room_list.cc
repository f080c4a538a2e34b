#include "protocol/room_list.h"

#include "protocol/described.h"

namespace ndcast::protocol {

NDCAST_DESCRIBE(RoomEntry, (name, sessions, views, image))

Json rooms_to_json(std::span<const RoomEntry> rooms) {
  Json::Array list;
  for (const RoomEntry& room : rooms) list.push_back(described::print(room));
  return Json::make_object({{"rooms", std::move(list)}});
}

}  // namespace ndcast::protocol
