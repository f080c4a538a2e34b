#include "image/remote/http_client.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_set>

#include <curl/curl.h>

#include "base/check.h"
#include "base/store_limits.h"
#include "base/thread_pool.h"
#include "image/remote/http_transfer.h"

namespace ndcast::image {
namespace {

/// Once a process, before the first handle.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  ND_CHECK(started == CURLE_OK, "libcurl starts");
}

}  // namespace

struct HttpClient::State {
  using TransferPtr = std::shared_ptr<HttpTransfer>;

  explicit State(HttpClientOptions given) : options(std::move(given)) {
    start_curl();
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(limits::kConnectionsPerHost));
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(limits::kRemoteConnections));
    thread = std::thread([this] {
      set_thread_name("http");
      run();
    });
  }
  ~State() {
    stopping = true;
    curl_multi_wakeup(multi);
    thread.join();
    curl_multi_cleanup(multi);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void run();
  void take_orders();
  void take_results();
  void remove(const TransferPtr& transfer);

  const HttpClientOptions options;
  CURLM* multi = nullptr;
  std::thread thread;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> bytes{0};

  std::mutex mutex;  ///< guards the two below
  std::deque<TransferPtr> to_start;
  std::deque<TransferPtr> to_cancel;
  std::unordered_set<TransferPtr> running;  ///< the http thread's own
};

void HttpClient::State::run() {
  while (!stopping) {
    take_orders();
    int active = 0;
    curl_multi_perform(multi, &active);
    take_results();
    // Woken by each order; the time is only for curl's own timers.
    curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  take_orders();
  while (!running.empty()) {
    const TransferPtr transfer = *running.begin();
    remove(transfer);
    transfer->cancel();
  }
}

void HttpClient::State::take_orders() {
  std::deque<TransferPtr> start;
  std::deque<TransferPtr> cancel;
  {
    const std::lock_guard lock(mutex);
    start.swap(to_start);
    cancel.swap(to_cancel);
  }
  for (const TransferPtr& transfer : start) {
    running.insert(transfer);
    curl_multi_add_handle(multi, transfer->handle());
  }
  for (const TransferPtr& transfer : cancel) {
    if (!running.contains(transfer)) continue;  // it was faster
    remove(transfer);
    transfer->cancel();
  }
}

void HttpClient::State::take_results() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto it = std::ranges::find(running, message->easy_handle, &HttpTransfer::handle);
    ND_CHECK(it != running.end(), "a finished transfer was running");
    TransferPtr transfer = *it;  // remove() lets go of it
    remove(transfer);
    transfer->finish(code);
  }
}

void HttpClient::State::remove(const TransferPtr& transfer) {
  curl_multi_remove_handle(multi, transfer->handle());
  running.erase(transfer);
  if (transfer->made_connection()) ++connections;
  bytes += transfer->body_bytes();
}

HttpClient::HttpClient(HttpClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;

std::expected<HttpResponse, HttpFailure> HttpClient::perform(const HttpRequest& request,
                                                             const std::stop_token& stop) const {
  if (!request.rules || !request.rules->allows_host(request.url.host, request.url.port)) {
    return std::unexpected(HttpFailure{
        {ErrorCode::Forbidden, fmt::format("{}: {} is not among the hosts that may be reached; --data-host adds one",
                                           request.url.without_query(), request.url.host)},
        false});
  }
  const auto transfer = std::make_shared<HttpTransfer>(request, state_->options);
  ++state_->requests;
  {
    const std::lock_guard lock(state_->mutex);
    state_->to_start.push_back(transfer);
  }
  curl_multi_wakeup(state_->multi);
  const std::stop_callback on_stop(stop, [this, &transfer] {
    {
      const std::lock_guard lock(state_->mutex);
      state_->to_cancel.push_back(transfer);
    }
    curl_multi_wakeup(state_->multi);
  });
  return transfer->wait();
}

HttpClient::Counters HttpClient::counters() const { return {state_->requests, state_->connections, state_->bytes}; }

}  // namespace ndcast::image
