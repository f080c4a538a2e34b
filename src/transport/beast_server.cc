// The TCP side of server.h, and the only file that compiles Boost.Beast (about 35 s of compiler time).
//
// A connection starts as an HttpConnection (TLS handshake → read a request → ask a handler → write the answer → again);
// an accepted upgrade moves its stream into a WebSocketConnection (web_socket_connection.h).

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/log.h"
#include "transport/asio_loop.h"
#include "transport/connection.h"
#include "transport/peer_stream.h"
#include "transport/server.h"
#include "transport/web_socket_connection.h"

namespace ndcast::transport {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// Bytes that the kernel holds for a socket beyond those in flight: enough for 2 ms of a busy server at 50 Mbit/s,
/// little enough that what a slow viewer has not taken stays in our queue, where it can be dropped (65 ms at 2 Mbit/s).
constexpr int kNotSentLowWaterBytes = 16 * 1024;
constexpr Rate kRefusalsTold{.per_second = 0.2, .burst = 3};
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);
/// A request that still comes in pieces as small as this, after some, is looked at no more often than this: a piece
/// costs the same as a whole request. Requests of people and programs come in one or two pieces.
constexpr std::size_t kSmallPieceBytes = 256;
constexpr int kSmallPieces = 3;
constexpr auto kBetweenSmallPieces = std::chrono::milliseconds(100);

/// Of an answer, within ServerLimits::idle_timeout: 35 kbit/s.
constexpr std::size_t kWrittenPieceBytes = 256 * 1024;

