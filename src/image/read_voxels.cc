#include "image/read_voxels.h"

#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"

namespace ndcast::image {

Result<Voxels> read_voxels(const ZarrArray& array, std::span<const std::vector<std::int64_t>> places,
                           const ChunkSource& source) {
  const std::size_t item = byte_size(array.dtype());
  const auto shape = array.chunk_shape();
  Voxels out{.bytes = Bytes(places.size() * item), .read = std::vector<bool>(places.size(), false)};
  std::optional<Error> trouble;
  bool any = false;
  std::vector<std::int64_t> at;  ///< whose chunk `chunk` is
  ChunkPtr chunk;
  for (std::size_t n = 0; n < places.size(); ++n) {
    const std::vector<std::int64_t>& place = places[n];
    ND_CHECK(place.size() == shape.size(), "a place of as many axes as the array");
    std::vector<std::int64_t> wanted(shape.size());
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      ND_CHECK(place[i] >= 0 && place[i] < array.shape()[i], "a place inside the array");
      wanted[i] = place[i] / shape[i];
      offset = offset * shape[i] + place[i] % shape[i];
    }
    if (n == 0 || wanted != at) {
      at = std::move(wanted);
      Result<ChunkPtr> data = source ? source(at) : array.read_chunk(at);
      if (!data) trouble = data.error();
      chunk = data ? *std::move(data) : nullptr;
    }
    if (!chunk) continue;
    const std::byte* const from =
        chunk->is_fill ? array.fill_bytes().data() : chunk->data.data() + static_cast<std::size_t>(offset) * item;
    std::memcpy(out.bytes.data() + n * item, from, item);
    out.read[n] = true;
    any = true;
  }
  if (!any && trouble) return std::unexpected(std::move(*trouble));
  return out;
}

}  // namespace ndcast::image
