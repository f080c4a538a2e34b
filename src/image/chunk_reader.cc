#include "image/chunk_reader.h"

#include "base/limits.h"

namespace ndcast::image {

/// One read, as it goes through the steps below.
struct ChunkReader::Reading {
  ReadCost& cost;
  const ReadOptions& options;
  bool fresh = false;                 ///< take no index from the cache: the last try went wrong
  bool used_index = false;            ///< of a shard's generation that may be gone
  const Version* expected = nullptr;  ///< which generation the object has to be of; null: any
};

/// An inner chunk of a shard, for a read of several.
struct ChunkReader::Wanted {
  std::size_t number = 0;  ///< among those asked for
  ShardEntry entry;
};

/// Where a chain's stored bytes are: an object, a range of one, or memory (a shard that had to be decoded whole).
class ChunkReader::Source {
 public:
  Source(const Store& store, std::string key) : store_(&store), key_(std::move(key)) {}
  Source(std::string key, std::shared_ptr<const Bytes> memory)
      : key_(std::move(key)), length_(memory->size()), memory_(std::move(memory)) {}

  /// Names the bytes uniquely within the array.
  std::string name() const { return length_ ? fmt::format("{}[{}+{}]", key_, offset_, *length_) : key_; }
  bool in_memory() const { return memory_ != nullptr; }

  /// `range` is relative to this source. Nothing when the object is not there.
  Result<std::optional<StoredBytes>> get(ByteRange range, Reading& reading) const {
    if (memory_) {
      ND_ASSIGN(Bytes bytes, from_memory(range));
      return StoredBytes{std::move(bytes), {}};
    }
    if (length_) {
      ND_ASSIGN(const ByteRange::Resolved span, range.resolve(*length_, name()));
      range = ByteRange::slice(offset_ + span.offset, span.length);
    }
    ND_ASSIGN(std::optional<StoredBytes> stored, store_->read(key_, range, reading.options.stop));
    if (stored) reading.cost.bytes_read += stored->bytes.size();
    if (reading.expected && (!stored || stored->version != *reading.expected)) {
      return fail(ErrorCode::Corrupt, "{}: was rewritten while it was read", key_);
    }
    return stored;
  }

  /// Errors: Corrupt when the entry reaches outside this source (where its length is known; the store checks the rest).
  Result<Source> part(const ShardEntry& entry) const {
    if (length_) ND_TRY(ByteRange::slice(entry.offset, entry.nbytes).resolve(*length_, name()));
    Source out = *this;
    if (__builtin_add_overflow(offset_, entry.offset, &out.offset_)) {
      return fail(ErrorCode::Corrupt, "{}: an inner chunk at byte {}", name(), entry.offset);
    }
    out.length_ = entry.nbytes;
    return out;
  }

 private:
  Result<Bytes> from_memory(ByteRange range) const {
    ND_ASSIGN(const ByteRange::Resolved span, range.resolve(*length_, name()));
    const auto first = memory_->begin() + static_cast<std::ptrdiff_t>(offset_ + span.offset);
    return Bytes(first, first + static_cast<std::ptrdiff_t>(span.length));
  }

  const Store* store_ = nullptr;
  std::string key_;
  std::uint64_t offset_ = 0;
  std::optional<std::uint64_t> length_;
  std::shared_ptr<const Bytes> memory_;
};

namespace {

/// Decoded indices that one array keeps: some hundred shards of 16³ inner chunks, or four of 64³.
constexpr std::size_t kIndexCacheBytes = std::size_t{16} << 20;

std::unexpected<Error> at_key(std::string_view key, const Error& error) {
  if (error.message.starts_with(key)) return std::unexpected(error);
  return fail(error.code, "{}: {}", key, error.message);
}

/// Reads of a shard that is being rewritten: each sees one generation, and the writer is done soon.
constexpr int kAttempts = 3;
/// Inner chunks of a shard come in one read when so little lies between them: over a network a request costs as much as
/// this (20 ms at 25 Mbit/s).
constexpr std::uint64_t kGapBytes = 64 * 1024;
/// But a read of several is no longer than this, so that the first does not wait for the last.
constexpr std::uint64_t kRunBytes = std::uint64_t{8} << 20;

class DecodeSlot {
 public:
  explicit DecodeSlot(std::counting_semaphore<>* decoders) : decoders_(decoders) {
    if (decoders_) decoders_->acquire();
  }
  ~DecodeSlot() {
    if (decoders_) decoders_->release();
  }
  DecodeSlot(const DecodeSlot&) = delete;
  DecodeSlot& operator=(const DecodeSlot&) = delete;

