#include "room/scene_images.h"

#include <algorithm>

#include "base/log.h"
#include "image/address.h"

namespace ndcast::room {

render::Images SceneImages::by_uri() const {
  render::Images images;
  if (image) images[image->uri] = image;
  for (const auto& label : labels) images[label->uri] = label;
  for (const auto& one : added) images[one->uri] = one;
  return images;
}

bool SceneImages::changed() const {
  const auto has_changed = [](const auto& one) { return one->watch && one->watch->changed(); };
  return image &&
         (has_changed(image) || std::ranges::any_of(labels, has_changed) || std::ranges::any_of(added, has_changed));
}

std::string address_in_store(const std::string& uri, std::string_view key) {
  std::string address(image::split_fragment(uri).first);
  address += '#';
  for (const char c : key) {
    if (c == '%' || c == '&' || c == '#') {
      address += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      address += c;
    }
  }
  return address;
}

Result<SceneImages> open_scene_images(const std::string& uri, const OpenImage& open) {
  SceneImages images;
  ND_ASSIGN(images.image, open(uri));
  for (const std::string& key : images.image->labels) {
    if (images.labels.size() == kLabelImages) {
      log().info("{}: of {} label images, {} become layers", uri, images.image->labels.size(), kLabelImages);
      break;
    }
    auto label = open(address_in_store(images.image->uri, key));
    if (!label) {
      log().warn("{}: label image {} is left out: {}", uri, key, label.error().message);
    } else if (const auto dtype = (*label)->levels.front().array->dtype(); image::is_floating(dtype)) {
      log().warn("{}: label image {} is left out: its voxels are {}, expected integers", uri, key,
                 image::to_string(dtype));
    } else {
      images.labels.push_back(*std::move(label));
    }
  }
  return images;
}

}  // namespace ndcast::room
