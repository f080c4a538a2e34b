#pragma once
// Opened images, shared by the rooms that show them: one set of metadata and, because the chunk cache goes by array,
// one set of decoded chunks.
//
//   SharedImages images;
//   Result<std::shared_ptr<const image::Image>> image = images.open("/data/embryo.ome.zarr", {"/data"});

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "image/image.h"

namespace ndcast::room {

/// Thread-safe. An image is kept while somebody holds it.
class SharedImages {
 public:
  /// The image that somebody has open, or a fresh one; reads metadata and may block. Errors: those of
  /// image::open_image.
  Result<std::shared_ptr<const image::Image>> open(const std::string& uri, const image::Jail& jail);

 private:
  /// An image that was opened outside a jail is not for one inside.
  using Key = std::pair<std::string, image::Jail>;
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<const image::Image>> open_;
};

}  // namespace ndcast::room
