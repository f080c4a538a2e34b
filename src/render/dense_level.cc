#include "render/dense_level.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "image/dtype.h"
#include "render/voxel_gather.h"

namespace ndcast::render {
namespace {

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

bool DenseSpec::same_but_range(const DenseSpec& other) const {
  if (array != other.array || position != other.position) return false;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].array_axis != other.axes[i].array_axis || axes[i].chunk != other.axes[i].chunk) return false;
  }
  return true;
}

DenseLevel::DenseLevel(DenseSpec spec) : spec_(std::move(spec)) {
  std::size_t voxels = 1;
  std::size_t count = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const DenseAxis& axis = spec_.axes[i];
    ND_CHECK(!axis.range.empty() && axis.range.start % axis.chunk == 0, "a dense box starts on a chunk border");
    size_[i] = axis.range.size();
    blocks_[i] = (axis.range.size() + axis.chunk - 1) / axis.chunk;
    voxels *= static_cast<std::size_t>(size_[i]);
    count *= static_cast<std::size_t>(blocks_[i]);
  }
  bytes_ = voxels * image::byte_size(spec_.array->dtype());
  // Fresh zero pages: what is never written (fill chunks of a sparse array) costs no memory.
  data_.reset(static_cast<std::byte*>(std::calloc(bytes_, 1)));
  if (!data_) throw std::bad_alloc();
  loaded_.assign(count, 0);
}

std::size_t DenseLevel::block_number(const std::array<std::int64_t, 3>& block) const {
  return static_cast<std::size_t>((block[0] * blocks_[1] + block[1]) * blocks_[2] + block[2]);
}

std::array<plan::Span, 3> DenseLevel::extent_of(std::size_t block) const {
  auto rest = static_cast<std::int64_t>(block);
  std::array<plan::Span, 3> extent;
  for (std::size_t i = 3; i-- > 0;) {
    const std::int64_t start = rest % blocks_[i] * spec_.axes[i].chunk;
    extent[i] = {start, std::min(start + spec_.axes[i].chunk, size_[i])};
    rest /= blocks_[i];
  }
  return extent;
}

std::vector<std::int64_t> DenseLevel::chunk_of(std::size_t block) const {
  const std::span<const std::int64_t> chunk_shape = spec_.array->chunk_shape();
  std::vector<std::int64_t> chunk(spec_.position);
  for (std::size_t i = 0; i < chunk.size(); ++i) chunk[i] /= chunk_shape[i];
  const std::array<plan::Span, 3> extent = extent_of(block);
  for (std::size_t i = 0; i < 3; ++i) {
    const DenseAxis& axis = spec_.axes[i];
    if (axis.array_axis < 0) continue;
    chunk[static_cast<std::size_t>(axis.array_axis)] = (axis.range.start + extent[i].start) / axis.chunk;
  }
  return chunk;
}

void DenseLevel::copy_block(std::size_t block, const image::DecodedChunk& chunk) {
  const std::size_t element = image::byte_size(spec_.array->dtype());
  const std::span<const std::int64_t> chunk_shape = spec_.array->chunk_shape();
  std::vector<std::int64_t> strides(chunk_shape.size(), 1);
  for (std::size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * chunk_shape[i];
  std::int64_t source = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) source += spec_.position[i] % chunk_shape[i] * strides[i];

  const std::array<plan::Span, 3> extent = extent_of(block);
  const std::array<std::int64_t, 3> target_strides = {size_[1] * size_[2], size_[2], 1};
  std::array<GatherAxis, 3> axes;
  std::int64_t target = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const int array_axis = spec_.axes[i].array_axis;
    axes[i] = {extent[i].size(), array_axis < 0 ? 0 : strides[static_cast<std::size_t>(array_axis)], target_strides[i]};
    target += extent[i].start * target_strides[i];
  }
  std::byte* const to = data_.get() + static_cast<std::size_t>(target) * element;
  if (!chunk.is_fill) {
    gather(chunk.data.data() + static_cast<std::size_t>(source) * element, to, element, axes);
  } else if (const auto& fill = spec_.array->fill_bytes(); !is_zero(fill)) {
    scatter_element(fill, to, axes);
  }
}

DenseLevel::Fetched DenseLevel::fetch(std::span<const std::size_t> blocks, const ChunkFinder& find, ThreadPool& pool,
                                      std::size_t at_most_bytes) {
  Fetched fetched;
  std::vector<std::pair<std::size_t, image::ChunkPtr>> found;
  std::size_t bytes = 0;
  for (const std::size_t block : blocks) {
    if (loaded_[block] != 0) continue;
    fetched.stopped = bytes >= at_most_bytes;
    if (fetched.stopped) break;
    image::ChunkPtr chunk = find(*spec_.array, chunk_of(block));
    if (!chunk) continue;
    bytes += chunk->data.size();
    found.emplace_back(block, std::move(chunk));
  }
  pool.for_each_index(found.size(), [&](std::size_t i) { copy_block(found[i].first, *found[i].second); });
  for (const auto& [block, chunk] : found) loaded_[block] = 1;
  loaded_count_ += found.size();
  fetched.blocks = found.size();
  return fetched;
}

void DenseLevel::adopt(const DenseLevel& other) {
  ND_CHECK(spec_.same_but_range(other.spec_), "only a box of the same voxels can be taken over");
  const std::size_t element = image::byte_size(spec_.array->dtype());
  for (std::size_t block = 0; block < loaded_.size(); ++block) {
    const std::array<plan::Span, 3> extent = extent_of(block);
    std::array<std::int64_t, 3> theirs{};
    std::array<GatherAxis, 3> axes;
    std::int64_t source = 0;
    std::int64_t target = 0;
    bool shared = true;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::int64_t shift = spec_.axes[i].range.start - other.spec_.axes[i].range.start;
      const plan::Span there = {extent[i].start + shift, extent[i].stop + shift};
      // A block at the rim of the level is shorter than a chunk, in both boxes alike.
      shared = shared && there.start >= 0 && there.stop <= other.size_[i];
      theirs[i] = there.start / spec_.axes[i].chunk;
      const std::int64_t source_stride = i == 0 ? other.size_[1] * other.size_[2] : i == 1 ? other.size_[2] : 1;
      const std::int64_t target_stride = i == 0 ? size_[1] * size_[2] : i == 1 ? size_[2] : 1;
      axes[i] = {extent[i].size(), source_stride, target_stride};
      source += there.start * source_stride;
      target += extent[i].start * target_stride;
    }
    if (!shared || loaded_[block] != 0 || other.loaded_[other.block_number(theirs)] == 0) continue;
    gather(other.data() + static_cast<std::size_t>(source) * element,
           data_.get() + static_cast<std::size_t>(target) * element, element, axes);
    loaded_[block] = 1;
    ++loaded_count_;
  }
}

}  // namespace ndcast::render
