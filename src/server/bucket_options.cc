#include "server/bucket_options.h"

#include <CLI/CLI.hpp>

namespace ndcast::server {

void add_buckets(CLI::App& command, BucketOptions& options) {
  command.add_option("--s3-endpoint", options.endpoint,
                     "URL of a server that speaks S3; by default $AWS_ENDPOINT_URL, or AWS");
  command.add_option("--s3-region", options.region, "region that requests are signed for; by default $AWS_REGION");
  command.add_flag("--s3-anonymous", options.anonymous, "sign no requests, whatever keys are in the environment");
}

}  // namespace ndcast::server
