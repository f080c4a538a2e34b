#include "render/sources/dense_level.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "image/dtype.h"
#include "render/sources/voxel_gather.h"

namespace ndcast::render {
namespace {

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

bool DenseSpec::same_but_range(const DenseSpec& other) const {
  if (array != other.array || position != other.position || projection != other.projection || slab != other.slab) {
    return false;
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].array_axis != other.axes[i].array_axis || axes[i].chunk != other.axes[i].chunk) return false;
  }
  return true;
}

DenseLevel::DenseLevel(DenseSpec spec) : spec_(std::move(spec)), pieces_(pieces_of(spec_)) {
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
  if (spec_.projection != scene::ProjectionMode::None) {
    projection_.emplace(spec_.array->dtype(), spec_.projection, voxels);
    bytes_ = projection_->bytes();
  } else {
    bytes_ = voxels * image::byte_size(spec_.array->dtype());
    // Fresh zero pages: what is never written (fill chunks of a sparse array) costs no memory. Not large ones: the
    // first chunk would have all of them zeroed at once.
    data_.reset(static_cast<std::byte*>(std::calloc(bytes_, 1)));
    if (!data_) throw std::bad_alloc();
  }
  taken_.assign(count * pieces_.size(), 0);
  loaded_.assign(count, 0);
}

std::vector<DenseLevel::Piece> DenseLevel::pieces_of(const DenseSpec& spec) {
  const std::span<const std::int64_t> chunk_shape = spec.array->chunk_shape();
  std::vector<Piece> pieces = {{std::vector<std::int64_t>(chunk_shape.size(), 0), {0}}};
  std::int64_t stride = 1;
  for (std::size_t axis = chunk_shape.size(); axis-- > 0;) {
    const std::int64_t side = chunk_shape[axis];
    const bool is_own = std::ranges::any_of(
        spec.axes, [&](const DenseAxis& each) { return each.array_axis == static_cast<int>(axis); });
    const bool is_projected = spec.projection != scene::ProjectionMode::None;
    const plan::Span range = is_projected ? spec.slab[axis] : plan::Span{spec.position[axis], spec.position[axis] + 1};
    if (!is_own) {
      std::vector<Piece> along;
      for (const Piece& piece : pieces) {
        for (std::int64_t chunk = range.start / side; chunk * side < range.stop; ++chunk) {
          Piece one = piece;
          one.chunk[axis] = chunk;
          one.offsets.clear();
          const std::int64_t stop = std::min(range.stop, (chunk + 1) * side);
          for (std::int64_t voxel = std::max(range.start, chunk * side); voxel < stop; ++voxel) {
            for (const std::int64_t offset : piece.offsets) one.offsets.push_back(voxel % side * stride + offset);
          }
          along.push_back(std::move(one));
        }
      }
      pieces = std::move(along);
    }
    stride *= side;
  }
  return pieces;
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

std::vector<std::int64_t> DenseLevel::chunk_of(std::size_t block, std::size_t piece) const {
  std::vector<std::int64_t> chunk = pieces_[piece].chunk;
  const std::array<plan::Span, 3> extent = extent_of(block);
  for (std::size_t i = 0; i < 3; ++i) {
    const DenseAxis& axis = spec_.axes[i];
    if (axis.array_axis < 0) continue;
    chunk[static_cast<std::size_t>(axis.array_axis)] = (axis.range.start + extent[i].start) / axis.chunk;
  }
  return chunk;
}

std::vector<std::vector<std::int64_t>> DenseLevel::missing_chunks(std::size_t block) const {
  std::vector<std::vector<std::int64_t>> chunks;
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    if (taken_[block * pieces_.size() + piece] == 0) chunks.push_back(chunk_of(block, piece));
  }
  return chunks;
}

