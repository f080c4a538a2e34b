#include "room/shared_images.h"

namespace ndcast::room {

Result<std::shared_ptr<const image::Image>> SharedImages::open(const std::string& uri, const image::Access& access) {
  const Key key{uri, access.jail, access.who};
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    if (const auto it = open_.find(key); it != open_.end()) {
      if (auto image = it->second.lock()) return image;
    }
  }
  ND_ASSIGN(auto image, image::open_image(uri, access));
  const std::lock_guard lock(mutex_);
  open_[key] = image;
  return image;
}

Result<std::shared_ptr<const image::Image>> SharedImages::reopen(const std::shared_ptr<const image::Image>& old,
                                                                 const image::Access& access) {
  const Key key{old->uri, access.jail, access.who};
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = open_.find(key); it != open_.end()) {
      if (auto image = it->second.lock(); image && image != old) return image;
    }
  }
  ND_ASSIGN(auto image, image::open_image(old->uri, access));
  const std::lock_guard lock(mutex_);
  open_[key] = image;
  return image;
}

}  // namespace ndcast::room
