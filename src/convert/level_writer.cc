#include "convert/level_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <blosc.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "image/codecs/crc32c.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

constexpr std::uint64_t kMissing = UINT64_MAX;

std::uint64_t linear(const Shape& grid, const Shape& at) {
  std::uint64_t out = 0;
  for (std::size_t axis = 0; axis < grid.size(); ++axis)
    out = out * static_cast<std::uint64_t>(grid[axis]) + static_cast<std::uint64_t>(at[axis]);
  return out;
}

Shape position(const Shape& grid, std::uint64_t index) {
  Shape out(grid.size());
  for (std::size_t axis = grid.size(); axis-- > 0;) {
    out[axis] = static_cast<std::int64_t>(index % static_cast<std::uint64_t>(grid[axis]));
    index /= static_cast<std::uint64_t>(grid[axis]);
  }
  return out;
}

std::uint64_t count_of(const Shape& grid) {
  std::uint64_t out = 1;
  for (const std::int64_t extent : grid) out *= static_cast<std::uint64_t>(extent);
  return out;
}

bool next_in(const Shape& first, const Shape& end, Shape& at) {
  for (std::size_t axis = at.size(); axis-- > 0;) {
    if (++at[axis] < end[axis]) return true;
    at[axis] = first[axis];
  }
  return false;
}

bool all_zero(std::span<const std::byte> bytes) {
  // A byte against its neighbour: memcmp compares as fast as memory goes.
  return bytes.empty() ||
         (bytes[0] == std::byte{} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Result<void> write_at(const std::filesystem::path& path, int flags, std::uint64_t offset,
                      std::span<const std::byte> bytes) {
  int opened = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
  if (opened < 0 && errno == ENOENT && (flags & O_CREAT)) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    opened = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
  }
  const Descriptor file(opened);
  if (file.get() < 0) return fail(ErrorCode::Io, "{}: {}", path.string(), std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::Io, "{}: {}", path.string(), std::strerror(errno));
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

/// One object while its chunks come in.
struct LevelWriter::Shard {
  std::uint64_t object = 0;
  std::mutex mutex;
  std::vector<std::uint64_t> index;  ///< offset and size of each chunk
  std::uint64_t end = 0;             ///< where the next chunk goes
  std::uint64_t missing = 0;         ///< chunks still to come
  bool created = false;
  std::vector<ValueRange> ranges;  ///< level 0, by channel
};

LevelWriter::LevelWriter(Place place, const SourceInfo& source, const Pyramid& pyramid, const Encoding& encoding,
                         ImportLog& log)
    : place_(std::move(place)), source_(source), level_(pyramid.levels[place_.level]), encoding_(encoding), log_(log) {
  for (std::size_t axis = 0; axis < level_.shape.size(); ++axis) {
    chunk_grid_.push_back(ceil_div(level_.shape[axis], level_.chunk[axis]));
    shard_grid_.push_back(ceil_div(level_.shape[axis], level_.shard[axis]));
    chunks_per_shard_.push_back(level_.shard[axis] / level_.chunk[axis]);
  }
  sharded_ = level_.shard != level_.chunk;
  objects_ = count_of(shard_grid_);
  finished_.resize(objects_);
  ranges_.resize(place_.level == 0 ? static_cast<std::size_t>(channel_count(source)) : 0);
}

std::vector<ValueRange> LevelWriter::ranges() const {
  const std::lock_guard lock(mutex_);
  return ranges_;
}

LevelWriter::~LevelWriter() = default;

void LevelWriter::mark_finished(const FinishedObject& object) {
  const std::lock_guard lock(mutex_);
  if (object.object < objects_) finished_[object.object] = true;
}

bool LevelWriter::is_finished(const Shape& start, const Shape& extent) const {
  Shape first(start.size());
  Shape end(start.size());
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    first[axis] = start[axis] / level_.shard[axis];
    end[axis] = ceil_div(start[axis] + extent[axis], level_.shard[axis]);
  }
  Shape at = first;
  const std::lock_guard lock(mutex_);
  do {
    if (!finished_[linear(shard_grid_, at)]) return false;
  } while (next_in(first, end, at));
  return true;
}

/// Null when it is finished already.
std::shared_ptr<LevelWriter::Shard> LevelWriter::shard_of(std::uint64_t object) {
  const std::lock_guard lock(mutex_);
  if (finished_[object]) return nullptr;
  std::shared_ptr<Shard>& shard = open_[object];
  if (!shard) {
    shard = std::make_shared<Shard>();
    shard->object = object;
    shard->index.assign(2 * count_of(chunks_per_shard_), kMissing);
    shard->missing = 1;
    const Shape at = position(shard_grid_, object);
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      const std::int64_t first = at[axis] * chunks_per_shard_[axis];
      shard->missing *= static_cast<std::uint64_t>(std::min(chunks_per_shard_[axis], chunk_grid_[axis] - first));
    }
    if (place_.level == 0) shard->ranges.resize(static_cast<std::size_t>(channel_count(source_)));
  }
  return shard;
}

Result<void> LevelWriter::put(const Shape& start, const Shape& extent, const std::byte* voxels,
                              EncodeScratch& scratch) {
  Shape first(start.size());
  Shape end(start.size());
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    first[axis] = start[axis] / level_.chunk[axis];
    end[axis] = ceil_div(start[axis] + extent[axis], level_.chunk[axis]);
  }
  Shape chunk = first;
  do {
    ND_TRY(put_chunk(chunk, start, extent, voxels, scratch));
  } while (next_in(first, end, chunk));
  return {};
}

