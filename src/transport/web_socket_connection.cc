#include "transport/web_socket_connection.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <ranges>
#include <span>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/container/static_vector.hpp>

#include "transport/web_socket_frame.h"

namespace ndcast::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// A peer that says nothing for half of this is pinged, and given up at the whole.
constexpr auto kSilenceTimeout = std::chrono::seconds(40);

/// What is to be written: the answer to the upgrade, control frames of FrameReader's, or one data frame.
class Outgoing {
 public:
  explicit Outgoing(std::string raw) : payload_(std::make_shared<const std::string>(std::move(raw))) {}
  explicit Outgoing(SharedText text) : header_(true, text->size()), payload_(std::move(text)) {}
  explicit Outgoing(SharedBytes bytes) : header_(false, bytes->size()), payload_(std::move(bytes)) {}

  bool is_data() const { return header_.size > 0; }
  asio::const_buffer header() const { return asio::buffer(header_.bytes.data(), header_.size); }
  asio::const_buffer payload() const {
    return std::visit([](const auto& bytes) { return asio::const_buffer(bytes->data(), bytes->size()); }, payload_);
  }
  std::size_t size() const { return header_.size + payload().size(); }

 private:
  FrameHeader header_;
  std::variant<SharedText, SharedBytes> payload_;
};

