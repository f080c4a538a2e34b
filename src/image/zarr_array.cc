#include "image/zarr_array.h"

#include <algorithm>
#include <atomic>

#include "base/check.h"
#include "base/thread_pool.h"
#include "image/chunk_reader.h"
#include "image/node.h"
#include "image/zarr_metadata.h"

namespace ndcast::image {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Result<ArrayMetadata> parse_metadata(Node node) {
  if (node.zarr_format == 3) return parse_zarr_v3(node.document, node.where);
  return parse_zarr_v2(node.document, std::move(node.attributes), node.where);
}

/// The first object, the one in the middle, the last.
std::vector<std::vector<std::int64_t>> probe_positions(const ArrayMetadata& metadata) {
  std::vector<std::vector<std::int64_t>> out(3);
  for (std::size_t axis = 0; axis < metadata.shape.size(); ++axis) {
    const std::int64_t last = std::max<std::int64_t>(metadata.shape[axis] - 1, 0) / metadata.object_shape[axis];
    out[0].push_back(0);
    out[1].push_back(last / 2);
    out[2].push_back(last);
  }
  return out;
}

Result<bool> any_stored(const Store& store, const std::string& path, const ArrayMetadata& metadata) {
  const auto positions = probe_positions(metadata);
  const bool waits = store.concurrency() > 0;
  std::vector<Result<std::optional<std::uint64_t>>> sizes(positions.size(), std::nullopt);
  const auto probe = [&](std::size_t i) { sizes[i] = store.size(join_key(path, metadata.object_key(positions[i]))); };
  if (waits) ThreadPool("probes", positions.size()).for_each_index(positions.size(), probe);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!waits) probe(i);
    ND_ASSIGN(const auto size, std::move(sizes[i]));
    if (size) return true;
  }
  return false;
}

/// "0.1.2" → '.', a folder "0" → '/': how an array's folder says that its chunks are stored. Nothing where the store
/// cannot list or the folder holds no chunk.
std::optional<char> separator_listed(const Store& store, const std::string& path, std::size_t ndim) {
  const auto entries = store.list(path);
  if (!entries) return std::nullopt;
  for (const StoreEntry& entry : *entries) {
    const bool numbers = std::ranges::all_of(entry.name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (!numbers) continue;
    const auto dots = static_cast<std::size_t>(std::ranges::count(entry.name, '.'));
    if (entry.is_directory && dots == 0) return '/';
    if (!entry.is_directory && dots + 1 == ndim) return '.';
  }
  return std::nullopt;
}

/// A v2 array may leave "dimension_separator" out although its chunks are nested (ome-zarr-py issues 245, 343), or name
/// the wrong one (copied metadata): read as written it would be all fill. So when no probe is there, the other
/// separator is tried.
Result<void> mend_separator(const Store& store, const std::string& path, ArrayMetadata& metadata,
                            std::vector<std::string>& warnings) {
  if (metadata.zarr_format != 2 || metadata.shape.size() < 2) return {};
  ND_ASSIGN(const bool as_written, any_stored(store, path, metadata));
  if (as_written) return {};
  const char written = metadata.separator;
  const char other = written == '.' ? '/' : '.';
  metadata.separator = other;
  ND_ASSIGN(bool mended, any_stored(store, path, metadata));
  if (!mended) mended = separator_listed(store, path, metadata.shape.size()) == other;
  if (mended) {
    const std::string key = join_key(path, ".zarray");
    warnings.push_back(
        metadata.separator_given
            ? fmt::format("{}: \"dimension_separator\" is \"{}\", but chunks are stored with \"{}\"; read as \"{}\"",
                          key, written, other, other)
            : fmt::format("{}: no \"dimension_separator\", but chunks are stored with \"{}\"; read as \"{}\"", key,
                          other, other));
  } else {
    metadata.separator = written;
  }
  return {};
}

}  // namespace

ZarrArray::ZarrArray(std::shared_ptr<const Store> store, std::string path,
                     std::unique_ptr<const ArrayMetadata> metadata, std::vector<std::string> warnings)
    : id_(next_id()), path_(std::move(path)), metadata_(std::move(metadata)), warnings_(std::move(warnings)) {
  for (std::size_t axis = 0; axis < metadata_->shape.size(); ++axis) {
    const std::int64_t extent = metadata_->shape[axis];
    const std::int64_t chunk = metadata_->chunk_shape[axis];
    grid_shape_.push_back(extent / chunk + (extent % chunk != 0 ? 1 : 0));
  }
  reader_ = std::make_unique<const ChunkReader>(std::move(store), path_, *metadata_);
}

ZarrArray::~ZarrArray() = default;

