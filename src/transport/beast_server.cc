// The TCP side of server.h, and the only file that compiles Boost.Beast.
//
// A connection starts as an HttpConnection (read a request → ask a handler → write the answer → again); an accepted
// upgrade moves its stream into a WebSocketConnection, which reads for ever and writes what the kernel takes at once.

#include <algorithm>
#include <array>
#include <ctime>
#include <deque>
#include <exception>
#include <optional>
#include <ranges>
#include <span>
#include <unordered_set>
#include <utility>
#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/container/static_vector.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/log.h"
#include "transport/asio_loop.h"
#include "transport/server.h"
#include "transport/web_socket_frame.h"

namespace ndcast::transport {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// Unsent bytes that the kernel holds for a socket: enough for a 10 ms round trip at 50 Mbit/s, little enough that what
/// a slow viewer has not taken stays in our queue, where it can be dropped.
constexpr int kNotSentLowWaterBytes = 64 * 1024;
/// A peer that says nothing for half of this is pinged, and given up at the whole.
constexpr auto kSilenceTimeout = std::chrono::seconds(40);
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends by itself, soon; the peer is told.
  virtual void close_politely() = 0;
  /// Ends now; no handler hears of it.
  virtual void cut() = 0;
};

/// What all connections of one server share. Outlives the Server while callbacks are in flight.
struct Shared {
  EventLoop& loop;
  Handlers handlers;  // empty once the Server is gone: what they capture may hold sockets, and those hold this
  const ServerLimits limits;
  std::unordered_set<Connection*> connections;
  bool closing = false;  // Server::close() was called
  bool gone = false;     // the Server was destroyed
};

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

void cut_socket(beast::tcp_stream& stream) {
  error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream.close();
}

/// Runs what the house does with a connection; an exception there must not end the loop and with it everybody's.
template <class Function>
bool guarded(const std::string& remote, Function&& function) {
  try {
    std::forward<Function>(function)();
    return true;
  } catch (const std::exception& error) {
    log().error("{}: its handler threw: {}", remote, error.what());
    return false;
  }
}

