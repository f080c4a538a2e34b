#include "server/routes.h"

#include "auth/role_table.h"
#include "protocol/room_list.h"
#include "protocol/scene_file.h"
#include "room/entering_socket.h"
#include "room/refusing_socket.h"
#include "server/watched_socket.h"

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

constexpr std::string_view kScenePath = "/api/v1/scene";
constexpr std::string_view kOtherRoom = "the token is for another room";

/// What the request's token grants, if the path's row in the role table allows it; else the answer.
std::expected<auth::Grant, HttpResponse> authorise(const Site& site, const HttpRequest& request) {
  auto grant = site.access.judge(request);
  if (!grant) return std::unexpected(Access::unauthorised(grant.error()));
  const auth::PathRule* rule = auth::path_rule(request.method, request.path);
  if (rule && rule->least && !auth::may_act_as(grant->role, *rule->least)) {
    return std::unexpected(
        HttpResponse::text(403, fmt::format("{} needs the role {}; the token's is {}\n", request.path,
                                            to_string(*rule->least), to_string(grant->role))));
  }
  return *std::move(grant);
}

/// The room that the request is about, if the token opens it and it is there; else the answer.
std::expected<room::Room*, HttpResponse> find_room(const Site& site, const HttpRequest& request,
                                                   const auth::Grant& grant) {
  const std::string_view name = room_name(site, request);
  if (!grant.opens_room(name)) {
    return std::unexpected(Access::unauthorised({auth::Denial::Invalid, std::string(kOtherRoom)}));
  }
  if (room::Room* const room = site.rooms.find(name)) return room;
  return std::unexpected(no_room(name));
}

HttpResponse serve_scene(const Site& site, const HttpRequest& request, const auth::Grant& grant) {
  const auto room = find_room(site, request, grant);
  if (!room) return room.error();
  return HttpResponse::json(200, to_pretty_string(protocol::scene_to_json((*room)->registers())) + "\n");
}

/// Those that the token opens.
HttpResponse serve_rooms(const Site& site, const auth::Grant& grant) {
  std::vector<protocol::RoomEntry> rooms = site.rooms.list();
  std::erase_if(rooms, [&](const protocol::RoomEntry& room) { return !grant.opens_room(room.name); });
  return HttpResponse::json(200, to_pretty_string(protocol::rooms_to_json(rooms)) + "\n");
}

HttpResponse serve_metrics(const Site& site) {
  return {.content_type = std::string(room::StageMetrics::kContentType), .body = site.rooms.metrics().text()};
}

/// What needs a token.
HttpResponse serve_private(const Site& site, const HttpRequest& request) {
  const auto grant = authorise(site, request);
  if (!grant) return grant.error();
  const bool is_scene = request.path == kScenePath;
  if (!is_scene && request.path != "/api/v1/rooms" && request.path != "/metrics") return not_found(request);
  if (request.method != "GET") return HttpResponse::text(405, is_scene ? "GET and PUT only\n" : "GET only\n");
  // They are of all rooms.
  if (request.path == "/metrics")
    return grant->room ? Access::unauthorised({auth::Denial::Invalid, std::string(kOtherRoom)}) : serve_metrics(site);
  return is_scene ? serve_scene(site, request, *grant) : serve_rooms(site, *grant);
}

HttpResponse health(const Site& site) {
  return HttpResponse::text(200, fmt::format("ok\ndurability {}\n", site.rooms.durability()));
}

HttpResponse serve_below_base(const Site& site, const HttpRequest& request) {
  if (request.path == "/healthz") return health(site);
  if (auto refused = site.access.refuse_origin(request)) return std::move(*refused);
  if (request.method == "GET" || request.method == "HEAD") {
    if (const auto token = request.parameter("token"); token && request.path == "/")
      return site.access.exchange_token(request, *token);
    if (site.web) {
      if (const HttpResponse* file = site.web->find(request.path)) return *file;
    } else if (request.path == "/") {
      return HttpResponse::text(503, "The browser viewer is not built; see README.\n");
    }
  }
  return serve_private(site, request);
}

/// The answer to what is not below the base path: the page's address without its last slash leads to the page.
HttpResponse serve_outside(const Site& site, const HttpRequest& request) {
  if (request.path == "/healthz") return health(site);
  if (auto refused = site.access.refuse_origin(request)) return std::move(*refused);
  if (request.path + "/" != site.access.base_path()) return not_found(request);
  HttpResponse response;
  response.status = 308;
  const std::size_t query = request.target.find('?');
  response.headers = {{"Location", request.path.substr(request.path.rfind('/') + 1) + "/" +
                                       (query == std::string::npos ? "" : request.target.substr(query))},
                      {"Cache-Control", "no-store"}};
  return response;
}

/// Browsers that came through TLS are told to do so for a year. Not for names of this machine: the rule is the name's,
/// whatever the port, and others serve on it too; addresses take no such rule.
void add_transport_security(const HttpRequest& request, HttpResponse& response) {
  const std::string_view host = request.header("Host").value_or("");
  const std::string_view name = host.substr(0, host.find(':'));
  const bool is_address = name.find_first_not_of("0123456789.") == std::string_view::npos || host.starts_with('[');
  if (!request.is_secure || is_address || transport::equal_ignoring_case(name, "localhost")) return;
  response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
}

int status_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::Forbidden:
      return 403;
    case ErrorCode::Cancelled:
      return 409;
    case ErrorCode::Limit:
      return 503;
    default:
      return 400;
  }
}