class WebSocketConnection final : public WebSocket,
                                  public Connection,
                                  private MessageSink,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(std::shared_ptr<Shared> shared, PeerStream stream, std::string remote,
                      std::shared_ptr<WebSocketHandler> handler)
      : shared_(std::move(shared)),
        stream_(std::in_place, std::move(stream)),
        remote_(std::move(remote)),
        handler_(std::move(handler)),
        limits_(handler_->limits()),
        reader_(limits_.max_message_bytes, *this),
        timer_(std::in_place, shared_->loop.impl().io) {
    shared_->connections.insert(this);
  }
  ~WebSocketConnection() override { shared_->connections.erase(this); }

  void start(std::string_view key, std::string_view first) {
    stream_->tcp().expires_never();  // time is kept here from now on
    error_code ignored;
    stream_->tcp().socket().non_blocking(true, ignored);
    enqueue_raw(
        fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: {}\r\n\r\n",
                    accept_key(key)));
    expect_signs_of_life();
    if (!guarded(remote_, [&] { handler_->on_open(shared_from_this()); })) {
      close(close_code::kInternalError, "internal error");
    }
    if (shared_->closing) close_politely();
    std::ranges::copy(first, incoming_.begin());
    if (!gone_) have_read({}, first.size());
  }

  void send_text(SharedText text) override { enqueue(Outgoing(std::move(text))); }
  void send_binary(SharedBytes bytes) override { enqueue(Outgoing(std::move(bytes))); }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  std::string remote_address() const override { return remote_; }

  void close(std::uint16_t code, std::string_view reason) override {
    if (closing_ || gone_) return;
    reader_.close(code, fitting_close_reason(reason));
    answer();
  }

  void close_politely() override { close(close_code::kGoingAway, "the server is going away"); }
  void cut() override {
    if (gone_) return;
    release();
    handler_.reset();
  }

 private:
  /// Frames that one write gathers: a laggard's queue goes out in few calls.
  static constexpr std::size_t kGathered = 16;
  using Gathered = boost::container::static_vector<asio::const_buffer, 2 * kGathered>;
  /// TLS makes a record of what it is given at once, of at most so many bytes (RFC 8446 §5.1).
  static constexpr std::size_t kRecordBytes = 16 * 1024;

  // --- out

  void enqueue(Outgoing message) {
    if (closing_ || gone_) return;
    queued_bytes_ += message.payload().size();
    queue_.push_back(std::move(message));
    write_unless_held();
  }

  void enqueue_raw(std::string bytes) {
    queue_.emplace_back(std::move(bytes));
    write_unless_held();
  }

  /// Sends what the reader has to say.
  void answer() {
    std::string answers = reader_.take_answers();
    if (answers.empty()) return;
    if (reader_.said_close() && !std::exchange(closing_, true)) {
      timer_->expires_after(kCloseTimeout);
      timer_->async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && !self->gone_) self->give_up();
      });
    } else if (queue_.size() > 1 && !queue_.back().is_data()) {
      return;  // one pong may stand for several pings (§5.5.3): a peer that only pings makes no queue
    }
    enqueue_raw(std::move(answers));
  }

  void write_unless_held() {
    if (!waiting_ && !holding_) write_now();
  }

  /// Who said something is answered, and soon after told what came of it; both leave in one write. The answer waits for
  /// two turns of the loop: in the first the house may still be hearing others (Room::settle_soon).
  void hold_answers() {
    if (std::exchange(holding_, true)) return;
    asio::post(shared_->loop.impl().io, [self = shared_from_this()] {
      asio::post(self->shared_->loop.impl().io, [self] {
        self->holding_ = false;
        if (self->gone_ || self->queue_.empty()) return;
        self->write_unless_held();
        self->end_if_said();
      });
    });
  }

  Gathered gather() const {
    Gathered buffers;
    std::size_t skipped = written_;
    for (const Outgoing& message : queue_ | std::views::take(kGathered)) {
      for (asio::const_buffer part : {message.header(), message.payload()}) {
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
    if (stream_->is_secure()) return write_record();
    error_code error;
    while (!queue_.empty() && !error) wrote(stream_->tcp().socket().write_some(gather(), error));
    if (queue_.empty()) return;
    if (error != asio::error::would_block && error != asio::error::try_again) return give_up();
    write_later(gather());
  }

  void write_record() {
    if (queue_.empty()) return;
    const Gathered buffers = gather();
    record_.resize(std::min(asio::buffer_size(buffers), kRecordBytes));
    asio::buffer_copy(asio::buffer(record_), buffers);
    write_later(asio::buffer(record_));
  }

  template <class Buffers>
  void write_later(const Buffers& buffers) {
    waiting_ = true;
    stream_->async_write_some(buffers, [self = shared_from_this()](const error_code& error, std::size_t bytes) {
      self->have_written(error, bytes);
    });
  }

  void have_written(const error_code& error, std::size_t bytes) {
    if (gone_) return;
    waiting_ = false;
    if (error) return give_up();
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
      if (queue_.front().is_data()) queued_bytes_ -= queue_.front().payload().size();
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
    // A read is pending, or will be, until the peer's close frame came, so its failure is where the end is noticed.
    if (error) return finished();
    const auto self = shared_from_this();  // a handler may let go of everything
    heard_ = true;
    if (!reader_.is_deaf()) {
      reader_.take(std::span(incoming_).first(bytes));
      if (!gone_ && reader_.is_deaf() && !reader_.peer_closed()) guarded(remote_, [&] { handler_->on_violation(); });
    }
    if (gone_) return;
    answer();
    end_if_said();
    if (gone_ || reader_.peer_closed()) return;
    if (reader_.is_deaf()) {
      read_later();
    } else {
      read();
    }
  }

  void read_later() {
    const auto pause = std::make_shared<asio::steady_timer>(shared_->loop.impl().io, kDeafPause);
    pause->async_wait([self = shared_from_this(), pause](const error_code& error) {
      if (!error && !self->gone_) self->read();
    });
  }

  void on_message(bool is_text, std::string_view payload) override {
    if (closing_) return;
    hold_answers();
    const bool ok = guarded(remote_, [&] {
      if (is_text) {
        handler_->on_text(payload);
      } else {
        handler_->on_binary(std::as_bytes(std::span(payload)));
      }
    });
    if (!ok) close(close_code::kInternalError, "internal error");
    if (gone_) reader_.stop();
  }

  // --- the end

  /// A peer that says nothing for half of kSilenceTimeout is pinged, and given up at the whole.
  void expect_signs_of_life() {
    timer_->expires_after(kSilenceTimeout / 2);
    timer_->async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->gone_ || self->closing_) return;
      if (!std::exchange(self->heard_, false)) {
        if (std::exchange(self->pinged_, true)) return self->give_up();
        self->reader_.ping();
        self->answer();
      } else {
        self->pinged_ = false;
      }
      self->expect_signs_of_life();
    });
  }

  /// Both have said what they had to say.
  void end_if_said() {
    if (gone_ || !closing_ || !queue_.empty() || ending_) return;
    if (reader_.peer_closed()) {
      ending_ = true;
      if (!stream_->is_secure()) return finished();
      stream_->async_shutdown([self = shared_from_this()](const error_code&) {
        if (!self->gone_) self->finished();
      });
    } else if (reader_.is_deaf()) {
      // After a violation the peer may still be sending; a reset would destroy the close frame on its way.
      error_code ignored;
      stream_->tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }
  }

  /// Ends without more words, and not within the call: the pending read, or what is posted here, notices.
  void give_up() {
    stream_->cut();
    asio::post(shared_->loop.impl().io, [self = shared_from_this()] {
      if (!self->gone_) self->finished();
    });
  }

  // The handler may keep this object for longer than the server and even the loop live, so everything that belongs to
  // the loop goes now; operations under way notice that their stream is gone.
  void release() {
    gone_ = true;
    queued_bytes_ = 0;
    queue_.clear();
    shared_->connections.erase(this);
    stream_->cut();
    stream_.reset();
    timer_.reset();
  }

  void finished() {
    release();
    const auto handler = std::move(handler_);
    guarded(remote_, [&] { handler->on_close(); });
  }

  const std::shared_ptr<Shared> shared_;
  std::optional<PeerStream> stream_;  // empty once gone_
  const std::string remote_;
  std::shared_ptr<WebSocketHandler> handler_;
  const SocketLimits limits_;
  FrameReader reader_;
  std::optional<asio::steady_timer> timer_;  // of silence, then of closing; empty once gone_
  std::array<char, kFirstFrameBytes> incoming_;
  std::deque<Outgoing> queue_;  // the front is being written
  std::string record_;          // TLS: what is being written
  std::size_t written_ = 0;     // bytes of the front
  std::size_t queued_bytes_ = 0;
  bool waiting_ = false;  // for the kernel to take more
  bool holding_ = false;  // what is queued waits for more
  bool heard_ = false;    // something came since the timer last looked
  bool pinged_ = false;   // and nothing came since
  bool closing_ = false;  // a close frame is on its way out, or out
  bool ending_ = false;   // both close frames are through
  bool gone_ = false;     // the handler has heard on_close, or never will
};

}  // namespace

void start_web_socket(std::shared_ptr<Shared> shared, PeerStream stream, std::string remote,
                      std::shared_ptr<WebSocketHandler> handler, std::string_view key, std::string_view first) {
  std::make_shared<WebSocketConnection>(std::move(shared), std::move(stream), std::move(remote), std::move(handler))
      ->start(key, first);
}

}  // namespace ndcast::transport
