// ndcast info: what an image holds.

#include "image/info.h"

#include <algorithm>
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
  const Json::Array& arrays = info->find("arrays")->array();
  if (options.json) {
    fmt::print("{}\n", to_pretty_string(*info));
  } else {
    for (const Json& array : arrays) print_array(array);
  }
  const bool nothing_read =
      !arrays.empty() && std::ranges::all_of(arrays, [](const Json& array) { return array.find("error"); });
  if (nothing_read) {
    fmt::print(stderr, "ndcast info: {}: {}\n", options.uri, arrays.front().find("error")->as_string().value_or(""));
  }
  return nothing_read ? 1 : 0;
}

}  // namespace ndcast::server
