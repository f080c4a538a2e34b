#include "bench/control/poller.h"

#include <algorithm>
#include <array>

#include <sys/epoll.h>
#include <unistd.h>

namespace ndcast::bench {
namespace {

/// Few, so that a write that is due waits behind no more than these.
constexpr int kEventsAtOnce = 32;

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
Poller::~Poller() { close(epoll_); }

void Poller::add(int descriptor, Pollable& pollable) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &pollable}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void Poller::set_writing(int descriptor, Pollable& pollable, bool writing) {
  epoll_event event{.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data = {.ptr = &pollable}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::remove(int descriptor) { epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr); }

void Poller::poll(std::chrono::nanoseconds timeout) {
  const auto wait = std::max<std::int64_t>(0, timeout.count());
  const timespec patience{.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
  std::array<epoll_event, kEventsAtOnce> events;
  const int ready = epoll_pwait2(epoll_, events.data(), kEventsAtOnce, &patience, nullptr);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Pollable*>(event.data.ptr)->on_ready(event.events);
  }
}

}  // namespace ndcast::bench
