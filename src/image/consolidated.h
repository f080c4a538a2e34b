#pragma once
// Consolidated metadata: one document that holds those of a whole hierarchy, v2's ".zmetadata" or the
// "consolidated_metadata" of a v3 group. It spares a store that is far away a request for each group and array, and
// says what there is where a store cannot list.
//
//   const std::shared_ptr<const Store> store = with_consolidated(http_store, "plate.zarr");

#include <memory>
#include <string>

#include "base/json.h"
#include "image/store.h"

namespace ndcast::image {

/// `store` with what the group at `path` consolidates; the same store where there is nothing (or nothing usable, which
/// is logged). A store that can list is asked itself first, since copies may be old; another one only for folders that
/// the consolidated metadata do not know. Blocks while one document is read.
std::shared_ptr<const Store> with_consolidated(std::shared_ptr<const Store> store, const std::string& path);

/// Documents by their key below the group ("0/.zarray", "0/zarr.json"); an object, empty when there are none.
Result<Json> consolidated_documents(const Store& store, const std::string& path);

}  // namespace ndcast::image
