#pragma once
// A bucket of S3, or of a server that speaks like it (MinIO, Ceph, Google's interoperability): an HttpStore whose
// requests are signed, and which can list.
//
//   ND_ASSIGN(const S3Settings settings, s3_settings_from_environment());
//   ND_ASSIGN(const auto store, open_s3("s3://bucket/plate.zarr", settings, client, rules));

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "image/remote/http_store.h"

namespace ndcast::image {

struct S3Settings {
  std::string endpoint;  ///< URL; empty: AWS. One of its own is addressed in path style: ENDPOINT/BUCKET/KEY.
  std::string region = "us-east-1";
  std::shared_ptr<const AwsCredentials> credentials;  ///< null: anonymous
};

/// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
/// AWS_SESSION_TOKEN; anonymous without a key or with AWS_NO_SIGN_REQUEST. `variable` is getenv().
S3Settings s3_settings_from(const std::function<std::optional<std::string>(const char*)>& variable);

struct S3Place {
  std::string bucket;
  std::string prefix;  ///< without slashes at its ends; may be empty
};
/// "s3://bucket/a/b". Errors: Invalid (the bucket's name by AWS's rules, a prefix that is no key).
Result<S3Place> parse_s3_uri(std::string_view uri);

/// One answer of ListObjectsV2 with the delimiter "/".
struct S3Listing {
  std::vector<StoreEntry> entries;  ///< names relative to the prefix
  std::string next;                 ///< continuation token; empty: that was all
};
/// Errors: Corrupt (no such XML).
Result<S3Listing> parse_s3_listing(std::string_view xml, std::string_view prefix);

class S3Store final : public HttpStore {
 public:
  S3Store(Options options, HttpUrl bucket, std::string prefix)
      : HttpStore(std::move(options)), bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override;

 private:
  HttpUrl bucket_;
  std::string prefix_;
};

/// Makes no request. Errors: those of parse_s3_uri(), Invalid (the endpoint).
Result<std::shared_ptr<const Store>> open_s3(std::string_view uri, const S3Settings& settings,
                                             std::shared_ptr<const HttpClient> client,
                                             std::shared_ptr<const HostRules> rules);

}  // namespace ndcast::image
