#include "convert/picture_source.h"

#include "image/strided.h"

namespace ndcast::convert {

SourceInfo picture_info(std::string_view format, const std::filesystem::path& path, std::int64_t width,
                        std::int64_t height, std::int64_t samples, image::DType dtype) {
  SourceInfo info;
  info.format = format;
  info.path = path.string();
  info.dtype = dtype;
  info.shape = {height, width};
  info.axes = {make_axis("y"), make_axis("x")};
  info.grain = {height, width};
  if (samples > 1) {
    info.shape.push_back(samples);
    info.axes.push_back(make_axis("c"));
    info.grain.push_back(samples);
  }
  if (samples >= 3) info.channels = {{"red", {{255, 0, 0}}}, {"green", {{0, 255, 0}}}, {"blue", {{0, 0, 255}}}};
  if (samples == 4) info.channels.push_back({"alpha", {}});
  info.scratch_bytes = static_cast<std::size_t>(width * height * samples) * info.voxel_bytes();
  return info;
}

void copy_picture(const SourceInfo& info, const std::vector<std::byte>& pixels, const Box& box, const Target& target) {
  image::copy_box(box.extent, info.voxel_bytes(), pixels.data(), {info.shape, box.start}, target.data,
                  {target.shape, target.start});
}

}  // namespace ndcast::convert
