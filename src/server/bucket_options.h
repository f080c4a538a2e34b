#pragma once
// How the command line names where object storage is; several commands take it.

#include <string>

namespace CLI {
class App;
}

namespace ndcast::server {

/// How buckets are read; what is not given comes from the environment (AWS_*, see image/remote/s3_store.h).
struct BucketOptions {
  std::string endpoint;
  std::string region;
  bool anonymous = false;
};

void add_buckets(CLI::App& command, BucketOptions& options);

}  // namespace ndcast::server
