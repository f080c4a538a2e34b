#include "bench/first_frame/delay_proxy.h"

#include <array>
#include <deque>
#include <string>
#include <thread>

#include <boost/asio.hpp>

namespace ndcast::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

/// One direction of a connection: what was read leaves when its time has come.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to, Clock::duration delay)
      : from_(std::move(from)), to_(std::move(to)), delay_(delay), timer_(from_->get_executor()) {}

  void read() {
    from_->async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const error_code& error, std::size_t n) {
      self->waiting_.push_back(
          {Clock::now() + self->delay_, error ? std::string() : std::string(self->buffer_.data(), n)});
      if (self->waiting_.size() == 1) self->wait();
      if (!error) self->read();
    });
  }

 private:
  struct Piece {
    Clock::time_point due;
    std::string bytes;  ///< empty: the end
  };

  void wait() {
    timer_.expires_at(waiting_.front().due);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->write();
    });
  }

  void write() {
    if (waiting_.front().bytes.empty()) {
      error_code ignored;
      to_->shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    asio::async_write(*to_, asio::buffer(waiting_.front().bytes),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (error) {
                          error_code ignored;
                          self->from_->close(ignored);
                          return;
                        }
                        self->waiting_.pop_front();
                        if (!self->waiting_.empty()) self->wait();
                      });
  }

  const std::shared_ptr<tcp::socket> from_;
  const std::shared_ptr<tcp::socket> to_;
  const Clock::duration delay_;
  asio::steady_timer timer_;
  std::array<char, 65536> buffer_{};
  std::deque<Piece> waiting_;
};

}  // namespace

struct DelayProxy::State {
  State(std::uint16_t upstream_port, std::chrono::milliseconds each_way)
      : upstream(asio::ip::address_v4::loopback(), upstream_port),
        delay(each_way),
        acceptor(io, {asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread = std::thread([this] { io.run(); });
  }
  ~State() {
    io.stop();
    thread.join();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket client) {
      if (error) return;
      auto near = std::make_shared<tcp::socket>(std::move(client));
      auto far = std::make_shared<tcp::socket>(io);
      error_code failed;
      far->connect(upstream, failed);
      if (!failed) {
        near->set_option(tcp::no_delay(true));
        far->set_option(tcp::no_delay(true));
        std::make_shared<Pipe>(near, far, delay)->read();
        std::make_shared<Pipe>(far, near, delay)->read();
      }
      accept();
    });
  }

  const tcp::endpoint upstream;
  const Clock::duration delay;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

DelayProxy::DelayProxy(std::uint16_t upstream_port, std::chrono::milliseconds each_way)
    : state_(std::make_unique<State>(upstream_port, each_way)) {}
DelayProxy::~DelayProxy() = default;

std::uint16_t DelayProxy::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace ndcast::bench
