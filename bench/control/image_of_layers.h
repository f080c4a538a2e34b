#pragma once
// An OME-Zarr image of many small channels, each a layer with a slider of its own.

#include <filesystem>

namespace ndcast::bench {

/// Written into a fresh folder under the system's temporary one, and removed with the object.
class ImageOfLayers {
 public:
  explicit ImageOfLayers(int layers);
  ~ImageOfLayers();
  ImageOfLayers(const ImageOfLayers&) = delete;
  ImageOfLayers& operator=(const ImageOfLayers&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ndcast::bench