std::string address_text(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

bool is_loopback(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

void tune(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kNotSentLowWaterBytes,
             sizeof(kNotSentLowWaterBytes));
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

bool fits_in_header(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<Shared> shared, tcp::socket socket, const tcp::endpoint& remote)
      : shared_(std::move(shared)),
        stream_(std::move(socket)),
        buffer_(shared_->limits.header_bytes + kReadAheadBytes),
        pause_(shared_->loop.impl().io),
        remote_(address_text(remote)),
        remote_is_loopback_(is_loopback(remote)) {
    shared_->connections.insert(this);
  }
  ~HttpConnection() override { shared_->connections.erase(this); }

  void start() {
    if (shared_->tls) return wait_for_tls();
    wait_for_request(shared_->limits.request_timeout);
  }

  void close_politely() override {
    if (idle_) stream_.cut();
  }
  void cut() override {
    pause_.cancel();
    stream_.cut();
  }

 private:
  /// A read may take a piece of the body along with the header.
  static constexpr std::size_t kReadAheadBytes = 64 * 1024;

  // The first byte says whether the client speaks TLS at all; one that does not is told so in its own words.
  void wait_for_tls() {
    stream_.tcp().expires_after(shared_->limits.handshake_timeout);
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](const error_code& error, std::size_t n) {
      if (error) return;
      self->buffer_.commit(n);
      self->begin_tls();
    });
  }

  void begin_tls() {
    constexpr unsigned char kHandshakeRecord = 22;
    if (*static_cast<const unsigned char*>(buffer_.cdata().data()) != kHandshakeRecord) {
      speaks_plain_ = true;
      return read_request();
    }
    SSL* const session = shared_->tls ? shared_->tls->new_session() : nullptr;
    if (!session) return stream_.cut();
    stream_.async_handshake(session, buffer_.cdata(),
                            [self = shared_from_this()](const error_code& error, std::size_t n) {
                              if (error) {
                                log().debug("{}: TLS handshake failed: {}", self->remote_, error.message());
                                return self->stream_.cut();
                              }
                              self->buffer_.consume(n);
                              self->wait_for_request(self->shared_->limits.request_timeout);
                            });
  }

  // Waiting for the first byte and reading a request have times of their own, so that a slow sender cannot hide behind
  // the patience meant for an idle connection.
  void wait_for_request(std::chrono::milliseconds patience) {
    if (buffer_.size() > 0) return read_request();
    idle_ = true;
    stream_.tcp().expires_after(patience);
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](const error_code& error, std::size_t n) {
      if (error) return;  // closed, idle for too long, or cut: nobody to tell
      self->buffer_.commit(n);
      self->read_request();
    });
  }

  void read_request() {
    idle_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->limits.header_bytes));
    parser_->body_limit(shared_->limits.body_bytes);
    parser_->eager(true);
    small_pieces_ = 0;
    stream_.tcp().expires_after(shared_->limits.request_timeout);
    parse();
  }

  void parse() {
    error_code error;
    while (!error && !parser_->is_done() && buffer_.size() > 0) buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::need_more) error = {};
    if (error || parser_->is_done()) return have_read(error);
    if (buffer_.size() == buffer_.max_size()) return have_read(http::error::buffer_overflow);
    if (small_pieces_ < kSmallPieces) return read_piece();
    // Nor is the loop woken for each piece meanwhile.
    set_receive_low_water(static_cast<int>(kReadAheadBytes));
    pause_.expires_after(kBetweenSmallPieces);
    pause_.async_wait([self = shared_from_this()](const error_code& stopped) {
      if (stopped) return;
      self->set_receive_low_water(1);
      self->read_piece();
    });
  }

  void set_receive_low_water(int bytes) {
    setsockopt(stream_.tcp().socket().native_handle(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
  }

  void read_piece() {
    const std::size_t most = std::min(kReadAheadBytes, buffer_.max_size() - buffer_.size());
    stream_.async_read_some(buffer_.prepare(most), [self = shared_from_this()](const error_code& error, std::size_t n) {
      if (error == asio::error::eof) return self->stream_.cut();
      if (error) return;  // gone, or too slow: the stream is closed already
      if (n < kSmallPieceBytes) ++self->small_pieces_;
      self->buffer_.commit(n);
      self->parse();
    });
  }

  void have_read(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse(431, fmt::format("the request's header is larger than {} bytes", shared_->limits.header_bytes));
    }
    if (error == http::error::body_limit) {
      return refuse(413, fmt::format("the request's body is larger than {} bytes", shared_->limits.body_bytes));
    }
    if (error) return refuse(400, fmt::format("this is not HTTP/1.1: {}", error.message()));
    dispatch();
  }

  void dispatch() {
    if (shared_->gone) return;
    if (speaks_plain_) return refuse(400, "this port speaks TLS: open it as https://");
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == http::verb::head;
    HttpRequest request;
    request.target = std::string(message.target());
    auto target = parse_http_target(request.target);
    if (!target) return refuse(400, target.error().message);
    request.method = std::string(message.method_string());
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = message.body();
    request.remote_address = remote_;
    request.remote_is_loopback = remote_is_loopback_;
    request.is_secure = stream_.is_secure();
    stream_.tcp().expires_never();
    const bool ok = guarded(remote_, [&] { websocket::is_upgrade(message) ? upgrade(request) : answer(request); });
    if (!ok && !replied_) refuse(500, "internal error");
  }

  void answer(const HttpRequest& request) {
    replied_ = false;
    shared_->handlers.http(request, [self = shared_from_this()](HttpResponse response) {
      if (!std::exchange(self->replied_, true)) self->write(std::move(response));
    });
  }

  void upgrade(const HttpRequest& request) {
    replied_ = false;
    if (shared_->closing) return refuse(503, "the server is going away");
    const auto& message = parser_->get();
    if (message[http::field::sec_websocket_version] != "13") return refuse_version();
    if (message[http::field::sec_websocket_key].empty()) return refuse(400, "the upgrade names no Sec-WebSocket-Key");
    if (buffer_.size() > kFirstFrameBytes) return refuse(400, "frames came before the upgrade");
    UpgradeDecision decision = shared_->handlers.upgrade(request);
    replied_ = true;
    if (!decision) {
      keep_alive_ = false;
      return write(std::move(decision.error()));
    }
    start_web_socket(shared_, std::move(stream_), remote_, std::move(*decision),
                     message[http::field::sec_websocket_key],
                     {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()});
  }

  void refuse_version() {
    replied_ = true;
    keep_alive_ = false;
    HttpResponse response = HttpResponse::text(426, "this server speaks version 13 of WebSocket\n");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    write(std::move(response));
  }

  void refuse(int status, const std::string& why) {
    replied_ = true;
    keep_alive_ = false;
    write(HttpResponse::text(status, why + "\n"));
  }

  void write(HttpResponse response) {
    response_ = std::move(response);
    const std::string_view body = response_.shared_body ? *response_.shared_body : response_.body;
    message_ = {};
    message_.result(static_cast<unsigned>(response_.status));
    if (!response_.content_type.empty()) message_.set(http::field::content_type, response_.content_type);
    for (const auto& [name, value] : response_.headers) {
      if (fits_in_header(name) && fits_in_header(value)) message_.insert(name, value);
    }
    message_.set(http::field::date, http_date());
    message_.keep_alive(keep_alive_ && !shared_->closing);
    message_.content_length(body.size());
    if (!is_head_) message_.body() = {body.data(), body.size()};
    serializer_.emplace(message_);
    begin_piece();
    write_some();
  }

  // A large answer to a slow reader takes as long as it takes: what has a time is the next piece of it. Not each byte
  // has: who takes one a minute would hold the answer for ever.
  void begin_piece() {
    piece_bytes_ = 0;
    stream_.tcp().expires_after(shared_->limits.idle_timeout);
  }

  void write_some() {
    http::async_write_some(stream_, *serializer_, [self = shared_from_this()](const error_code& error, std::size_t n) {
      if (error || self->serializer_->is_done()) return self->have_written(error);
      self->piece_bytes_ += n;
      if (self->piece_bytes_ >= kWrittenPieceBytes) self->begin_piece();
      self->write_some();
    });
  }

  void have_written(const error_code& error) {
    if (error) return;
    if (!message_.keep_alive()) return linger();
    response_ = {};
    parser_.reset();
    wait_for_request(shared_->limits.idle_timeout);
  }

  // Closing with unread bytes makes the kernel send a reset, which can destroy the answer on its way; so the rest of
  // a refused request is read and thrown away for a moment.
  void linger() {
    stream_.tcp().expires_after(kCloseTimeout);
    if (stream_.is_secure()) {
      return stream_.async_shutdown([self = shared_from_this()](const error_code&) { self->stream_.cut(); });
    }
    error_code ignored;
    stream_.tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
    discard();
  }

  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](const error_code& error, std::size_t) {
      if (error) return self->stream_.cut();
      self->pause_.expires_after(kDeafPause);
      self->pause_.async_wait([self](const error_code& stopped) {
        if (!stopped) self->discard();
      });
    });
  }

  const std::shared_ptr<Shared> shared_;
  PeerStream stream_;
  beast::flat_buffer buffer_;
  asio::steady_timer pause_;
  const std::string remote_;
  const bool remote_is_loopback_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpResponse response_;  // owns the bytes that message_ points to
  http::response<http::span_body<const char>> message_;
  std::optional<http::response_serializer<http::span_body<const char>>> serializer_;  // of message_
  std::size_t piece_bytes_ = 0;  // written since the time-out was renewed
  int small_pieces_ = 0;         // of the request that is read
  bool idle_ = true;
  bool replied_ = false;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool speaks_plain_ = false;  // on a port that speaks TLS
};

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<Shared> shared, tcp::acceptor acceptor)
      : shared_(std::move(shared)),
        acceptor_(std::move(acceptor)),
        pace_(shared_->limits.accepts, std::chrono::steady_clock::now()),
        refusals_(kRefusalsTold, std::chrono::steady_clock::now()),
        pause_(shared_->loop.impl().io) {}

  /// Those who are here already come first: whoever knocks faster waits in the kernel's queue.
  void accept() {
    if (const auto wait = pace_.take(std::chrono::steady_clock::now())) return accept_after(*wait);
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      self->accepted(error, std::move(socket));
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accepted(const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      // Out of descriptors, most likely: the pending client would be reported again at once, so wait a little.
      log().warn("accepting a connection failed: {}", error.message());
      return accept_after(kAcceptRetry);
    }
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (!gone && shared_->connections.size() < shared_->limits.connections) {
      tune(socket);
      std::make_shared<HttpConnection>(shared_, std::move(socket), remote)->start();
    } else if (!gone) {
      tell_refusal(remote);
    }
    accept();
  }

  void accept_after(std::chrono::milliseconds wait) {
    pause_.expires_after(wait);
    pause_.async_wait([self = shared_from_this()](const error_code& stopped) {
      if (!stopped) self->accept();
    });
  }

  void tell_refusal(const tcp::endpoint& remote) {
    ++refused_;
    if (refusals_.take(std::chrono::steady_clock::now())) return;
    log().warn("{}: refused ({} since this was last said), {} connections are open already", address_text(remote),
               std::exchange(refused_, 0), shared_->connections.size());
  }

  const std::shared_ptr<Shared> shared_;
  tcp::acceptor acceptor_;
  TokenBucket pace_;
  TokenBucket refusals_;
  std::size_t refused_ = 0;
  asio::steady_timer pause_;
};

