#include "server/remote_access.h"

#include <cstdlib>

namespace ndcast::server {

Result<std::shared_ptr<const image::Remote>> make_remote(const BucketOptions& buckets,
                                                         const std::vector<std::string>& data_hosts,
                                                         const std::vector<std::string>& named) {
  image::S3Settings s3 = image::s3_settings_from([&](const char* name) -> std::optional<std::string> {
    if (!buckets.region.empty() && std::string_view(name) == "AWS_REGION") return buckets.region;
    const char* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  });
  if (!buckets.endpoint.empty()) s3.endpoint = buckets.endpoint;
  if (buckets.anonymous) s3.credentials.reset();
  auto remote = image::Remote::make({.allowed = data_hosts, .named = named, .s3 = std::move(s3), .http = {}});
  if (!remote) return fail(remote.error().code, "--data-host {}", remote.error().message);
  return *remote;
}

}  // namespace ndcast::server