/// An accepted upgrade: reads for ever, and writes at once what the kernel takes.
class WebSocketConnection final : public WebSocket,
                                  public Connection,
                                  private FrameSink,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(std::shared_ptr<Shared> shared, beast::tcp_stream stream, std::string remote,
                      std::shared_ptr<WebSocketHandler> handler)
      : shared_(std::move(shared)),
        stream_(std::in_place, std::move(stream)),
        remote_(std::move(remote)),
        handler_(std::move(handler)),
        limits_(handler_->limits()),
        reader_(limits_.max_message_bytes),
        timer_(std::in_place, shared_->loop.impl().io) {
    shared_->connections.insert(this);
  }
  ~WebSocketConnection() override { shared_->connections.erase(this); }

  /// Answers the upgrade; `first` is what the client said right behind its request.
  void accept(std::string_view key, std::string_view first) {
    stream_->expires_never();  // time is kept here from now on
    error_code ignored;
    stream_->socket().non_blocking(true, ignored);
    queue_.emplace_back(std::make_shared<const std::string>(
        fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: {}\r\n\r\n",
                    accept_key(key))));
    write_now();
    expect_signs_of_life();
    if (!guarded(remote_, [&] { handler_->on_open(shared_from_this()); })) {
      close(close_code::kInternalError, "internal error");
    }
    if (shared_->closing) close_politely();
    std::ranges::copy(first, incoming_.begin());
    if (!gone_) have_read({}, first.size());
  }
  /// Most that accept() takes as `first`.
  static constexpr std::size_t kReadBytes = 2048;

  void send_text(SharedText text) override { enqueue(Message(FrameOpcode::Text, std::move(text))); }
  void send_binary(SharedBytes bytes) override { enqueue(Message(FrameOpcode::Binary, std::move(bytes))); }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  std::string remote_address() const override { return remote_; }

  void close(std::uint16_t code, std::string_view reason) override {
    if (closing_ || gone_) return;
    closing_ = true;
    enqueue_control(FrameOpcode::Close, close_payload(code, fitting_close_reason(reason)));
    timer_->expires_after(kCloseTimeout);
    timer_->async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && !self->gone_) cut_socket(*self->stream_);
    });
  }

  void close_politely() override { close(close_code::kGoingAway, "the server is going away"); }
  void cut() override {
    if (gone_) return;
    release();
    handler_.reset();
  }

 private:
  /// A frame on its way out, or (before the first) the answer to the upgrade, which has no header.
  struct Message {
    explicit Message(SharedText raw) : header(FrameOpcode::Text, 0), payload(std::move(raw)) { header.size = 0; }
    template <class Payload>
    Message(FrameOpcode opcode, Payload bytes)
        : header(opcode, bytes->size()), is_control(static_cast<int>(opcode) >= 8), payload(std::move(bytes)) {}
    FrameHeader header;
    bool is_control = false;
    std::variant<SharedText, SharedBytes> payload;

    asio::const_buffer body() const {
      return std::visit([](const auto& bytes) { return asio::const_buffer(bytes->data(), bytes->size()); }, payload);
    }
    std::size_t size() const { return header.size + body().size(); }
  };
  /// Frames that one write gathers: a laggard's queue goes out in few calls.
  static constexpr std::size_t kGathered = 16;
  using Gathered = boost::container::static_vector<asio::const_buffer, 2 * kGathered>;

  // --- out

  void enqueue(Message message) {
    if (closing_ || gone_) return;
    queued_bytes_ += message.body().size();
    queue_.push_back(std::move(message));
    write_unless_held();
  }

  void enqueue_control(FrameOpcode opcode, std::string payload) {
    queue_.emplace_back(opcode, std::make_shared<const std::string>(std::move(payload)));
    write_unless_held();
  }

  void write_unless_held() {
    if (!waiting_ && !answering_) write_now();
  }

  /// Who said something is answered, and soon after told what came of it; both leave in one write. The answer waits for
  /// two turns of the loop: in the first the house may still be hearing others (Room::settle_soon).
  void hold_answers() {
    if (std::exchange(answering_, true)) return;
    asio::post(shared_->loop.impl().io, [self = shared_from_this()] {
      asio::post(self->shared_->loop.impl().io, [self] {
        self->answering_ = false;
        if (self->gone_ || self->queue_.empty()) return;
        self->write_unless_held();
        self->end_if_said();
      });
    });
  }

  Gathered gather() const {
    Gathered buffers;
    std::size_t skipped = written_;
    for (const Message& message : queue_ | std::views::take(kGathered)) {
      for (asio::const_buffer part : {asio::buffer(message.header.bytes.data(), message.header.size), message.body()}) {
        const std::size_t skip = std::min(skipped, part.size());
        skipped -= skip;
        part += skip;
        if (part.size() > 0) buffers.push_back(part);
      }
    }
    return buffers;
  }

  /// Hands over what the kernel takes at once, and waits with the rest. Tells nobody: its callers are sends.
  void write_now() {
    error_code error;
    while (!queue_.empty() && !error) wrote(stream_->socket().write_some(gather(), error));
    if (queue_.empty()) return;
    if (error != asio::error::would_block && error != asio::error::try_again) return cut_socket(*stream_);
    waiting_ = true;
    stream_->async_write_some(gather(), [self = shared_from_this()](const error_code& failed, std::size_t bytes) {
      self->have_written(failed, bytes);
    });
  }

  void have_written(const error_code& error, std::size_t bytes) {
    if (gone_) return;
    waiting_ = false;
    if (error) return cut_socket(*stream_);
    const std::size_t before = queued_bytes_;
    wrote(bytes);
    write_now();
    end_if_said();
    if (!closing_ && before > limits_.low_water_bytes && queued_bytes_ <= limits_.low_water_bytes) {
      guarded(remote_, [&] { handler_->on_writable(); });
    }
  }

  void wrote(std::size_t bytes) {
    written_ += bytes;
    while (!queue_.empty() && written_ >= queue_.front().size()) {
      written_ -= queue_.front().size();
      if (!queue_.front().is_control && queue_.front().header.size > 0) {
        queued_bytes_ -= queue_.front().body().size();
      }
      queue_.pop_front();
    }
  }

  // --- in

  void read() {
    stream_->async_read_some(
        asio::buffer(incoming_),
        [self = shared_from_this()](const error_code& error, std::size_t bytes) { self->have_read(error, bytes); });
  }

  void have_read(const error_code& error, std::size_t bytes) {
    if (gone_) return;
    // A read is pending for as long as the socket lives, so its failure is the one place where the end is noticed.
    if (error) return finished();
    heard_ = true;
    if (!deaf_) take(std::span(incoming_).first(bytes));
    end_if_said();
    if (!gone_) read();
  }

  void take(std::span<char> bytes) {
    const auto self = shared_from_this();  // a handler may let go of everything
    const auto fine = reader_.take(bytes, *this);
    if (fine || gone_) return;
    deaf_ = true;
    close(fine.error().code, fine.error().reason);
  }

  bool on_message(bool is_text, std::string_view payload) override {
    if (closing_) return true;
    hold_answers();
    const bool ok = guarded(remote_, [&] {
      if (is_text) {
        handler_->on_text(payload);
      } else {
        handler_->on_binary(std::as_bytes(std::span(payload)));
      }
    });
    if (!ok) close(close_code::kInternalError, "internal error");
    return !gone_;
  }

  bool on_ping(std::string_view payload) override {
    // One answer may stand for several pings (§5.5.3), so that a peer that only pings makes no queue.
    const bool is_waiting = queue_.size() > 1 && queue_.back().is_control;
    if (!closing_ && !is_waiting) enqueue_control(FrameOpcode::Pong, std::string(payload));
    return true;
  }
  bool on_pong() override { return true; }

  bool on_close_frame(std::uint16_t code, std::string_view) override {
    constexpr std::uint16_t kNoCode = 1005;
    deaf_ = true;
    peer_closed_ = true;
    close(code == kNoCode ? close_code::kNormal : code, {});  // the echo, unless we were first
    return false;
  }

  // --- the end

  /// Both have said what they had to say.
  void end_if_said() {
    if (gone_ || !closing_ || !deaf_ || !queue_.empty()) return;
    error_code ignored;
    // After a violation the peer may still be sending; a reset would destroy the close frame on its way.
    if (!peer_closed_) {
      stream_->socket().shutdown(tcp::socket::shutdown_send, ignored);
    } else {
      cut_socket(*stream_);
    }
  }

  /// A peer that says nothing for half of kSilenceTimeout is pinged, and given up at the whole.
  void expect_signs_of_life() {
    timer_->expires_after(kSilenceTimeout / 2);
    timer_->async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->gone_ || self->closing_) return;
      if (!std::exchange(self->heard_, false)) {
        if (std::exchange(self->pinged_, true)) return cut_socket(*self->stream_);
        self->enqueue_control(FrameOpcode::Ping, {});
      } else {
        self->pinged_ = false;
      }
      self->expect_signs_of_life();
    });
  }

  // The handler may keep this object for longer than the server and even the loop live, so everything that belongs to
  // the loop goes now; operations under way notice that their stream is gone.
  void release() {
    gone_ = true;
    queued_bytes_ = 0;
    queue_.clear();
    shared_->connections.erase(this);
    cut_socket(*stream_);
    stream_.reset();
    timer_.reset();
  }

  void finished() {
    release();
    const auto handler = std::move(handler_);
    guarded(remote_, [&] { handler->on_close(); });
  }

  const std::shared_ptr<Shared> shared_;
  std::optional<beast::tcp_stream> stream_;  // empty once gone_
  const std::string remote_;
  std::shared_ptr<WebSocketHandler> handler_;
  const SocketLimits limits_;
  FrameReader reader_;
  std::optional<asio::steady_timer> timer_;  // of silence, then of closing; empty once gone_
  std::array<char, kReadBytes> incoming_;
  std::deque<Message> queue_;  // the front is being written
  std::size_t written_ = 0;    // bytes of the front
  std::size_t queued_bytes_ = 0;
  bool waiting_ = false;      // for the kernel to take more
  bool answering_ = false;    // what is queued waits for more
  bool heard_ = false;        // something came since the timer last looked
  bool pinged_ = false;       // and nothing came since
  bool closing_ = false;      // close() was called
  bool deaf_ = false;         // what still comes does not count
  bool peer_closed_ = false;  // its close frame came
  bool gone_ = false;         // the handler has heard on_close, or never will
};

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
        remote_(address_text(remote)),
        remote_is_loopback_(is_loopback(remote)) {
    shared_->connections.insert(this);
  }
  ~HttpConnection() override { shared_->connections.erase(this); }

  void start() { wait_for_request(shared_->limits.request_timeout); }

  void close_politely() override {
    if (idle_) cut_socket(stream_);
  }
  void cut() override { cut_socket(stream_); }

 private:
  /// A read may take a piece of the body along with the header.
  static constexpr std::size_t kReadAheadBytes = 64 * 1024;

  // Waiting for the first byte and reading a request have times of their own, so that a slow sender cannot hide behind
  // the patience meant for an idle connection.
  void wait_for_request(std::chrono::milliseconds patience) {
    if (buffer_.size() > 0) return read_request();
    idle_ = true;
    stream_.expires_after(patience);
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
    stream_.expires_after(shared_->limits.request_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) { self->have_read(error); });
  }

  void have_read(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse(431, fmt::format("the request's header is larger than {} bytes", shared_->limits.header_bytes));
    }
    if (error == http::error::body_limit) {
      return refuse(413, fmt::format("the request's body is larger than {} bytes", shared_->limits.body_bytes));
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) return cut_socket(stream_);
    if (error && error.category() == make_error_code(http::error::bad_method).category()) {
      return refuse(400, fmt::format("this is not HTTP/1.1: {}", error.message()));
    }
    if (error) return;  // gone, or too slow: the stream is closed already
    dispatch();
  }

  void dispatch() {
    if (shared_->gone) return;
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
    stream_.expires_never();
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
    if (buffer_.size() > WebSocketConnection::kReadBytes) return refuse(400, "frames came before the upgrade");
    UpgradeDecision decision = shared_->handlers.upgrade(request);
    replied_ = true;
    if (!decision) {
      keep_alive_ = false;
      return write(std::move(decision.error()));
    }
    tune(stream_.socket());
    std::make_shared<WebSocketConnection>(shared_, std::move(stream_), remote_, std::move(*decision))
        ->accept(parser_->get()[http::field::sec_websocket_key],
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
    stream_.expires_after(shared_->limits.idle_timeout);
    http::async_write(stream_, message_,
                      [self = shared_from_this()](const error_code& error, std::size_t) { self->have_written(error); });
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
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kCloseTimeout);
    discard();
  }

  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](const error_code& error, std::size_t) {
      if (error) return cut_socket(self->stream_);
      self->discard();
    });
  }

  const std::shared_ptr<Shared> shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  const std::string remote_;
  const bool remote_is_loopback_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpResponse response_;  // owns the bytes that message_ points to
  http::response<http::span_body<const char>> message_;
  bool idle_ = true;
  bool replied_ = false;
  bool keep_alive_ = false;
  bool is_head_ = false;
};

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<Shared> shared, tcp::acceptor acceptor)
      : shared_(std::move(shared)), acceptor_(std::move(acceptor)), retry_(shared_->loop.impl().io) {}

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      self->accepted(error, std::move(socket));
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accepted(const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      // Out of descriptors, most likely: the pending client would be reported again at once, so wait a little.
      log().warn("accepting a connection failed: {}", error.message());
      retry_.expires_after(kAcceptRetry);
      retry_.async_wait([self = shared_from_this()](const error_code& stopped) {
        if (!stopped) self->accept();
      });
      return;
    }
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (!gone && shared_->connections.size() < shared_->limits.connections) {
      tune(socket);
      std::make_shared<HttpConnection>(shared_, std::move(socket), remote)->start();
    } else if (!gone) {
      log().warn("{}: refused, {} connections are open already", address_text(remote), shared_->connections.size());
    }
    accept();
  }

  const std::shared_ptr<Shared> shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
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
                                               Handlers handlers, const ServerLimits& limits) {
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
  auto shared = std::make_shared<Shared>(Shared{.loop = loop, .handlers = std::move(handlers), .limits = limits});
  auto listener = std::make_shared<Listener>(shared, std::move(acceptor));
  return std::make_unique<BeastServer>(std::move(shared), std::move(listener));
}

}  // namespace ndcast::transport
