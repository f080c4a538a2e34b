#pragma once
// From the command line and the environment to what this process may fetch from servers.

#include <memory>
#include <string>
#include <vector>

#include "image/remote/remote.h"
#include "server/options.h"

namespace ndcast::server {

/// `data_hosts`: what clients may open; `named`: what the operator opens, and clients what lies beside it. Errors:
/// Invalid (a rule).
Result<std::shared_ptr<const image::Remote>> make_remote(const BucketOptions& buckets,
                                                         const std::vector<std::string>& data_hosts = {},
                                                         const std::vector<std::string>& named = {});

}  // namespace ndcast::server
