#pragma once
// The images that one scene shows: the one that was asked for, the label images that its metadata says belong to it,
// and images that were added to it.
//
//   ND_ASSIGN(const SceneImages images, open_scene_images(uri, [&](const std::string& one) { return open(one); }));

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "render/sources/layer_target.h"

namespace ndcast::room {

struct SceneImages {
  std::shared_ptr<const image::Image> image;
  std::vector<std::shared_ptr<const image::Image>> labels;  ///< as the image lists them
  std::vector<std::shared_ptr<const image::Image>> added;   ///< with their own label images, as they came

  render::Images by_uri() const;
  /// One of them is no longer what it was when it was opened. Blocks.
  bool changed() const;
};

/// Label images of one image that become layers.
inline constexpr std::size_t kLabelImages = 16;

/// Opens `uri` and its label images through `open`. Blocks. Label images that cannot be opened, or are of other than
/// integers, are told in the log and left out. Errors: those of opening `uri`.
using OpenImage = std::function<Result<std::shared_ptr<const image::Image>>(const std::string& uri)>;
Result<SceneImages> open_scene_images(const std::string& uri, const OpenImage& open);

/// The address of the image at `key` of the store that `uri` lies in (image/address.h).
std::string address_in_store(const std::string& uri, std::string_view key);

}  // namespace ndcast::room