 private:
  std::counting_semaphore<>* decoders_;
};

ChunkPtr chunk_of(std::optional<Bytes> voxels) {
  auto chunk = std::make_shared<DecodedChunk>();
  chunk->is_fill = !voxels.has_value();
  if (voxels) chunk->data = *std::move(voxels);
  return chunk;
}

/// Which inner chunk of a shard holds the voxel at `origin` (in the shard, axes as the inner codecs see them); `origin`
/// becomes the voxel's place in that one.
std::size_t inner_chunk(const Sharding& sharding, std::vector<std::int64_t>& origin) {
  std::size_t linear = 0;
  for (std::size_t axis = 0; axis < origin.size(); ++axis) {
    const std::int64_t inner = origin[axis] / sharding.inner_shape[axis];
    origin[axis] %= sharding.inner_shape[axis];
    linear = linear * static_cast<std::size_t>(sharding.chunks_per_shard[axis]) + static_cast<std::size_t>(inner);
  }
  return linear;
}

/// Applies `order` as transpose does: encoded axis i is decoded axis order[i].
void permute(std::vector<std::int64_t>& values, const CodecChain& chain) {
  for (const auto& codec : chain.array_codecs) {
    const std::vector<std::size_t>& order = *codec->axis_order();
    std::vector<std::int64_t> out(values.size());
    for (std::size_t i = 0; i < order.size(); ++i) out[i] = values[order[i]];
    values = std::move(out);
  }
}

/// Undoes a shard's transposes on one inner chunk: a block of the transposed array is the transposed block.
Result<Bytes> unpermute_unit(const CodecChain& chain, Bytes voxels) {
  if (chain.array_codecs.empty()) return voxels;
  std::vector<ArraySpec> specs{{chain.decoded.dtype, chain.unit_shape()}};
  for (const auto& codec : chain.array_codecs) {
    ND_ASSIGN(ArraySpec encoded, codec->encoded(specs.back()));
    specs.push_back(std::move(encoded));
  }
  for (std::size_t i = chain.array_codecs.size(); i-- > 0;) {
    ND_ASSIGN(voxels, chain.array_codecs[i]->decode(std::move(voxels), specs[i]));
  }
  return voxels;
}

}  // namespace

ChunkReader::ChunkReader(std::shared_ptr<const Store> store, std::string path, const ArrayMetadata& metadata)
    : store_(std::move(store)),
      path_(std::move(path)),
      metadata_(metadata),
      indices_(std::make_unique<ShardIndexCache>(kIndexCacheBytes)) {}

/// The key of the object that holds a chunk, and where in the object, in voxels, the chunk starts.
std::string ChunkReader::object_of(std::span<const std::int64_t> position, std::vector<std::int64_t>& origin) const {
  std::vector<std::int64_t> object(position.size());
  origin.resize(position.size());
  for (std::size_t axis = 0; axis < position.size(); ++axis) {
    const std::int64_t voxel = position[axis] * metadata_.chunk_shape[axis];
    object[axis] = voxel / metadata_.object_shape[axis];
    origin[axis] = voxel % metadata_.object_shape[axis];
  }
  return join_key(path_, metadata_.object_key(object));
}

Result<ChunkPtr> ChunkReader::read(std::span<const std::int64_t> position, ReadCost& cost,
                                   const ReadOptions& options) const {
  std::vector<std::int64_t> origin;
  const std::string key = object_of(position, origin);
  for (int attempt = 1;; ++attempt) {
    Reading reading{cost, options, attempt > 1};
    auto voxels = read_chain(metadata_.chain, Source(*store_, key), origin, reading);
    if (voxels) return chunk_of(*std::move(voxels));
    // What an index says of another generation of its shard is anything: a failure counts when the index is fresh.
    const bool again = reading.used_index && voxels.error().code != ErrorCode::Cancelled && attempt < kAttempts;
    if (!again) return at_key(key, voxels.error());
  }
}

std::vector<Result<ChunkPtr>> ChunkReader::read_together(std::span<const std::vector<std::int64_t>> positions,
                                                         ReadCost& cost, const ReadOptions& options) const {
  std::vector<std::optional<Result<ChunkPtr>>> out(positions.size());
  const CodecChain& chain = metadata_.chain;
  if (chain.sharding && chain.bytes_codecs.empty() && !chain.sharding->inner.sharding) {
    std::vector<std::int64_t> origin;
    const Source shard(*store_, object_of(positions.front(), origin));
    Reading reading{cost, options};
    const Result<ShardIndexPtr> index = read_index(*chain.sharding, shard, reading);
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; index && *index && i < positions.size(); ++i) {
      object_of(positions[i], origin);
      permute(origin, chain);
      const auto entry = (*index)->entry(inner_chunk(*chain.sharding, origin));
      if (!entry) out[i] = chunk_of(std::nullopt);
      if (entry) wanted.push_back({i, *entry});
    }
    std::ranges::sort(wanted, {}, [](const Wanted& each) { return each.entry.offset; });
    for (std::size_t first = 0, last = 0; first < wanted.size(); first = last) {
      const ShardEntry& start = wanted[first].entry;
      std::uint64_t end = start.offset;
      for (last = first; last < wanted.size(); ++last) {
        const ShardEntry& entry = wanted[last].entry;
        // A hostile index: whatever overflows is read, and refused, alone.
        std::uint64_t entry_end = 0;
        if (__builtin_add_overflow(entry.offset, entry.nbytes, &entry_end)) break;
        if (last > first && (entry.offset > end + kGapBytes || entry_end - start.offset > kRunBytes)) break;
        end = std::max(end, entry_end);
      }
      if (last > first + 1) {
        read_run(std::span(wanted).subspan(first, last - first), shard, (*index)->version(), reading, out);
      }
      last = std::max(last, first + 1);
    }
  }
  std::vector<Result<ChunkPtr>> results;
  results.reserve(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Alone, in a shape that is not read together, or something was wrong with the run: each for itself.
    results.push_back(out[i] ? *std::move(out[i]) : read(positions[i], cost, options));
  }
  return results;
}

