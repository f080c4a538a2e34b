#include "server/routes.h"

#include "protocol/room_list.h"
#include "protocol/scene_file.h"
#include "room/refusing_socket.h"

namespace ndcast::server {
namespace {

using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;

HttpResponse not_found(const HttpRequest& request) {
  return HttpResponse::text(404, fmt::format("there is nothing at {}\n", request.path));
}

HttpResponse no_room(std::string_view name) {
  return HttpResponse::text(404, fmt::format("room.not_found: there is no room \"{}\"\n", name.substr(0, 128)));
}

/// `?room=`, or the room that the server was started with.
std::string_view room_name(const Site& site, const HttpRequest& request) {
  return request.parameter("room").value_or(site.rooms.main().name());
}

HttpResponse serve_scene(const Site& site, const HttpRequest& request) {
  const std::string_view name = room_name(site, request);
  const room::Room* room = site.rooms.find(name);
  if (!room) return no_room(name);
  return HttpResponse::json(200, to_pretty_string(protocol::scene_to_json(room->registers())) + "\n");
}

HttpResponse serve_rooms(const Site& site, auth::Role role) {
  if (!auth::may_act_as(role, auth::Role::Admin)) {
    return HttpResponse::text(403, "the list of rooms needs the role admin\n");
  }
  return HttpResponse::json(200, to_pretty_string(protocol::rooms_to_json(site.rooms.list())) + "\n");
}

/// What needs a token.
HttpResponse serve_private(const Site& site, const HttpRequest& request) {
  const std::optional<auth::Role> role = site.access.role_of(request);
  if (!role) return Access::unauthorised();
  const bool is_scene = request.path == "/api/v1/scene";
  if (!is_scene && request.path != "/api/v1/rooms") return not_found(request);
  if (request.method != "GET") return HttpResponse::text(405, "GET only\n");
  return is_scene ? serve_scene(site, request) : serve_rooms(site, *role);
}

HttpResponse serve(const Site& site, const HttpRequest& request) {
  if (request.path == "/healthz") return HttpResponse::text(200, "ok\n");
  if (auto refused = site.access.refuse_origin(request)) return std::move(*refused);
  if (request.method == "GET" || request.method == "HEAD") {
    if (const auto token = request.parameter("token"); token && request.path == "/")
      return site.access.exchange_token(*token);
    if (site.web) {
      if (const HttpResponse* file = site.web->find(request.path)) return *file;
    } else if (request.path == "/") {
      return HttpResponse::text(503, "The browser viewer is not built; see README.\n");
    }
  }
  return serve_private(site, request);
}

/// A browser cannot read the status of a refused upgrade, so who may not enter is told on the socket.
transport::UpgradeDecision refuse_entry(const Error& error) {
  const protocol::RejectCode code =
      error.code == ErrorCode::Limit ? protocol::RejectCode::RoomFull : protocol::RejectCode::RoomNotFound;
  return std::make_shared<room::RefusingSocket>(protocol::Reject{code, error.message});
}

transport::UpgradeDecision open_state(const Site& site, const HttpRequest& request) {
  // Without a token the hello has to bring one (WP1), to a room that is there already.
  session::ConnectionInfo info;
  info.authorised = site.access.role_of(request);
  const std::string_view name = room_name(site, request);
  room::Room* room = site.rooms.find(name);
  if (!room && !info.authorised) return std::unexpected(no_room(name));
  if (!room) {
    const Result<room::Room*> entered = site.rooms.enter(name, *info.authorised);
    if (!entered) return refuse_entry(entered.error());
    room = *entered;
  }
  return room->make_state_socket(std::move(info));
}

/// "h264,jpeg" → codecs; unknown names are skipped, so that newer clients may offer more.
std::vector<stream::PixelCodec> parse_codecs(std::string_view text) {
  std::vector<stream::PixelCodec> codecs;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto codec = stream::parse_pixel_codec(text.substr(0, comma))) codecs.push_back(*codec);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return codecs;
}

transport::UpgradeDecision open_pixels(const Site& site, const HttpRequest& request) {
  stream::PixelChannelOptions options;
  options.extended = request.parameter("v") == "2";
  options.codecs = parse_codecs(request.parameter("codecs").value_or("h264"));
  if (options.codecs.empty()) {
    return std::unexpected(HttpResponse::text(400, "codecs: expected at least one of h264, jpeg, png, webp\n"));
  }
  auto socket = site.rooms.make_pixel_socket(request.parameter("ticket").value_or(""), std::move(options));
  if (!socket) return std::unexpected(HttpResponse::text(403, socket.error().message + "\n"));
  return *socket;
}

transport::UpgradeDecision upgrade(const Site& site, const HttpRequest& request) {
  if (auto refused = site.access.refuse_origin(request)) return std::unexpected(std::move(*refused));
  if (request.path == "/state") return open_state(site, request);
  if (request.path == "/pixels") return open_pixels(site, request);
  return std::unexpected(not_found(request));
}

}  // namespace

transport::Handlers make_handlers(const Site& site) {
  transport::Handlers handlers;
  handlers.http = [site](const HttpRequest& request, const HttpReply& reply) { reply(serve(site, request)); };
  handlers.upgrade = [site](const HttpRequest& request) { return upgrade(site, request); };
  return handlers;
}

}  // namespace ndcast::server
