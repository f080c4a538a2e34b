// ndcast serve: one room on one port until SIGINT or SIGTERM.

#include <csignal>
#include <cstdio>
#include <thread>

#include <pthread.h>

#include "auth/token.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "room/room.h"
#include "server/commands.h"
#include "server/file_limit.h"
#include "server/routes.h"
#include "transport/server.h"

namespace ndcast::server {
namespace {

namespace fs = std::filesystem;

/// Waits for SIGINT and SIGTERM on a thread of its own, so that handlers may do anything. Make it before other threads:
/// they inherit the blocked signals.
class SignalWaiter {
 public:
  explicit SignalWaiter(std::function<void(int)> on_signal) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR1);  // ours: ends the thread
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    thread_ = std::thread([this, on_signal = std::move(on_signal)] {
      set_thread_name("signals");
      int signal = 0;
      while (sigwait(&signals_, &signal) == 0 && signal != SIGUSR1) on_signal(signal);
    });
  }
  ~SignalWaiter() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;

 private:
  sigset_t signals_{};
  std::thread thread_;
};

bool is_loopback(std::string_view host) { return host == "localhost" || host.starts_with("127.") || host == "::1"; }

std::vector<fs::path> data_roots(const ServeOptions& options) {
  std::vector<fs::path> roots = options.data_roots;
  for (const std::string& uri : options.uris) {
    const std::string path = uri.starts_with("file://") ? uri.substr(7) : uri;
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    if (!error) roots.push_back(canonical.parent_path());
  }
  return roots;
}

std::string link_to(const ServeOptions& options, std::uint16_t port, const std::string& token) {
  std::string host = options.host;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.contains(':')) host = "[" + host + "]";
  return fmt::format("http://{}:{}/{}", host, port, token.empty() ? "" : "?token=" + token);
}

int report(const Error& error) {
  fmt::print(stderr, "ndcast serve: {}\n", error.message);
  return 1;
}

/// Everything that serves, in the order in which it is taken down.
class Process {
 public:
  explicit Process(const ServeOptions& options)
      : options_(options),
        access_(options.no_auth ? "" : auth::make_token(), auth::HostPolicy{.names = {options.host}}),
        roots_(data_roots(options)) {}

  Result<void> start() {
    if (Result<void> enough = make_room_for(options_.max_connections); !enough) return enough;
    const auto cache = std::make_shared<image::ChunkCache>(options_.cache_mib << 20);
    const std::size_t threads = std::max(2U, std::thread::hardware_concurrency());
    room::RoomConfig config;
    config.name = options_.room;
    config.renderer = options_.renderer;
    config.encoder = options_.encoder;
    config.max_sessions = options_.max_sessions;
    config.authenticate = [this](std::string_view token) { return access_.role_of_token(token); };
    ND_ASSIGN(room_,
              room::Room::make({loop_, clock_, std::make_shared<image::ChunkLoader>(cache, threads), roots_, files_},
                               std::move(config)));
    if (Result<WebSite> site = WebSite::load(options_.web_root.empty() ? find_web_root() : options_.web_root)) {
      site_ = std::move(*site);
    } else {
      log().warn("{}", site.error().message);
    }
    const Site site{access_, site_ ? &*site_ : nullptr, *room_, options_.room};
    ND_ASSIGN(server_, transport::Server::listen(loop_, options_.host, options_.port, make_handlers(site),
                                                 {.connections = options_.max_connections}));
    access_.set_port(server_->port());
    return {};
  }

  /// Serves until stop(). The link is printed when the first image is open.
  int run() {
    if (options_.uris.empty()) {
      announce();
    } else {
      room_->open(options_.uris.front(), [this](const Result<void>& opened) {
        if (opened) return announce();
        status_ = report(opened.error());
        loop_.stop();
      });
    }
    loop_.run();
    return status_;
  }

  /// Any thread.
  void stop() {
    loop_.post([this] {
      if (stopping_.pending()) return loop_.stop();  // asked twice: at once
      log().info("stopping");
      room_->shut_down("the server is stopping");
      server_->close();
      stopping_ = loop_.run_after(300ms, [this] { loop_.stop(); });
    });
  }

 private:
  void announce() {
    fmt::print("{}\n", link_to(options_, server_->port(), access_.token()));
    std::fflush(stdout);
  }

  const ServeOptions& options_;
  SystemClock clock_;
  transport::EventLoop loop_;
  Access access_;
  const room::DataRoots roots_;
  std::optional<WebSite> site_;
  room::Background files_{"files"};
  std::unique_ptr<room::Room> room_;
  std::unique_ptr<transport::Server> server_;
  transport::TimerHandle stopping_;
  int status_ = 0;
};

}  // namespace

int run(const ServeOptions& options) {
  if (const Result<void> level = set_log_level(options.log_level); !level) return report(level.error());
  if (options.no_auth && !is_loopback(options.host)) {
    fmt::print(stderr,
               "ndcast serve: --no-auth opens this machine to everybody who reaches it, so it is only for a loopback "
               "address; --host is {}\n",
               options.host);
    return 1;
  }
  Process* process_to_stop = nullptr;
  std::mutex mutex;
  const SignalWaiter signals([&](int) {
    const std::lock_guard lock(mutex);
    if (process_to_stop) process_to_stop->stop();
  });
  Process process(options);
  if (const Result<void> started = process.start(); !started) return report(started.error());
  {
    const std::lock_guard lock(mutex);
    process_to_stop = &process;
  }
  const int status = process.run();
  const std::lock_guard lock(mutex);
  process_to_stop = nullptr;
  return status;
}

}  // namespace ndcast::server
