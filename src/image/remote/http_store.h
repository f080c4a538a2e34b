#pragma once
// A store on a web server: key "0/c/1" is the object BASE/0/c/1, read by ranges. s3_store.h adds listing.
//
//   HttpStore::Options options{.base = *parse_http_url("https://host/a.zarr"), .client = client, .rules = rules};
//   const auto store = std::make_shared<HttpStore>(std::move(options));
//
// Redirects are followed here, each checked like the first request; what may pass (5xx, 429, lost connections) is tried
// again with growing waits. Errors name the URL of the object.

#include <atomic>
#include <memory>
#include <string>

#include "base/store_limits.h"
#include "image/remote/http_client.h"
#include "image/store.h"

namespace ndcast::image {

class HttpStore : public Store {
 public:
  struct Options {
    HttpUrl base;
    std::shared_ptr<const HttpClient> client;
    std::shared_ptr<const HostRules> rules;
    std::shared_ptr<const AwsCredentials> aws;  ///< null: unsigned
    std::string shown;                          ///< what describe() says; empty: the URL
  };

  explicit HttpStore(Options options);

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  /// 404 and 410 are a missing object, and so is 403 where a server speaks like S3, which says so of what is not there
  /// to whoever may not list. A server that ignores ranges is read over up to limits::kIgnoredRangeBytes. The version
  /// is the ETag, or Last-Modified with the size.
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override;
  std::size_t concurrency() const override { return limits::kRemoteReads; }
  std::string describe() const override;
  std::string uri_of(std::string_view key) const override;

 protected:
  const Options& options() const { return options_; }
  HttpUrl url_of(std::string_view key) const;
  /// Redirects followed, failures tried again. Any status that is not to be tried again is an answer.
  Result<HttpResponse> ask(HttpUrl url, ByteRange range, bool head, const std::stop_token& stop) const;

 private:
  Result<HttpResponse> ask_patiently(const HttpRequest& request, const std::stop_token& stop) const;
  /// Whether the answer says that there is no such object. Errors: what the status means.
  Result<bool> is_missing(const HttpResponse& response, const HttpUrl& url) const;
  Result<std::optional<StoredBytes>> take(HttpResponse response, const HttpUrl& url, ByteRange range) const;

  const Options options_;
  mutable std::atomic<bool> told_of_forbidden_{false};
};

}  // namespace ndcast::image
