#pragma once
// HTTP requests, many at once over few connections: one thread "http" runs libcurl's multi handle, which keeps
// connections open and sends requests to one HTTP/2 server over one of them. A single attempt, no redirects followed:
// http_store.h does both.
//
//   HttpClient client;
//   const auto response = client.perform({.url = *parse_http_url("https://host/a.zarr/zarr.json"), .rules = rules},
//   {});

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "image/remote/host_rules.h"
#include "image/remote/http_url.h"
#include "image/store.h"

namespace ndcast::image {

/// Signs requests as AWS does (SigV4). Never printed.
struct AwsCredentials {
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::string region;
};

struct HttpRequest {
  HttpUrl url;
  bool head = false;
  ByteRange range;  ///< `length` of Whole is the most that is taken
  std::shared_ptr<const HostRules> rules;
  std::shared_ptr<const AwsCredentials> aws;  ///< null: unsigned
  std::vector<std::string> headers;           ///< further ones, "Name: value"
};

struct HttpResponse {
  int status = 0;
  int http_major = 0;  ///< 1 or 2
  /// What was asked for, also when the server sent more. Of an error, its first bytes.
  Bytes body;
  /// Of the whole object, where the server says so.
  std::optional<std::uint64_t> object_bytes;
  std::string etag;
  std::string last_modified;
  std::string location;
  std::string retry_after;
  bool is_s3 = false;  ///< headers of AWS S3 or one that speaks like it
};

struct HttpFailure {
  Error error;
  bool may_pass = false;  ///< another attempt may go well
};

/// What tests and unusual sites need.
struct HttpClientOptions {
  std::string ca_file;                           ///< PEM; empty: the system's
  std::vector<std::string> connect_to;           ///< curl's --connect-to: "HOST:PORT:TO_HOST:TO_PORT"
  std::chrono::milliseconds connect_timeout{0};  ///< 0: limits::kHttpConnectTimeout
  std::chrono::seconds stall_timeout{0};         ///< 0: limits::kHttpStallTimeout
};

/// Thread-safe.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  /// Cancels what is under way.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Blocks until the response is there or `stop` is requested, which closes the request at once. Failures: Forbidden
  /// (the rules), Io, Timeout, Corrupt (the answer breaks HTTP), Limit (more bytes than asked for), Unsupported (an
  /// encoding), Cancelled. Messages name the URL without its query.
  std::expected<HttpResponse, HttpFailure> perform(const HttpRequest& request, const std::stop_token& stop) const;

  struct Counters {
    std::uint64_t requests = 0;
    std::uint64_t connections = 0;  ///< made
    std::uint64_t bytes = 0;        ///< of bodies
  };
  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ndcast::image