/// PUT /api/v1/scene (WP33): answered when the image is open and the scene is shown, or refused.
void import_scene(const Site& site, const HttpRequest& request, const HttpReply& reply) {
  if (auto refused = site.access.refuse_origin(request)) return reply(std::move(*refused));
  const auto grant = authorise(site, request);
  if (!grant) return reply(grant.error());
  const auto room = find_room(site, request, *grant);
  if (!room) return reply(room.error());
  const Result<Json> json = parse_json(request.body);
  auto registers = json ? protocol::scene_from_json(*json) : std::unexpected(json.error());
  if (!registers) return reply(HttpResponse::text(400, registers.error().message + "\n"));
  const ledger::Author author{.actor = grant->subject.empty() ? "api" : grant->subject,
                              .origin = ledger::Origin::Client};
  (*room)->import_scene(std::move(*registers), author, [reply](const Result<std::uint64_t>& shown) {
    if (!shown) return reply(HttpResponse::text(status_of(shown.error()), shown.error().message + "\n"));
    reply(HttpResponse::json(200, to_string(Json::make_object({{"server_seq", *shown}})) + "\n"));
  });
}

/// GET /api/v1/blob/ID (WP43): a movie or a picture, to be saved.
void serve_blob(const Site& site, const HttpRequest& request, const HttpReply& reply) {
  if (auto refused = site.access.refuse_origin(request)) return reply(std::move(*refused));
  const auto grant = authorise(site, request);
  if (!grant) return reply(grant.error());
  const auto room = find_room(site, request, *grant);
  if (!room) return reply(room.error());
  if (request.method != "GET") return reply(HttpResponse::text(405, "GET only\n"));
  (*room)->fetch_blob(request.path.substr(auth::kBlobPath.size()), [reply](const Result<room::FetchedBlob>& blob) {
    if (!blob) return reply(HttpResponse::text(status_of(blob.error()), blob.error().message + "\n"));
    HttpResponse response;
    response.content_type = blob->label.content_type;
    response.shared_body = blob->bytes;
    response.headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}\"", blob->label.name)},
                        {"Cache-Control", "private, no-store"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Cross-Origin-Resource-Policy", "same-origin"}};
    reply(std::move(response));
  });
}

void serve(const Site& site, HttpRequest request, const HttpReply& reply) {
  const bool is_below = site.access.enter(request);
  const auto finish = [request, reply](HttpResponse response) {
    add_transport_security(request, response);
    reply(std::move(response));
  };
  if (is_below && request.method == "PUT" && request.path == kScenePath) return import_scene(site, request, finish);
  if (is_below && request.path.starts_with(auth::kBlobPath)) return serve_blob(site, request, finish);
  finish(is_below ? serve_below_base(site, request) : serve_outside(site, request));
}

protocol::RejectCode reject_code_of(const Error& error) {
  return error.code == ErrorCode::Limit ? protocol::RejectCode::RoomFull : protocol::RejectCode::RoomNotFound;
}

/// To a room that is not there: made when the token's role and room allow it. A browser cannot read the status of a
/// refused upgrade, so who may not is told on the socket.
transport::UpgradeDecision make_room(const Site& site, std::string_view name, session::ConnectionInfo info) {
  const auth::Grant& grant = *info.authorised;
  if (!grant.opens_room(name)) {
    return std::make_shared<room::RefusingSocket>(
        protocol::Reject{protocol::RejectCode::AuthInvalid, std::string(kOtherRoom), {}});
  }
  auto socket = std::make_shared<room::EnteringSocket>();
  site.rooms.enter(name, grant.role, [socket, info = std::move(info)](const Result<room::Room*>& entered) mutable {
    if (entered) return socket->lead_to((*entered)->make_state_socket(std::move(info)));
    socket->lead_to(std::make_shared<room::RefusingSocket>(
        protocol::Reject{reject_code_of(entered.error()), entered.error().message, {}}));
  });
  return socket;
}

transport::UpgradeDecision open_state(const Site& site, const HttpRequest& request) {
  // Without a good token the hello has to bring one (WP1), to a room that is there already.
  session::ConnectionInfo info{.remote = request.remote_address};
  if (auto grant = site.access.judge(request)) {
    info.authorised = *std::move(grant);
  } else {
    info.denied = std::move(grant.error());
  }
  const std::string_view name = room_name(site, request);
  if (room::Room* room = site.rooms.find(name)) return room->make_state_socket(std::move(info));
  if (!info.authorised) return std::unexpected(no_room(name));
  return make_room(site, name, std::move(info));
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

transport::UpgradeDecision upgrade(const Site& site, HttpRequest request) {
  const bool is_below = site.access.enter(request);
  if (auto refused = site.access.refuse_origin(request)) return std::unexpected(std::move(*refused));
  if (auto refused = site.access.refuse_handshake(request)) return std::unexpected(std::move(*refused));
  transport::UpgradeDecision decided = std::unexpected(not_found(request));
  if (is_below && request.path == "/state") decided = open_state(site, request);
  if (is_below && request.path == "/pixels") decided = open_pixels(site, request);
  if (!decided) return decided;
  const auto note = [&access = site.access, address = request.remote_address] { access.note_violation(address); };
  return std::make_shared<WatchedSocket>(std::move(*decided), note);
}

}  // namespace

transport::Handlers make_handlers(const Site& site) {
  transport::Handlers handlers;
  handlers.http = [site](const HttpRequest& request, const HttpReply& reply) { serve(site, request, reply); };
  handlers.upgrade = [site](const HttpRequest& request) { return upgrade(site, request); };
  return handlers;
}

}  // namespace ndcast::server
