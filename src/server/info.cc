// ndcast info: what an image holds.

#include "image/info.h"

#include <cstdio>

#include "server/commands.h"
#include "server/remote_access.h"

namespace ndcast::server {
namespace {

std::string text_of(const Json* value) {
  return !value ? "" : value->is_string() ? value->string() : to_string(*value);
}

/// A block of lines an array, for people.
void print_array(const Json& array) {
  std::string out = text_of(array.find("path")) + "\n";
  for (const char* key : {"error", "shape", "dtype", "axes", "chunks", "shards", "codecs", "scale", "translation",
                          "fill_value", "min", "max", "mean", "sha256"}) {
    if (const Json* value = array.find(key)) out += fmt::format("  {:<12}{}\n", key, text_of(value));
  }
  std::fputs(out.c_str(), stdout);
}

}  // namespace

int run(const InfoOptions& options) {
  const auto remote = make_remote(options.buckets);
  const Result<Json> info = remote
                                ? image::info_json(options.uri, {.with_stats = options.stats, .access = {{}, *remote}})
                                : std::unexpected(remote.error());
  if (!info) {
    fmt::print(stderr, "ndcast info: {}\n", info.error().message);
    return 1;
  }
  if (options.json) {
    fmt::print("{}\n", to_pretty_string(*info));
    return 0;
  }
  for (const Json& array : info->find("arrays")->array()) print_array(array);
  return 0;
}

}  // namespace ndcast::server
