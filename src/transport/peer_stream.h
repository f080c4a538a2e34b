#pragma once
// A client's byte stream, with TLS or without, decided when it is made or after its first byte. One type for both, so
// that Beast's templates are compiled once; only the innermost reads and writes branch. For beast_server.cc and
// web_socket_connection.cc only.

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "base/check.h"

namespace ndcast::transport {

/// Movable while no operation is under way.
class PeerStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;
  using Tcp = boost::asio::ip::tcp;

  explicit PeerStream(Tcp::socket socket) : state_(std::make_unique<State>(std::move(socket))) {}

  executor_type get_executor() noexcept { return state_->tcp.get_executor(); }
  boost::beast::tcp_stream& tcp() { return state_->tcp; }
  bool is_secure() const { return state_->tls.has_value(); }

  /// Speaks TLS from here on, beginning with what was read already. Takes `session`; handler(error, bytes used).
  template <class Buffers, class Handler>
  void async_handshake(SSL* session, const Buffers& read_already, Handler&& handler) {
    state_->tls.emplace(state_->tcp, session);
    state_->tls->async_handshake(boost::asio::ssl::stream_base::server, read_already, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (state_->tls) {
      state_->tls->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      state_->tcp.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (state_->tls) {
      state_->tls->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      state_->tcp.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// TLS only: says that nothing more follows, and waits for the same.
  template <class Handler>
  void async_shutdown(Handler&& handler) {
    ND_CHECK(state_->tls.has_value());
    state_->tls->async_shutdown(std::forward<Handler>(handler));
  }

  /// Ends it now; operations under way fail.
  void cut() {
    boost::system::error_code ignored;
    state_->tcp.socket().shutdown(Tcp::socket::shutdown_both, ignored);
    state_->tcp.close();
  }

 private:
  struct State {
    explicit State(Tcp::socket socket) : tcp(std::move(socket)) {}
    boost::beast::tcp_stream tcp;
    std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls;
  };
  std::unique_ptr<State> state_;  // on the heap, so that moving leaves tls' reference alone
};

}  // namespace ndcast::transport
