#include "bench/control/image_of_layers.h"

#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace ndcast::bench {

namespace fs = std::filesystem;

ImageOfLayers::ImageOfLayers(int layers)
    : path_(fs::temp_directory_path() / fmt::format("ndcast-bench-{}.ome.zarr", getpid())) {
  fs::create_directories(path_ / "0");
  const auto write = [this](const char* name, std::string_view text) { std::ofstream(path_ / name) << text; };
  write(".zgroup", R"({"zarr_format":2})");
  write(".zattrs",
        R"({"multiscales":[{"version":"0.4","axes":[{"name":"c","type":"channel"},{"name":"y","type":"space"},)"
        R"({"name":"x","type":"space"}],"datasets":[{"path":"0","coordinateTransformations":)"
        R"([{"type":"scale","scale":[1,1,1]}]}]}]})");
  // No chunk is stored: all voxels are the fill value.
  write("0/.zarray", fmt::format(R"({{"zarr_format":2,"shape":[{},64,64],"chunks":[1,64,64],"dtype":"|u1",)"
                                 R"("compressor":null,"fill_value":7,"order":"C","filters":null}})",
                                 layers));
}

ImageOfLayers::~ImageOfLayers() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ndcast::bench
