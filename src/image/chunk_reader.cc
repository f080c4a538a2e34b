#include "image/chunk_reader.h"

#include "base/limits.h"

namespace ndcast::image {

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
  Result<std::optional<Bytes>> get(ByteRange range, ReadCost& cost) const {
    if (memory_) return from_memory(range);
    if (length_) {
      ND_ASSIGN(const ByteRange::Resolved span, range.resolve(*length_, name()));
      range = ByteRange::slice(offset_ + span.offset, span.length);
    }
    ND_ASSIGN(std::optional<Bytes> bytes, store_->get(key_, range));
    if (bytes) cost.bytes_read += bytes->size();
    return bytes;
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
  Result<std::optional<Bytes>> from_memory(ByteRange range) const {
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

Result<ChunkPtr> ChunkReader::read(std::span<const std::int64_t> position, ReadCost& cost) const {
  std::vector<std::int64_t> origin;
  const std::string key = object_of(position, origin);
  auto voxels = read_chain(metadata_.chain, Source(*store_, key), std::move(origin), cost);
  if (!voxels) return at_key(key, voxels.error());
  auto chunk = std::make_shared<DecodedChunk>();
  chunk->is_fill = !voxels->has_value();
  if (*voxels) chunk->data = **std::move(voxels);
  return chunk;
}

Result<bool> ChunkReader::stored(std::span<const std::int64_t> position) const {
  std::vector<std::int64_t> origin;
  ND_ASSIGN(const auto size, store_->size(object_of(position, origin)));
  return size.has_value();
}

Result<std::optional<Bytes>> ChunkReader::read_chain(const CodecChain& chain, const Source& source,
                                                     std::vector<std::int64_t> origin, ReadCost& cost) const {
  if (chain.sharding && chain.bytes_codecs.empty()) return read_shard(chain, source, std::move(origin), cost);
  ND_ASSIGN(std::optional<Bytes> stored, source.get(ByteRange::whole(chain.stored_size().bytes), cost));
  if (!stored) return std::nullopt;
  if (!chain.sharding) {
    ND_ASSIGN(Bytes voxels, chain.decode(*std::move(stored)));
    return voxels;
  }
  // Codecs around a shard (rare) leave no ranges to read: the shard is decoded whole.
  ND_ASSIGN(Bytes shard, chain.decode_bytes(*std::move(stored)));
  const Source decoded(source.name(), std::make_shared<const Bytes>(std::move(shard)));
  return read_shard(chain, decoded, std::move(origin), cost);
}

Result<std::optional<Bytes>> ChunkReader::read_shard(const CodecChain& chain, const Source& source,
                                                     std::vector<std::int64_t> origin, ReadCost& cost) const {
  const Sharding& sharding = *chain.sharding;
  ND_ASSIGN(const ShardIndexPtr index, read_index(sharding, source, cost));
  if (!index) return std::nullopt;
  permute(origin, chain);
  std::size_t linear = 0;
  for (std::size_t axis = 0; axis < origin.size(); ++axis) {
    const std::int64_t inner = origin[axis] / sharding.inner_shape[axis];
    origin[axis] %= sharding.inner_shape[axis];
    linear = linear * static_cast<std::size_t>(sharding.chunks_per_shard[axis]) + static_cast<std::size_t>(inner);
  }
  const std::optional<ShardEntry> entry = index->entry(linear);
  if (!entry) return std::nullopt;
  ND_ASSIGN(const Source part, source.part(*entry));
  ND_ASSIGN(std::optional<Bytes> inner, read_chain(sharding.inner, part, std::move(origin), cost));
  if (!inner) return std::nullopt;
  ND_ASSIGN(Bytes voxels, unpermute_unit(chain, *std::move(inner)));
  return voxels;
}

Result<ShardIndexPtr> ChunkReader::read_index(const Sharding& sharding, const Source& source, ReadCost& cost) const {
  const std::string name = source.name();
  if (!source.in_memory()) {
    if (ShardIndexPtr known = indices_->find(name)) return known;
  }
  const std::uint64_t bytes = sharding.index_stored_bytes();
  const ByteRange range = sharding.index_at_start ? ByteRange::slice(0, bytes) : ByteRange::suffix(bytes);
  ND_ASSIGN(std::optional<Bytes> stored, source.get(range, cost));
  if (!stored) return nullptr;
  auto words = sharding.index.decode(*std::move(stored));
  if (!words) return fail(words.error().code, "{}: index: {}", name, words.error().message);
  auto index = std::make_shared<const ShardIndex>(*std::move(words));
  if (!source.in_memory()) indices_->insert(name, index);
  return index;
}

}  // namespace ndcast::image