Result<void> LevelWriter::put_chunk(const Shape& chunk, const Shape& start, const Shape& extent,
                                    const std::byte* voxels, EncodeScratch& scratch) {
  const std::size_t ndim = chunk.size();
  const Shape zero(ndim, 0);
  Shape at_shard(ndim), inner(ndim), within(ndim), part(ndim);
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    at_shard[axis] = chunk[axis] / chunks_per_shard_[axis];
    inner[axis] = chunk[axis] % chunks_per_shard_[axis];
    within[axis] = chunk[axis] * level_.chunk[axis] - start[axis];
    part[axis] = std::min(level_.chunk[axis], extent[axis] - within[axis]);
  }
  const std::shared_ptr<Shard> shard = shard_of(linear(shard_grid_, at_shard));
  if (!shard) return {};
  const std::size_t bytes = count_of(level_.chunk) * source_.voxel_bytes();
  std::span<const std::byte> whole(voxels, bytes);
  std::span<const std::byte> inside = whole;
  if (part != extent || part != level_.chunk) {
    if (part != level_.chunk) {
      scratch.chunk.assign(bytes, std::byte{});
    } else {
      scratch.chunk.resize(bytes);
    }
    image::copy_box(part, source_.voxel_bytes(), voxels, {extent, within}, scratch.chunk.data(), {level_.chunk, zero});
    whole = scratch.chunk;
  }
  if (place_.level == 0) {
    // Zeros past the array's edge are no voxels: ranges are taken before padding.
    std::vector<std::byte> edge;
    const std::byte* of = whole.data();
    if (part != level_.chunk) {
      edge.resize(count_of(part) * source_.voxel_bytes());
      image::copy_box(part, source_.voxel_bytes(), voxels, {extent, within}, edge.data(), {part, zero});
      of = edge.data();
    }
    const auto axis = channel_axis(source_);
    const auto ranges = value_ranges(source_.dtype, of, part, axis);
    const std::size_t first_channel = axis ? static_cast<std::size_t>(chunk[*axis] * level_.chunk[*axis]) : 0;
    const std::lock_guard lock(shard->mutex);
    for (std::size_t c = 0; c < ranges.size(); ++c) shard->ranges[first_channel + c].join(ranges[c]);
  }
  if (!all_zero(whole)) ND_TRY(store(*shard, linear(chunks_per_shard_, inner), encode(whole, scratch)));
  bool last = false;
  {
    const std::lock_guard lock(shard->mutex);
    ND_CHECK(shard->missing > 0, "a chunk came twice");
    last = --shard->missing == 0;
  }
  return last ? finish(*shard) : Result<void>{};
}

std::span<const std::byte> LevelWriter::encode(std::span<const std::byte> chunk, EncodeScratch& scratch) const {
  scratch.encoded.resize(chunk.size() + BLOSC_MAX_OVERHEAD);
  const std::size_t voxel = source_.voxel_bytes();
  const int written =
      blosc_compress_ctx(encoding_.level, voxel > 1 ? BLOSC_SHUFFLE : BLOSC_NOSHUFFLE, voxel, chunk.size(),
                         chunk.data(), scratch.encoded.data(), scratch.encoded.size(), "zstd", 0, 1);
  ND_CHECK(written > 0, "blosc refused a chunk that fits its buffer");
  return std::span<const std::byte>(scratch.encoded).first(static_cast<std::size_t>(written));
}

std::filesystem::path LevelWriter::path_of(const Shard& shard) const {
  return place_.root / object_key(encoding_.format, place_.level, position(shard_grid_, shard.object));
}

Result<void> LevelWriter::store(Shard& shard, std::size_t inner, std::span<const std::byte> encoded) {
  std::uint64_t offset = 0;
  std::filesystem::path path = path_of(shard);
  path += ".part";
  bool create = false;
  {
    const std::lock_guard lock(shard.mutex);
    offset = shard.end;
    shard.end += encoded.size();
    shard.index[2 * inner] = offset;
    shard.index[2 * inner + 1] = encoded.size();
    // The first one clears what a killed import left; the others wait for it here.
    create = !shard.created;
    if (create) {
      ND_TRY(write_at(path, O_CREAT | O_TRUNC, offset, encoded));
      shard.created = true;
    }
  }
  bytes_written_ += encoded.size();
  return create ? Result<void>{} : write_at(path, 0, offset, encoded);
}

Result<void> LevelWriter::finish(Shard& shard) {
  if (shard.created) {
    const std::filesystem::path path = path_of(shard);
    std::filesystem::path part = path;
    part += ".part";
    if (sharded_) {
      // Little endian, as the metadata says; see the static_assert below.
      std::vector<std::byte> index(shard.index.size() * sizeof(std::uint64_t) + sizeof(std::uint32_t));
      const std::size_t body = shard.index.size() * sizeof(std::uint64_t);
      std::memcpy(index.data(), shard.index.data(), body);
      const std::uint32_t crc = image::crc32c(std::span(index).first(body));
      std::memcpy(index.data() + body, &crc, sizeof crc);
      ND_TRY(write_at(part, 0, shard.end, index));
      bytes_written_ += index.size();
    }
    std::error_code error;
    std::filesystem::rename(part, path, error);
    if (error) return fail(ErrorCode::Io, "{}: {}", path.string(), error.message());
  }
  FinishedObject object{place_.level, shard.object, {}};
  for (std::size_t channel = 0; channel < shard.ranges.size(); ++channel) {
    if (!shard.ranges[channel].empty()) object.ranges.emplace_back(channel, shard.ranges[channel]);
  }
  ND_TRY(log_.add(object));
  const std::lock_guard lock(mutex_);
  for (const auto& [channel, range] : object.ranges) ranges_[channel].join(range);
  finished_[shard.object] = true;
  open_.erase(shard.object);
  return {};
}

static_assert(std::endian::native == std::endian::little, "voxels and indices are written as they lie in memory");

}  // namespace ndcast::convert
