#pragma once
// What is wrong with an image, in sentences: `ndcast validate`. Walks from a group through everything that its metadata
// name (levels, labels, series, wells), holds each document against the rules of OME-NGFF 0.4 and 0.5 and of zarr, and
// decodes a few chunks of each level. Where the reader mends or guesses, this says what it mended.
//
//   ND_ASSIGN(const Validation found, validate("/data/embryo.ome.zarr"));
//   for (const Finding& finding : found.findings) fmt::print("{}\n", sentence(finding));

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "image/open_store.h"

namespace ndcast::image {

struct Finding {
  enum class Severity { Error, Warning };
  Severity severity = Severity::Error;
  std::string file;     ///< key of the document or chunk
  std::string key;      ///< member inside it ("multiscales[0].axes[1].type"); "" is all of it
  std::string message;  ///< what was found and what was expected
  std::string rule;     ///< where that is written: "OME-NGFF 0.4, axes metadata"
};

struct Validation {
  std::vector<Finding> findings;  ///< in the order of the walk
  std::size_t groups = 0;
  std::size_t arrays = 0;
  std::size_t chunks = 0;  ///< decoded
  bool truncated = false;  ///< there are more than limits::kFindings

  std::size_t errors() const;
};

/// A group, an array, or one metadata document by itself (".zattrs", "zarr.json", "NAME.json"): then nothing that it
/// names is looked for. `uri` may choose below a place by "#PATH". Blocks. Errors: NotFound, Forbidden, Io (the place
/// itself; all else is a finding).
Result<Validation> validate(std::string_view uri, const Access& access = {});
/// The same of a group or array of any store.
Result<Validation> validate(const std::shared_ptr<const Store>& store, const std::string& path);
/// The rules that one document can break by itself; `zarr_format` is that of the group that it would belong to.
Validation validate_attributes(const Json& attributes, int zarr_format, std::string_view file);

/// "0/.zarray: shape: … (zarr v2, metadata)".
std::string sentence(const Finding& finding);
/// {"valid","errors":[{"file","key","message","rule"}],"warnings":[…],"checked":{"groups","arrays","chunks"}}
Json validation_json(const Validation& validation);

}  // namespace ndcast::image
