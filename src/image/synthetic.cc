#include "image/synthetic.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "image/memory_store.h"
#include "image/ome_metadata.h"
#include "image/strided.h"
#include "image/zarr_metadata.h"

namespace ndcast::image {
namespace {

std::string metadata_text(DType dtype, const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& chunk_shape) {
  constexpr std::string_view kEndian = std::endian::native == std::endian::little ? "little" : "big";
  return fmt::format(R"({{"zarr_format":3,"node_type":"array","shape":[{}],"data_type":"{}","fill_value":{},)"
                     R"("chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":[{}]}}}},)"
                     R"("chunk_key_encoding":{{"name":"default"}},)"
                     R"("codecs":[{{"name":"bytes","configuration":{{"endian":"{}"}}}}]}})",
                     fmt::join(shape, ","), to_string(dtype), dtype == DType::Bool ? "false" : "0",
                     fmt::join(chunk_shape, ","), kEndian);
}

/// Stores the chunk at `origin` (voxels), padded with zeros past the array.
void put_chunk(MemoryStore& store, const ArrayMetadata& metadata, const std::vector<std::int64_t>& position,
               std::span<const std::byte> voxels) {
  const std::size_t ndim = position.size();
  const std::vector<std::int64_t> at_zero(ndim, 0);
  std::vector<std::int64_t> origin(ndim);
  std::vector<std::int64_t> extent(ndim);
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    origin[axis] = position[axis] * metadata.chunk_shape[axis];
    extent[axis] = std::min(metadata.chunk_shape[axis], metadata.shape[axis] - origin[axis]);
  }
  Bytes chunk(ArraySpec{metadata.dtype, metadata.chunk_shape}.bytes(), std::byte{});
  copy_box(extent, byte_size(metadata.dtype), voxels.data(), {metadata.shape, origin}, chunk.data(),
           {metadata.chunk_shape, at_zero});
  store.put(metadata.object_key(position), std::move(chunk));
}

bool next_position(std::vector<std::int64_t>& position, const ArrayMetadata& metadata) {
  for (std::size_t axis = position.size(); axis-- > 0;) {
    if (++position[axis] * metadata.chunk_shape[axis] < metadata.shape[axis]) return true;
    position[axis] = 0;
  }
  return false;
}

}  // namespace

std::shared_ptr<const ZarrArray> make_array(DType dtype, const std::vector<std::int64_t>& shape,
                                            const std::vector<std::int64_t>& chunk_shape,
                                            std::span<const std::byte> voxels) {
  auto store = std::make_shared<MemoryStore>();
  const std::string text = metadata_text(dtype, shape, chunk_shape);
  store->put("zarr.json", text);
  const auto document = parse_json(text);
  ND_CHECK(document.has_value());
  const auto metadata = parse_zarr_v3(*document, "zarr.json");
  ND_CHECK(metadata.has_value(), metadata ? "" : metadata.error().message);
  if (!voxels.empty()) {
    ND_CHECK((voxels.size() == ArraySpec{dtype, shape}.bytes()), "voxels do not fill the shape");
    std::vector<std::int64_t> position(shape.size(), 0);
    do {
      put_chunk(*store, *metadata, position, voxels);
    } while (next_position(position, *metadata));
  }
  auto array = open_array(std::move(store), "");
  ND_CHECK(array.has_value());
  return *std::move(array);
}

std::shared_ptr<const Image> make_image(std::vector<std::shared_ptr<const ZarrArray>> levels,
                                        const std::vector<std::string>& axis_names, std::string name) {
  ND_CHECK(!levels.empty() && axis_names.size() == levels[0]->shape().size(), "one name an axis");
  auto image = std::make_shared<Image>();
  image->uri = "memory:" + name;
  image->name = std::move(name);
  for (const std::string& axis : axis_names) image->axes.push_back({axis, guess_axis_type(axis), ""});
  const auto finest = levels[0]->shape();
  for (auto& array : levels) {
    ImageLevel level{array, std::vector<double>(finest.size(), 1), std::vector<double>(finest.size(), 0)};
    for (std::size_t axis = 0; axis < finest.size(); ++axis) {
      level.scale[axis] = static_cast<double>(finest[axis]) / static_cast<double>(array->shape()[axis]);
    }
    image->levels.push_back(std::move(level));
  }
  const auto channel = image->axis_of(AxisType::Channel);
  image->channels.resize(channel ? static_cast<std::size_t>(finest[static_cast<std::size_t>(*channel)]) : 1);
  return image;
}

}  // namespace ndcast::image
