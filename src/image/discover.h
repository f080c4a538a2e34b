#pragma once
// Which images a directory offers: what a command that opens "something in here" (napari.load_zarr) asks first.

#include <string>
#include <string_view>
#include <vector>

#include "image/open_store.h"

namespace ndcast::image {

/// Absolute paths or URIs of image groups or arrays, in name order; a series' in the order that it lists them. One:
/// open it. Several: ask. None: nothing here is an image.
struct Discovery {
  std::vector<std::string> options;
  bool truncated = false;  ///< there are more than kDiscoveryOptions
};

/// Searched this deep below `path`, and at most this many answers.
inline constexpr int kDiscoveryDepth = 2;
inline constexpr std::size_t kDiscoveryOptions = 32;

/// The directory itself when it is an image (a multiscale group, an array, a plate), else the images below it; nothing
/// inside an image is looked at. With "#…" (address.h) the one that it names, unseen. Errors: NotFound, Forbidden, Io.
Result<Discovery> find_images(std::string_view uri_or_path, const Access& access = {});

}  // namespace ndcast::image
