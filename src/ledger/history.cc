#include "ledger/history.h"

#include <algorithm>
#include <map>
#include <type_traits>

#include "base/check.h"

namespace ndcast::ledger {
namespace {

// What a value keeps on the heap, about: strings and vectors dominate, allocator overhead is left out.
std::size_t heap_bytes(const std::string& text) { return text.size(); }
template <class T>
  requires std::is_trivially_copyable_v<T>
std::size_t heap_bytes(const T&) {
  return 0;
}
template <class T>
std::size_t heap_bytes(const std::vector<T>& list) {
  std::size_t bytes = list.size() * sizeof(T);
  for (const T& element : list) bytes += heap_bytes(element);
  return bytes;
}
std::size_t heap_bytes(const scene::Axis& axis) { return heap_bytes(axis.label) + heap_bytes(axis.unit); }
std::size_t heap_bytes(const scene::AxesSpec& spec) {
  std::size_t bytes = spec.axes.size() * sizeof(scene::Axis);
  for (const scene::Axis& axis : spec.axes) bytes += heap_bytes(axis);
  return bytes;
}
std::size_t heap_bytes(const scene::Source& source) {
  return heap_bytes(source.uri) + heap_bytes(source.name) + heap_bytes(source.message);
}
std::size_t heap_bytes(const scene::LayerMeta& meta) {
  std::size_t bytes = heap_bytes(meta.uri) + heap_bytes(meta.dtype) + meta.levels.size() * sizeof(scene::LevelInfo);
  for (const scene::LevelInfo& level : meta.levels) bytes += heap_bytes(level.shape) + heap_bytes(level.downsample);
  return bytes;
}
std::size_t heap_bytes(const scene::ViewMeta& meta) { return heap_bytes(meta.name) + heap_bytes(meta.owner); }
std::size_t heap_bytes(const scene::LodShown& shown) { return heap_bytes(shown.reason); }
template <class Pose>
std::size_t heap_bytes(const scene::RestoreCache<Pose>& cache) {
  return heap_bytes(cache.index);
}
std::size_t heap_bytes(const scene::StreamConfig& config) {
  return heap_bytes(config.codec) + heap_bytes(config.avcc_base64);
}

std::size_t bytes_of(const ToldRegister& told) {
  return sizeof(ToldRegister) + sizeof(Author) + heap_bytes(told.id.target) + heap_bytes(told.id.view) +
         std::visit([](const auto& value) { return heap_bytes(value); }, told.content.value);
}

}  // namespace

std::vector<ToldRegister> read_registers(const Ledger& ledger, const Flush& flush) {
  std::vector<ToldRegister> values;
  values.reserve(flush.registers.size());
  for (const scene::RegisterId& id : flush.registers) {
    if (const Register* live = ledger.find(id)) {
      values.push_back({id, *live});
    } else {
      values.push_back({id, {.value = scene::Gone{}, .version = flush.to}});
    }
  }
  return values;
}

void History::append(const Flush& flush, std::vector<ToldRegister> values) {
  ND_CHECK(values.size() == flush.registers.size(), "a value for each register of the flush");
  ND_CHECK(entries_.empty() || entries_.back().to == flush.from, "flushes follow each other");
  Entry entry{.from = flush.from, .to = flush.to, .bytes = sizeof(Entry), .values = std::move(values)};
  for (const ToldRegister& told : entry.values) entry.bytes += bytes_of(told);
  bytes_ += entry.bytes;
  entries_.push_back(std::move(entry));
  prune();
}

std::uint64_t History::commits() const { return entries_.empty() ? 0 : entries_.back().to - entries_.front().from; }

void History::prune() {
  while (!entries_.empty() && (bytes_ > limits_.bytes || commits() > limits_.commits)) {
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
}

std::optional<std::vector<ToldRegister>> History::since(std::uint64_t server_seq) const {
  if (entries_.empty() || server_seq < entries_.front().from) return std::nullopt;
  std::map<scene::RegisterId, const ToldRegister*> merged;
  for (const Entry& entry : entries_) {
    // An op may close without a commit of its own; who is at `to` need not have what it released.
    const bool is_empty_span = entry.from == entry.to;
    if (entry.to < server_seq || (entry.to == server_seq && !is_empty_span)) continue;
    for (const ToldRegister& told : entry.values) merged[told.id] = &told;
  }
  std::vector<ToldRegister> missed;
  missed.reserve(merged.size());
  for (const auto& [id, told] : merged) missed.push_back(*told);
  return missed;
}

}  // namespace ndcast::ledger
