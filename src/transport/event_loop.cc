#include "transport/event_loop.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "transport/asio_loop.h"

namespace ndcast::transport {

struct TimerHandle::State {
  boost::asio::steady_timer timer;
  std::function<void()> function;  ///< empty once called or cancelled
};

bool TimerHandle::pending() const { return state_ && state_->function; }

void TimerHandle::cancel() {
  if (!state_) return;
  // The wait may already be over and its completion queued, so the function is what decides.
  state_->function = nullptr;
  state_->timer.cancel();
  state_.reset();
}

TimerHandle& TimerHandle::operator=(TimerHandle&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() { impl_->io.run(); }

std::size_t EventLoop::poll() {
  if (impl_->io.stopped()) impl_->io.restart();
  return impl_->io.poll();
}

void EventLoop::run_for(std::chrono::nanoseconds duration) {
  if (impl_->io.stopped()) impl_->io.restart();
  impl_->io.run_for(duration);
}

void EventLoop::stop() { impl_->io.stop(); }

void EventLoop::post(std::function<void()> function) { boost::asio::post(impl_->io, std::move(function)); }

TimerHandle EventLoop::run_after(std::chrono::nanoseconds delay, std::function<void()> function) {
  auto state = std::make_shared<TimerHandle::State>(
      TimerHandle::State{boost::asio::steady_timer(impl_->io, delay), std::move(function)});
  state->timer.async_wait([state](const boost::system::error_code&) {
    // Moved out first: the function may drop the handle, and with it itself.
    if (const auto call = std::exchange(state->function, nullptr)) call();
  });
  return TimerHandle(std::move(state));
}

}  // namespace ndcast::transport