class BeastServer final : public Server {
 public:
  BeastServer(std::shared_ptr<Shared> shared, std::shared_ptr<Listener> listener)
      : shared_(std::move(shared)), listener_(std::move(listener)), port_(listener_->port()) {
    listener_->accept();
  }
  ~BeastServer() override {
    shared_->closing = true;
    shared_->gone = true;
    shared_->handlers = {};
    listener_->close();
    // A copy: cutting a connection can end it, and that takes it out of the set.
    for (Connection* connection : std::vector(shared_->connections.begin(), shared_->connections.end())) {
      connection->cut();
    }
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return shared_->connections.size(); }
  void set_tls(std::shared_ptr<const TlsContext> tls) override {
    ND_CHECK(tls && shared_->tls, "a port stays plain, or TLS");
    shared_->tls = std::move(tls);
  }
  void close() override {
    shared_->closing = true;
    listener_->close();
    for (Connection* connection : std::vector(shared_->connections.begin(), shared_->connections.end())) {
      connection->close_politely();
    }
  }

 private:
  const std::shared_ptr<Shared> shared_;
  const std::shared_ptr<Listener> listener_;
  const std::uint16_t port_;
};

std::unexpected<Error> cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return fail(ErrorCode::Io, "port {} on {} is in use (by another ndcast?); choose another with --port", port, host);
  }
  return fail(ErrorCode::Io, "cannot listen on {} port {}: {}", host, port, error.message());
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(EventLoop& loop, const std::string& host, std::uint16_t port,
                                               Handlers handlers, const ServerLimits& limits,
                                               std::shared_ptr<const TlsContext> tls) {
  auto& io = loop.impl().io;
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) return fail(ErrorCode::Io, "cannot listen on '{}': {}", host, error.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return cannot_listen(host, port, error);
  auto shared = std::make_shared<Shared>(
      Shared{.loop = loop, .handlers = std::move(handlers), .limits = limits, .tls = std::move(tls)});
  auto listener = std::make_shared<Listener>(shared, std::move(acceptor));
  return std::make_unique<BeastServer>(std::move(shared), std::move(listener));
}

}  // namespace ndcast::transport
