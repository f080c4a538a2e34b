#pragma once
// An accepted upgrade: reads for ever, and writes at once what the kernel takes. For beast_server.cc only.

#include <memory>
#include <string>
#include <string_view>

#include "transport/connection.h"
#include "transport/peer_stream.h"

namespace ndcast::transport {

/// Most that a client may have said behind its request.
inline constexpr std::size_t kFirstFrameBytes = 2048;

/// Answers the upgrade that names `key` and keeps itself alive while the peer is there. `first` is what the client said
/// right behind its request, at most kFirstFrameBytes.
void start_web_socket(std::shared_ptr<Shared> shared, PeerStream stream, std::string remote,
                      std::shared_ptr<WebSocketHandler> handler, std::string_view key, std::string_view first);

}  // namespace ndcast::transport
