#include "server/napari_ports.h"

namespace ndcast::server {
namespace {

using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;
using transport::UpgradeDecision;

/// Handlers of a port that speaks WebSocket alone.
template <class MakeSocket>
transport::Handlers handlers_of(const Access& access, MakeSocket make_socket) {
  transport::Handlers handlers;
  handlers.http = [](const HttpRequest&, const HttpReply& reply) {
    HttpResponse response = HttpResponse::text(426, "This port speaks WebSocket to the napari-cuda client.\n");
    response.headers.emplace_back("Upgrade", "websocket");
    reply(std::move(response));
  };
  handlers.upgrade = [&access, make_socket](const HttpRequest& request) -> UpgradeDecision {
    if (auto refused = access.refuse_origin(request)) return std::unexpected(std::move(*refused));
    return make_socket();
  };
  return handlers;
}

}  // namespace

Result<std::unique_ptr<NapariPorts>> NapariPorts::listen(transport::EventLoop& loop, const std::string& host,
                                                         std::pair<std::uint16_t, std::uint16_t> ports,
                                                         const Access& access, room::Room& room) {
  auto out = std::make_unique<NapariPorts>();
  const auto make_state = [&room] {
    session::ConnectionInfo info;
    info.authorised = auth::Role::Editor;
    info.listener = session::Listener::OriginalOnly;
    return room.make_state_socket(std::move(info));
  };
  ND_ASSIGN(out->state_, transport::Server::listen(loop, host, ports.first, handlers_of(access, make_state)));
  const auto make_pixels = [&room] { return room.make_original_pixel_socket(); };
  ND_ASSIGN(out->pixels_, transport::Server::listen(loop, host, ports.second, handlers_of(access, make_pixels)));
  return out;
}

void NapariPorts::close() {
  state_->close();
  pixels_->close();
}

}  // namespace ndcast::server
