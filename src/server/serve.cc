// ndcast serve: rooms on one port until SIGINT or SIGTERM; SIGHUP reads the certificate again.

#include <csignal>
#include <cstdio>
#include <thread>

#include <pthread.h>

#include "base/log.h"
#include "base/thread_pool.h"
#include "ledger/sqlite_journal.h"
#include "room/rooms.h"
#include "server/background_import.h"
#include "server/commands.h"
#include "server/descriptors.h"
#include "server/napari_ports.h"
#include "server/remote_access.h"
#include "server/routes.h"
#include "server/serve_access.h"
#include "server/state_dir.h"
#include "stream/encoder_choice.h"
#include "transport/server.h"

namespace ndcast::server {
namespace {

namespace fs = std::filesystem;

/// Waits for SIGINT, SIGTERM and SIGHUP on a thread of its own, so that handlers may do anything. Make it before other
/// threads: they inherit the blocked signals.
class SignalWaiter {
 public:
  explicit SignalWaiter(std::function<void(int)> on_signal) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGHUP);
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

std::vector<fs::path> data_roots(const ServeOptions& options) {
  std::vector<fs::path> roots = options.data_roots;
  for (const std::string& uri : options.uris) {
    if (image::is_remote_uri(uri)) continue;
    const std::string path = uri.starts_with("file://") ? uri.substr(7) : uri;
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    if (!error) roots.push_back(canonical.parent_path());
  }
  return roots;
}

std::string link_to(const ServeOptions& options, std::uint16_t port, const std::string& base_path,
                    const std::string& token) {
  std::string host = options.host;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.contains(':')) host = "[" + host + "]";
  return fmt::format("{}://{}:{}{}{}", options.tls_cert.empty() ? "http" : "https", host, port, base_path,
                     token.empty() ? "" : "?token=" + token);
}

/// Null without one.
Result<std::shared_ptr<ledger::Journal>> open_journal(const ServeOptions& options) {
  if (options.no_journal) return nullptr;
  const fs::path directory = options.state_dir.empty() ? default_state_dir() : options.state_dir;
  if (directory.empty()) {
    log().warn("nothing is kept: neither XDG_STATE_HOME nor HOME names a folder; --state-dir does");
    return nullptr;
  }
  ledger::SqliteJournalOptions journal_options;
  journal_options.durability = *ledger::durability_from_string(options.durability);
  journal_options.retention = {options.journal_mib << 20, options.journal_days * 86'400.0};
  auto journal = ledger::open_sqlite_journal(directory, journal_options);
  if (journal) return std::shared_ptr<ledger::Journal>(std::move(*journal));
  if (!options.state_dir.empty()) return std::unexpected(std::move(journal).error());
  // Nobody asked for this folder, so a second server is no mistake.
  log().warn("nothing is kept: {}; give this one a --state-dir of its own", journal.error().message);
  return nullptr;
}

int report(const Error& error) {
  fmt::print(stderr, "ndcast serve: {}\n", error.message);
  return 1;
}

/// Everything that serves, in the order in which it is taken down.
class Process {
 public:
  Process(const ServeOptions& options, AccessRules rules, std::shared_ptr<const transport::TlsContext> tls)
      : options_(options), access_(std::move(rules), clock_), tls_(std::move(tls)), roots_(data_roots(options)) {}

  Result<void> start() {
    const auto cache = std::make_shared<image::ChunkCache>(options_.cache_mib << 20);
    const std::size_t threads = std::max(2U, std::thread::hardware_concurrency());
    const auto loader = std::make_shared<image::ChunkLoader>(cache, threads);
    loader->set_prefetching(!options_.no_prefetch);
    room::RoomsConfig config;
    config.room.name = options_.room;
    config.room.renderer = options_.renderer;
    ND_ASSIGN(const stream::EncoderChoice encoder, stream::choose_encoder(options_.encoder));
    log().info("pictures by {}: {}", encoder.name, encoder.reason);
    config.room.encoder = encoder.name;
    config.room.authenticate = [this](std::string_view token) { return access_.judge_token(token); };
    config.room.rates.updates = {options_.updates_per_second, std::max(1.0, options_.updates_per_second)};
    config.room.max_sessions = options_.room_sessions;
    config.room.seats = std::make_shared<session::Seats>(options_.sessions);
    if (!options_.uris.empty()) config.image = options_.uris.front();
    ND_ASSIGN(config.journal, open_journal(options_));
    ND_ASSIGN(auto remote, make_remote(options_.buckets, options_.data_hosts, options_.uris));
    ND_ASSIGN(rooms_, room::Rooms::make({.loop = loop_,
                                         .clock = clock_,
                                         .loader = loader,
                                         .roots = roots_,
                                         .files = files_,
                                         .images = std::make_shared<room::SharedImages>(std::move(remote))},
                                        std::move(config)));
    if (Result<WebSite> site = WebSite::load(options_.web_root.empty() ? find_web_root() : options_.web_root)) {
      site_ = std::move(*site);
    } else {
      log().warn("{}", site.error().message);
    }
    const Site site{access_, site_ ? &*site_ : nullptr, *rooms_};
    transport::ServerLimits limits;
    const std::size_t possible = raise_connection_limit();
    limits.connections = options_.connections == 0 ? possible : std::min(options_.connections, possible);
    ND_ASSIGN(server_,
              transport::Server::listen(loop_, options_.host, options_.port, make_handlers(site), limits, tls_));
    access_.set_port(server_->port());
    if (options_.napari_ports) {
      ND_ASSIGN(napari_,
                NapariPorts::listen(loop_, options_.napari_host, *options_.napari_ports, access_, rooms_->main()));
    }
    return {};
  }

  /// Serves until stop(). The link is printed when the first image is open.
  int run() {
    if (options_.uris.empty()) {
      rooms_->main().reopen([this](const Result<void>& opened) {
        if (!opened) log().error("room {}: what it showed cannot be opened: {}", options_.room, opened.error().message);
        announce();
      });
    } else {
      rooms_->main().open(options_.uris.front(), [this](const Result<void>& opened) {
        if (opened) return announce();
        status_ = report(opened.error());
        loop_.stop();
      });
    }
    loop_.run();
    return status_;
  }

  /// Shows an image that has become whole in place of its preview; any thread.
  void show(const fs::path& image) {
    loop_.post([this, image = image.string()] {
      rooms_->main().open(image, [image](const Result<void>& opened) {
        opened ? log().info("{} is imported", image) : log().error("{}: {}", image, opened.error().message);
      });
    });
  }

  /// Reads the certificate's files on the calling thread. What cannot be used leaves the old one in place.
  void reload_tls() {
    auto loaded = load_tls(options_);
    if (!loaded) return log().error("SIGHUP: the certificate stays as it was: {}", loaded.error().message);
    loop_.post([this, tls = *std::move(loaded)] {
      if (server_) server_->set_tls(tls);
      log().info("SIGHUP: the certificate was read again");
    });
  }

  /// Any thread.
  void stop() {
    loop_.post([this] {
      if (stopping_.pending()) return loop_.stop();  // asked twice: at once
      log().info("stopping");
      rooms_->shut_down("the server is stopping");
      server_->close();
      if (napari_) napari_->close();
      stopping_ = loop_.run_after(300ms, [this] { loop_.stop(); });
    });
  }

 private:
  void announce() {
    fmt::print("{}\n", link_to(options_, server_->port(), access_.base_path(), access_.link_token()));
    if (napari_) {
      fmt::print("napari-cuda: state ws://{}:{} pixels ws://{}:{}\n", options_.napari_host, napari_->state_port(),
                 options_.napari_host, napari_->pixel_port());
    }
    std::fflush(stdout);
  }

  const ServeOptions& options_;
  SystemClock clock_;
  transport::EventLoop loop_;
  Access access_;
  const std::shared_ptr<const transport::TlsContext> tls_;  ///< at start; null: plain
  const room::DataRoots roots_;
  std::optional<WebSite> site_;
  room::Background files_{"files"};
  std::unique_ptr<room::Rooms> rooms_;
  std::unique_ptr<transport::Server> server_;
  std::unique_ptr<NapariPorts> napari_;
  transport::TimerHandle stopping_;
  int status_ = 0;
};

}  // namespace

int run(const ServeOptions& given) {
  ServeOptions options = given;
  if (const Result<void> level = set_log_level(options.log_level); !level) return report(level.error());
  Result<AccessRules> rules = access_rules(options);
  if (!rules) return report(rules.error());
  auto tls = load_tls(options);
  if (!tls) return report(tls.error());
  if (const std::string warning = exposure_warning(options); !warning.empty()) {
    fmt::print(stderr, "ndcast serve: {}\n", warning);
  }
  std::unique_ptr<BackgroundImport> import;
  if (!options.uris.empty() && needs_import(options.uris.front())) {
    auto begun = BackgroundImport::begin(options.uris.front());
    if (!begun) return report(begun.error());
    import = *std::move(begun);
    options.uris.front() = import->first_image().string();
  }
  Process* process_to_stop = nullptr;
  std::mutex mutex;
  const SignalWaiter signals([&](int signal) {
    const std::lock_guard lock(mutex);
    if (!process_to_stop) return;
    const bool reloads = signal == SIGHUP && !options.tls_cert.empty();  // else the terminal was closed
    reloads ? process_to_stop->reload_tls() : process_to_stop->stop();
  });
  Process process(options, *std::move(rules), *std::move(tls));
  if (const Result<void> started = process.start(); !started) return report(started.error());
  {
    const std::lock_guard lock(mutex);
    process_to_stop = &process;
  }
  if (import) {
    import->start([&](const Result<void>& done) {
      done ? process.show(import->image()) : log().error("the import stopped: {}", done.error().message);
    });
  }
  const int status = process.run();
  import.reset();
  const std::lock_guard lock(mutex);
  process_to_stop = nullptr;
  return status;
}

}  // namespace ndcast::server