std::span<const std::int64_t> ZarrArray::shape() const { return metadata_->shape; }
std::span<const std::int64_t> ZarrArray::chunk_shape() const { return metadata_->chunk_shape; }
std::span<const std::int64_t> ZarrArray::object_shape() const { return metadata_->object_shape; }
DType ZarrArray::dtype() const { return metadata_->dtype; }
double ZarrArray::fill_value() const { return value_as_double(metadata_->dtype, metadata_->fill.data()); }
const std::vector<std::byte>& ZarrArray::fill_bytes() const { return metadata_->fill; }
std::vector<std::string> ZarrArray::codec_names() const { return metadata_->chain.names; }
int ZarrArray::zarr_format() const { return metadata_->zarr_format; }
const std::vector<std::string>& ZarrArray::dimension_names() const { return metadata_->dimension_names; }
const Json& ZarrArray::attributes() const { return metadata_->attributes; }
std::size_t ZarrArray::chunk_bytes() const { return ArraySpec{metadata_->dtype, metadata_->chunk_shape}.bytes(); }

Result<ChunkPtr> ZarrArray::read_chunk(std::span<const std::int64_t> chunk, ReadCost* cost,
                                       const ReadOptions& options) const {
  ND_TRY(check_position(chunk));
  ReadCost ignored;
  return reader_->read(chunk, cost ? *cost : ignored, options);
}

std::vector<Result<ChunkPtr>> ZarrArray::read_chunks(std::span<const std::vector<std::int64_t>> chunks, ReadCost* cost,
                                                     const ReadOptions& options) const {
  const bool together = chunks.size() > 1 && std::ranges::all_of(chunks, [&](const auto& chunk) {
                          return check_position(chunk) && object_index(chunk) == object_index(chunks.front());
                        });
  ReadCost ignored;
  if (together) return reader_->read_together(chunks, cost ? *cost : ignored, options);
  std::vector<Result<ChunkPtr>> out;
  for (const auto& chunk : chunks) out.push_back(read_chunk(chunk, cost, options));
  return out;
}

std::int64_t ZarrArray::object_index(std::span<const std::int64_t> chunk) const {
  std::int64_t index = 0;
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
    const std::int64_t per_object = metadata_->object_shape[axis] / metadata_->chunk_shape[axis];
    const std::int64_t objects = grid_shape_[axis] / per_object + (grid_shape_[axis] % per_object != 0 ? 1 : 0);
    index = index * objects + chunk[axis] / per_object;
  }
  return index;
}

std::size_t ZarrArray::concurrency() const { return reader_->concurrency(); }

Result<bool> ZarrArray::chunk_stored(std::span<const std::int64_t> chunk) const {
  ND_TRY(check_position(chunk));
  return reader_->stored(chunk);
}

Result<void> ZarrArray::check_position(std::span<const std::int64_t> chunk) const {
  bool inside = chunk.size() == grid_shape_.size();
  for (std::size_t axis = 0; inside && axis < chunk.size(); ++axis) {
    inside = chunk[axis] >= 0 && chunk[axis] < grid_shape_[axis];
  }
  if (inside) return {};
  return fail(ErrorCode::Invalid, "{}: chunk [{}] is outside the grid [{}]", path_, fmt::join(chunk, ", "),
              fmt::join(grid_shape_, ", "));
}

Result<std::shared_ptr<const ZarrArray>> open_array(std::shared_ptr<const Store> store, std::string path) {
  ND_ASSIGN(Node node, read_node(*store, path));
  if (node.kind != Node::Kind::Array) {
    return fail(ErrorCode::NotFound, "{}: {} at \"{}\"; expected zarr.json of an array, or .zarray", store->describe(),
                node.kind == Node::Kind::Group ? "a group" : "nothing", path);
  }
  auto metadata = parse_metadata(std::move(node));
  if (!metadata) return std::unexpected(metadata.error());
  std::vector<std::string> warnings;
  ND_TRY(mend_separator(*store, path, *metadata, warnings));
  return std::make_shared<const ZarrArray>(std::move(store), std::move(path),
                                           std::make_unique<const ArrayMetadata>(*std::move(metadata)),
                                           std::move(warnings));
}

std::int64_t linear_index(std::span<const std::int64_t> grid, std::span<const std::int64_t> chunk) {
  ND_CHECK(grid.size() == chunk.size());
  std::int64_t index = 0;
  for (std::size_t axis = 0; axis < grid.size(); ++axis) {
    ND_CHECK(chunk[axis] >= 0 && chunk[axis] < grid[axis], "a chunk outside the grid");
    index = index * grid[axis] + chunk[axis];
  }
  return index;
}

}  // namespace ndcast::image
