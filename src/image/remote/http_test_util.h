#pragma once
// A web server inside a test: threads, sockets, and a function that answers. Real servers never do what it can: lie
// about ranges, stop in the middle, count what was asked.

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "image/remote/http_store.h"
#include "image/testing.h"

namespace ndcast::image::testing {

struct Ask {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

struct Answer {
  int status = 200;
  std::map<std::string, std::string> headers;
  std::string body;
  bool no_length = false;             ///< the body ends with the connection
  std::size_t drop_after = SIZE_MAX;  ///< closes after so many bytes of the body
  std::atomic<bool>* hold = nullptr;  ///< answers once this is true
};

/// Serves on 127.0.0.1 until it is destroyed.
class TestServer {
 public:
  using Handler = std::function<Answer(const Ask&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TestServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int open : open_) ::shutdown(open, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "") const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }
  int connections() const { return connections_; }
  int aborted() const { return aborted_; }
  std::vector<Ask> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0 || stopping_) {
        if (socket >= 0) ::close(socket);
        return;
      }
      ++connections_;
      const std::lock_guard lock(mutex_);
      open_.push_back(socket);
      threads_.emplace_back([this, socket] {
        while (serve(socket)) {
        }
        const std::lock_guard inner(mutex_);
        std::erase(open_, socket);
        ::close(socket);
      });
    }
  }

  static bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool serve(int socket) {
    std::string text;
    for (std::array<char, 4096> buffer; text.find("\r\n\r\n") == std::string::npos;) {
      const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (count <= 0) return false;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    Ask ask = parse(text);
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(ask);
    }
    const Answer answer = handler_(ask);
    while (answer.hold && !*answer.hold && !stopping_) {
      // The other side may give up meanwhile: that is what some tests wait for.
      char byte = 0;
      if (::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
        ++aborted_;
        return false;
      }
      std::this_thread::yield();
    }
    std::string head = fmt::format("HTTP/1.1 {} X\r\n", answer.status);
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    if (!answer.no_length && !answer.headers.contains("Content-Length")) {
      head += fmt::format("Content-Length: {}\r\n", answer.body.size());
    }
    if (answer.no_length) head += "Connection: close\r\n";
    if (!send_all(socket, head + "\r\n")) return false;
    if (ask.method == "HEAD") return true;
    const bool whole = send_all(socket, std::string_view(answer.body).substr(0, answer.drop_after));
    return whole && answer.drop_after >= answer.body.size() && !answer.no_length;
  }

  static Ask parse(const std::string& text) {
    Ask ask;
    ask.method = text.substr(0, text.find(' '));
    const std::size_t at = ask.method.size() + 1;
    ask.target = text.substr(at, text.find(' ', at) - at);
    for (std::size_t line = text.find("\r\n") + 2; text.compare(line, 2, "\r\n") != 0;
         line = text.find("\r\n", line) + 2) {
      const std::size_t colon = text.find(':', line);
      std::string name = text.substr(line, colon - line);
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      ask.headers[name] = text.substr(colon + 2, text.find("\r\n", line) - colon - 2);
    }
    return ask;
  }

  const Handler handler_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> aborted_{0};
  mutable std::mutex mutex_;
  std::vector<Ask> asked_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Objects by path, served as a good server does: ranges, suffix ranges, 416, ETags.
class ObjectHandler {
 public:
  void put(const std::string& path, std::string content) {
    const std::lock_guard lock(*mutex_);
    (*objects_)[path] = {std::move(content), fmt::format("\"{}\"", ++*generation_)};
  }
  Answer operator()(const Ask& ask) const {
    const std::lock_guard lock(*mutex_);
    const auto it = objects_->find(ask.target);
    if (it == objects_->end()) return {.status = 404, .headers = {}, .body = "none"};
    const auto& [content, etag] = it->second;
    const auto range = ask.headers.find("range");
    if (range == ask.headers.end()) return {.status = 200, .headers = {{"ETag", etag}}, .body = content};
    const std::string text = range->second.substr(6);
    const std::size_t dash = text.find('-');
    const bool suffix = dash == 0;
    const std::size_t last =
        suffix ? content.size() - 1 : std::min<std::size_t>(std::stoull(text.substr(dash + 1)), content.size() - 1);
    const std::size_t first = suffix
                                  ? content.size() - std::min<std::size_t>(std::stoull(text.substr(1)), content.size())
                                  : std::stoull(text);
    if (content.empty() || first >= content.size()) {
      return {.status = 416, .headers = {{"Content-Range", fmt::format("bytes */{}", content.size())}}, .body = ""};
    }
    return {.status = 206,
            .headers = {{"ETag", etag}, {"Content-Range", fmt::format("bytes {}-{}/{}", first, last, content.size())}},
            .body = content.substr(first, last - first + 1)};
  }

 private:
  std::shared_ptr<std::mutex> mutex_ = std::make_shared<std::mutex>();
  std::shared_ptr<std::map<std::string, std::pair<std::string, std::string>>> objects_ =
      std::make_shared<std::map<std::string, std::pair<std::string, std::string>>>();
  std::shared_ptr<int> generation_ = std::make_shared<int>(0);
};

inline std::shared_ptr<const HostRules> rules_of(const std::vector<std::string>& rules) {
  auto parsed = HostRules::parse(rules);
  EXPECT_TRUE(parsed);
  return std::make_shared<const HostRules>(*std::move(parsed));
}

inline std::shared_ptr<const HttpStore> http_store(const std::string& url, HttpClientOptions options = {}) {
  return std::make_shared<const HttpStore>(HttpStore::Options{*parse_http_url(url),
                                                              std::make_shared<const HttpClient>(std::move(options)),
                                                              rules_of({"127.0.0.1"}),
                                                              nullptr,
                                                              {}});
}

}  // namespace ndcast::image::testing
