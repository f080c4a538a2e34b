#pragma once
// What `ndcast info` prints: every array below a path, with its place in the image if it is a level of one.

#include <memory>
#include <string_view>

#include "base/json.h"
#include "image/open_store.h"

namespace ndcast::image {

struct InfoOptions {
  bool with_stats = false;  ///< adds min, max, mean, sha256: reads every voxel
  Access access;
};

/// {"arrays":[{"path","shape","dtype","chunks","codecs","axes","scale","translation","fill_value","zarr_format"}]},
/// sorted by path ("/" is the root itself); "min","max","mean","sha256" with statistics. "chunks" is what one read
/// decodes; a sharded array adds "shards". "axes", "scale" and "translation" are there for levels of a multiscale.
/// Numbers that JSON cannot say exactly are strings: "NaN", "Infinity", "-Infinity", integers beyond 2^53. An array
/// that cannot be read appears as {"path","error"}. Errors: NotFound, Forbidden, Io (the path itself).
Result<Json> info_json(std::string_view uri_or_path, const InfoOptions& options = {});

/// The same below `prefix` of any store.
Result<Json> info_json(const std::shared_ptr<const Store>& store, std::string_view prefix, bool with_stats);

}  // namespace ndcast::image
