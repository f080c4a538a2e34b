#pragma once
// One request on its way: its curl handle, and what its callbacks gather. Part of http_client.cc.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "image/remote/http_client.h"

namespace ndcast::image {

/// Made by the asking thread, driven by the http thread, which calls finish(); waited for by the asking one.
class HttpTransfer {
 public:
  HttpTransfer(const HttpRequest& request, const HttpClientOptions& options);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  CURL* handle() const { return easy_.get(); }
  /// On the http thread, once: what came of it.
  void finish(CURLcode code);
  void cancel();
  /// Blocks until finish() or cancel().
  std::expected<HttpResponse, HttpFailure> wait();
  bool made_connection() const { return made_connection_; }
  std::size_t body_bytes() const { return response_.body.size(); }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_connected(void* self, char* ip, char* local_ip, int port, int local_port);

  void set_up(const HttpClientOptions& options);
  void set_range();
  void sign();
  void take_header(std::string_view line);
  /// Once, before the first byte of the body: where it begins in the object, and what of it is wanted.
  bool place_body();
  bool take_body(std::string_view bytes);
  bool refuse(ErrorCode code, std::string message);
  void done(std::optional<HttpFailure> failure);
  std::optional<HttpFailure> judge(CURLcode code);

  const HttpRequest request_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> connect_to_;
  std::string url_;
  std::string range_;
  std::string user_;
  std::string sigv4_;

  HttpResponse response_;
  std::optional<std::uint64_t> content_length_;
  std::optional<std::uint64_t> first_byte_;  ///< Content-Range's
  std::string content_encoding_;
  std::size_t header_bytes_ = 0;
  bool placed_ = false;
  bool is_error_ = false;       ///< the body is that of an error: only its first bytes are kept
  bool complete_ = false;       ///< what was asked for is in; the rest need not come
  std::uint64_t position_ = 0;  ///< in the object, of the next byte of the body
  std::uint64_t from_ = 0;      ///< wanted [from_, to_)
  std::uint64_t to_ = 0;
  bool made_connection_ = false;
  std::optional<Error> refused_;  ///< by one of the callbacks

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  ///< guarded by mutex_
  std::optional<HttpFailure> failure_;
};

}  // namespace ndcast::image
