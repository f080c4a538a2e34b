#pragma once
// What is inside an EventLoop; for the transport's own .cc files only, so that nobody else compiles Asio.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "transport/event_loop.h"

namespace ndcast::transport {

struct EventLoop::Impl {
  boost::asio::io_context io{1};  ///< 1: one thread runs it, so Asio may spare its locks where it can
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = boost::asio::make_work_guard(io);
};

}  // namespace ndcast::transport