DenseLevel::Copy DenseLevel::copy_of(std::size_t block) const {
  const std::span<const std::int64_t> chunk_shape = spec_.array->chunk_shape();
  std::vector<std::int64_t> strides(chunk_shape.size(), 1);
  for (std::size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * chunk_shape[i];
  const std::array<plan::Span, 3> extent = extent_of(block);
  const std::array<std::int64_t, 3> target_strides = {size_[1] * size_[2], size_[2], 1};
  Copy copy{};
  for (std::size_t i = 0; i < 3; ++i) {
    const int array_axis = spec_.axes[i].array_axis;
    const std::int64_t stride = array_axis < 0 ? 0 : strides[static_cast<std::size_t>(array_axis)];
    copy.axes[i] = {extent[i].size(), stride, target_strides[i]};
    copy.target += extent[i].start * target_strides[i];
  }
  return copy;
}

void DenseLevel::copy_piece(const Copy& copy, const Piece& piece, const image::DecodedChunk& chunk) {
  const std::size_t element = image::byte_size(spec_.array->dtype());
  const auto& fill = spec_.array->fill_bytes();
  if (projection_) {
    if (!chunk.is_fill) return projection_->take(chunk.data.data(), piece.offsets, copy.axes, copy.target);
    std::array<GatherAxis, 3> standing = copy.axes;
    for (GatherAxis& axis : standing) axis.source_stride = 0;
    return projection_->take(fill.data(), std::vector<std::int64_t>(piece.offsets.size(), 0), standing, copy.target);
  }
  std::byte* const to = data_.get() + static_cast<std::size_t>(copy.target) * element;
  if (!chunk.is_fill) {
    gather(chunk.data.data() + static_cast<std::size_t>(piece.offsets.front()) * element, to, element, copy.axes);
  } else if (!is_zero(fill)) {
    scatter_element(fill, to, copy.axes);
  }
}

void DenseLevel::copy_block(const Found& found) {
  const Copy copy = copy_of(found.block);
  std::uint8_t* const taken = taken_.data() + found.block * pieces_.size();
  for (const auto& [piece, chunk] : found.pieces) {
    copy_piece(copy, pieces_[piece], *chunk);
    taken[piece] = 1;
  }
  if (!std::ranges::all_of(std::span(taken, pieces_.size()), [](std::uint8_t in) { return in != 0; })) return;
  if (projection_) projection_->finish(copy.axes, copy.target);
  loaded_[found.block] = 1;
}

DenseLevel::Fetched DenseLevel::fetch(std::span<const std::size_t> blocks, const ChunkFinder& find, ThreadPool& pool,
                                      std::size_t at_most_bytes) {
  Fetched fetched;
  std::vector<Found> found;
  std::size_t bytes = 0;
  for (const std::size_t block : blocks) {
    if (loaded_[block] != 0) continue;
    fetched.stopped = bytes >= at_most_bytes;
    if (fetched.stopped) break;
    Found here{block, {}};
    for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
      if (taken_[block * pieces_.size() + piece] != 0) continue;
      image::ChunkPtr chunk = find(*spec_.array, chunk_of(block, piece));
      if (!chunk) continue;
      bytes += chunk->data.size();
      here.pieces.emplace_back(piece, std::move(chunk));
    }
    if (!here.pieces.empty()) found.push_back(std::move(here));
  }
  pool.for_each_index(found.size(), [&](std::size_t i) { copy_block(found[i]); });
  for (const Found& each : found) fetched.blocks += loaded_[each.block];
  loaded_count_ += fetched.blocks;
  return fetched;
}

std::optional<DenseLevel::Share> DenseLevel::share_of(std::size_t block, const DenseLevel& other) const {
  if (loaded_[block] != 0) return std::nullopt;
  const std::array<plan::Span, 3> extent = extent_of(block);
  std::array<std::int64_t, 3> theirs{};
  Share share{};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t shift = spec_.axes[i].range.start - other.spec_.axes[i].range.start;
    const plan::Span there = {extent[i].start + shift, extent[i].stop + shift};
    // A block at the rim of the level is shorter than a chunk, in both boxes alike.
    if (there.start < 0 || there.stop > other.size_[i]) return std::nullopt;
    theirs[i] = there.start / spec_.axes[i].chunk;
    const std::int64_t source_stride = i == 0 ? other.size_[1] * other.size_[2] : i == 1 ? other.size_[2] : 1;
    const std::int64_t target_stride = i == 0 ? size_[1] * size_[2] : i == 1 ? size_[2] : 1;
    share.axes[i] = {extent[i].size(), source_stride, target_stride};
    share.source += there.start * source_stride;
    share.target += extent[i].start * target_stride;
  }
  if (other.loaded_[other.block_number(theirs)] == 0) return std::nullopt;
  return share;
}

void DenseLevel::take_over(const Share& share, const DenseLevel& other) {
  if (projection_) return projection_->adopt(*other.projection_, share.source, share.axes, share.target);
  const std::size_t element = image::byte_size(spec_.array->dtype());
  gather(other.data() + static_cast<std::size_t>(share.source) * element,
         data_.get() + static_cast<std::size_t>(share.target) * element, element, share.axes);
}

void DenseLevel::note_loaded(std::size_t block) {
  std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(block * pieces_.size()), pieces_.size(), std::uint8_t{1});
  loaded_[block] = 1;
  ++loaded_count_;
}

void DenseLevel::adopt(const DenseLevel& other) {
  ND_CHECK(spec_.same_but_range(other.spec_), "only a box of the same voxels can be taken over");
  for (std::size_t block = 0; block < loaded_.size(); ++block) {
    const std::optional<Share> share = share_of(block, other);
    if (!share) continue;
    take_over(*share, other);
    note_loaded(block);
  }
}

std::size_t DenseLevel::adopt(const DenseLevel& other, ThreadPool& pool, std::size_t first, std::size_t at_most_bytes) {
  ND_CHECK(spec_.same_but_range(other.spec_), "only a box of the same voxels can be taken over");
  const std::size_t element = image::byte_size(spec_.array->dtype());
  std::vector<std::pair<std::size_t, Share>> shares;
  std::size_t bytes = 0;
  std::size_t block = first;
  for (; block < loaded_.size() && bytes < at_most_bytes; ++block) {
    const std::optional<Share> share = share_of(block, other);
    if (!share) continue;
    shares.emplace_back(block, *share);
    bytes += element * static_cast<std::size_t>(share->axes[0].count * share->axes[1].count * share->axes[2].count);
  }
  pool.for_each_index(shares.size(), [&](std::size_t i) { take_over(shares[i].second, other); });
  for (const auto& [taken, share] : shares) note_loaded(taken);
  return block;
}

}  // namespace ndcast::render
