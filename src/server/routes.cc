#include "server/routes.h"

#include "protocol/scene_file.h"

namespace ndcast::server {
namespace {

using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;

HttpResponse not_found(const HttpRequest& request) {
  return HttpResponse::text(404, fmt::format("there is nothing at {}\n", request.path));
}

/// What needs a token.
HttpResponse serve_private(const Site& site, const HttpRequest& request) {
  if (!site.access.role_of(request)) return Access::unauthorised();
  if (request.path == "/api/v1/scene") {
    if (request.method != "GET") return HttpResponse::text(405, "GET only\n");
    return HttpResponse::json(200, to_pretty_string(protocol::scene_to_json(site.room.registers())) + "\n");
  }
  return not_found(request);
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

transport::UpgradeDecision open_state(const Site& site, const HttpRequest& request) {
  const std::string_view room = request.parameter("room").value_or("main");
  if (room != site.room_name) {
    return std::unexpected(HttpResponse::text(404, fmt::format("room.not_found: there is no room \"{}\"\n", room)));
  }
  // Without a token the hello has to bring one (WP1).
  session::ConnectionInfo info;
  info.authorised = site.access.role_of(request);
  return site.room.make_state_socket(std::move(info));
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
  auto socket = site.room.make_pixel_socket(request.parameter("ticket").value_or(""), std::move(options));
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
