#pragma once
// Paths of the one port, and what answers them (protocol.md §1). What a path needs stands in auth/role_table.h.

#include "room/rooms.h"
#include "server/access.h"
#include "server/web_site.h"
#include "transport/server.h"

namespace ndcast::server {

/// What the routes lead to; all outlive the transport::Server that calls them. `site` may be null (no viewer built).
struct Site {
  Access& access;
  const WebSite* web = nullptr;
  room::Rooms& rooms;
};

/// Handlers for transport::Server::listen(). Control thread.
transport::Handlers make_handlers(const Site& site);

}  // namespace ndcast::server
