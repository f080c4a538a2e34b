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
#include <tuple>
#include <utility>

#include "base/result.h"
#include "image/image.h"
#include "image/remote/remote.h"

namespace ndcast::room {

/// Thread-safe. An image is kept while somebody holds it.
class SharedImages {
 public:
  /// `remote`: what servers may be asked for; null: none.
  explicit SharedImages(std::shared_ptr<const image::Remote> remote = nullptr) : remote_(std::move(remote)) {}

  const std::shared_ptr<const image::Remote>& remote() const { return remote_; }
  /// The image that somebody has open, or a fresh one; reads metadata and may block. Errors: those of
  /// image::open_image.
  Result<std::shared_ptr<const image::Image>> open(const std::string& uri, const image::Access& access);
  /// The image anew, in place of `old`, which was seen to have changed; what another room has opened anew meanwhile.
  /// Errors: those of image::open_image; then `old` stays the one.
  Result<std::shared_ptr<const image::Image>> reopen(const std::shared_ptr<const image::Image>& old,
                                                     const image::Access& access);

 private:
  /// An image that was opened outside a jail is not for one inside, nor is an operator's for a client.
  using Key = std::tuple<std::string, image::Jail, image::Access::Who>;
  const std::shared_ptr<const image::Remote> remote_;
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<const image::Image>> open_;
};

}  // namespace ndcast::room
