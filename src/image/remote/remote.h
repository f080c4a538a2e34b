#pragma once
// What this process may fetch from servers, and how: one HTTP client, who may open what, the credentials for buckets.
//
//   ND_ASSIGN(const auto remote, Remote::make({.allowed = {"data.example.org", "s3://public-images/idr"}}));
//   ND_ASSIGN(const Place place, remote->open("https://data.example.org/a.zarr", Access::Who::Client));

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "image/open_store.h"
#include "image/remote/s3_store.h"

namespace ndcast::image {

struct RemoteOptions {
  /// Rules of HostRules::parse(), or "s3://BUCKET[/PREFIX]".
  std::vector<std::string> allowed;
  /// What a person started the process with: it is opened wherever it lies, and clients may open what lies in the same
  /// folder.
  std::vector<std::string> named;
  S3Settings s3;
  HttpClientOptions http;
};

/// A client of the server may open what lies beside an image that the operator named, on hosts that `allowed` names
/// (at public addresses, or ones that it names), and in buckets that it names: the server's credentials are never lent
/// for others. An operator may open everything but link-local addresses, where clouds keep their secrets.
/// Immutable, thread-safe.
class Remote {
 public:
  /// Errors: Invalid (a rule).
  static Result<std::shared_ptr<const Remote>> make(RemoteOptions options);

  /// Makes no request unless the URI leads into a zip archive. Errors: Forbidden (not allowed), Invalid (a query,
  /// credentials in the URL), those of ZipStore::open().
  Result<Place> open(std::string_view uri, Access::Who who) const;
  const HttpClient& client() const { return *client_; }

 private:
  Remote() = default;
  Result<Place> open_http(std::string_view uri, Access::Who who) const;
  Result<Place> open_bucket(std::string_view uri, Access::Who who) const;
  /// Below the folder of something that the operator named.
  bool beside_named(std::string_view uri) const;

  std::shared_ptr<const HttpClient> client_;
  std::shared_ptr<const HostRules> for_operator_;
  std::shared_ptr<const HostRules> for_clients_;
  std::vector<std::string> folders_;  ///< of what the operator named, each with "/" at its end
  std::vector<std::string> buckets_;  ///< "s3://bucket/prefix", without "/" at the end
  S3Settings s3_;
};

/// "http://…", "https://…", "s3://…".
bool is_remote_uri(std::string_view uri);

}  // namespace ndcast::image