void ChunkReader::read_run(std::span<const Wanted> run, const Source& shard, const Version& version, Reading& reading,
                           std::vector<std::optional<Result<ChunkPtr>>>& out) const {
  const CodecChain& chain = metadata_.chain;
  std::uint64_t end = 0;
  for (const Wanted& each : run) end = std::max(end, each.entry.offset + each.entry.nbytes);
  const std::uint64_t start = run.front().entry.offset;
  reading.expected = &version;
  auto stored = shard.get(ByteRange::slice(start, end - start), reading);
  reading.expected = nullptr;
  if (!stored || !*stored) return;
  const Bytes& bytes = (*stored)->bytes;
  for (const Wanted& each : run) {
    if (each.entry.nbytes > chain.sharding->inner.stored_size().bytes) continue;
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(each.entry.offset - start);
    const DecodeSlot slot(reading.options.decoders);
    Result<Bytes> voxels =
        chain.sharding->inner.decode(Bytes(first, first + static_cast<std::ptrdiff_t>(each.entry.nbytes)));
    if (voxels) voxels = unpermute_unit(chain, *std::move(voxels));
    if (voxels) out[each.number] = chunk_of(*std::move(voxels));
  }
}

Result<bool> ChunkReader::stored(std::span<const std::int64_t> position) const {
  std::vector<std::int64_t> origin;
  ND_ASSIGN(const auto size, store_->size(object_of(position, origin)));
  return size.has_value();
}

Result<std::optional<Bytes>> ChunkReader::read_chain(const CodecChain& chain, const Source& source,
                                                     std::vector<std::int64_t> origin, Reading& reading) const {
  if (chain.sharding && chain.bytes_codecs.empty()) return read_shard(chain, source, std::move(origin), reading);
  ND_ASSIGN(std::optional<StoredBytes> stored, source.get(ByteRange::whole(chain.stored_size().bytes), reading));
  if (!stored) return std::nullopt;
  if (!chain.sharding) {
    const DecodeSlot slot(reading.options.decoders);
    ND_ASSIGN(Bytes voxels, chain.decode(std::move(stored->bytes)));
    return voxels;
  }
  // Codecs around a shard (rare) leave no ranges to read: the shard is decoded whole.
  ND_ASSIGN(Bytes shard, chain.decode_bytes(std::move(stored->bytes)));
  const Source decoded(source.name(), std::make_shared<const Bytes>(std::move(shard)));
  return read_shard(chain, decoded, std::move(origin), reading);
}

Result<std::optional<Bytes>> ChunkReader::read_shard(const CodecChain& chain, const Source& source,
                                                     std::vector<std::int64_t> origin, Reading& reading) const {
  const Sharding& sharding = *chain.sharding;
  ND_ASSIGN(const ShardIndexPtr index, read_index(sharding, source, reading));
  if (!index) return std::nullopt;
  permute(origin, chain);
  const std::optional<ShardEntry> entry = index->entry(inner_chunk(sharding, origin));
  if (!entry) return std::nullopt;
  ND_ASSIGN(const Source part, source.part(*entry));
  reading.used_index = true;
  if (!source.in_memory()) reading.expected = &index->version();
  auto inner = read_chain(sharding.inner, part, std::move(origin), reading);
  reading.expected = nullptr;
  if (!inner) return std::unexpected(std::move(inner).error());
  if (!*inner) return std::nullopt;
  ND_ASSIGN(Bytes voxels, unpermute_unit(chain, **std::move(inner)));
  return voxels;
}

Result<ShardIndexPtr> ChunkReader::read_index(const Sharding& sharding, const Source& source, Reading& reading) const {
  const std::string name = source.name();
  if (!source.in_memory() && !reading.fresh) {
    if (ShardIndexPtr known = indices_->find(name)) return known;
  }
  const std::uint64_t bytes = sharding.index_stored_bytes();
  const ByteRange range = sharding.index_at_start ? ByteRange::slice(0, bytes) : ByteRange::suffix(bytes);
  ND_ASSIGN(std::optional<StoredBytes> stored, source.get(range, reading));
  if (!stored) return nullptr;
  auto words = sharding.index.decode(std::move(stored->bytes));
  if (!words) return fail(words.error().code, "{}: index: {}", name, words.error().message);
  auto index = std::make_shared<const ShardIndex>(*std::move(words), std::move(stored->version));
  if (!source.in_memory()) indices_->insert(name, index);
  return index;
}

}  // namespace ndcast::image
