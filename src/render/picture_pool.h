#pragma once
// Pictures that come back when the last reader lets go, so that a frame does not fault in megabytes of fresh pages.

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "render/picture.h"

namespace ndcast::render {

/// Thread-safe; pictures may outlive the pool.
class PicturePool {
 public:
  /// As many as a pipeline holds: one being drawn, those of the frame pool, one retained.
  explicit PicturePool(std::size_t kept) : shelf_(std::make_shared<Shelf>()) { shelf_->kept = kept; }

  /// A picture with unspecified size and contents.
  std::shared_ptr<Picture> take() {
    std::unique_ptr<Picture> picture;
    {
      const std::lock_guard lock(shelf_->mutex);
      if (!shelf_->free.empty()) {
        picture = std::move(shelf_->free.back());
        shelf_->free.pop_back();
      }
    }
    if (!picture) picture = std::make_unique<Picture>();
    return {picture.release(), [shelf = shelf_](Picture* done) { shelf->put_back(std::unique_ptr<Picture>(done)); }};
  }

 private:
  struct Shelf {
    std::mutex mutex;
    std::size_t kept = 0;
    std::vector<std::unique_ptr<Picture>> free;

    void put_back(std::unique_ptr<Picture> picture) {
      const std::lock_guard lock(mutex);
      if (free.size() < kept) free.push_back(std::move(picture));
    }
  };
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace ndcast::render
