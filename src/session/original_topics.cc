#include "session/original_topics.h"

#include <algorithm>

#include "base/ids.h"
#include "base/limits.h"

namespace ndcast::session {
namespace {

protocol::Cursor first_cursor() { return {.seq = 0, .delta_token = random_hex(16)}; }

}  // namespace

OriginalTopics::OriginalTopics() { start_epoch(); }

void OriginalTopics::start_epoch() {
  std::ranges::generate(cursors_, first_cursor);
  layers_.clear();
  layers_bytes_ = 0;
  before_layers_ = current(Topic::Layers);
}

protocol::Cursor OriginalTopics::advance(Topic topic) {
  protocol::Cursor& cursor = cursors_[static_cast<std::size_t>(topic)];
  const std::int64_t seq = topic == Topic::Scene ? 0 : cursor.seq + 1;
  cursor = {.seq = seq, .delta_token = random_hex(16)};
  return cursor;
}

protocol::Cursor OriginalTopics::advance_layers(const Json& payload, MonotonicTime now) {
  const protocol::Cursor cursor = advance(Topic::Layers);
  layers_.push_back({cursor, payload, now, to_string(payload).size()});
  layers_bytes_ += layers_.back().bytes;
  prune(now);
  return cursor;
}

void OriginalTopics::prune(MonotonicTime now) {
  const auto is_surplus = [&] {
    const bool is_old = layers_.size() > limits::kLayersDeltas && now - layers_.front().at > limits::kLayersDeltaAge;
    return is_old || layers_bytes_ > limits::kHistoryBytes;
  };
  while (!layers_.empty() && is_surplus()) {
    before_layers_ = layers_.front().cursor;
    layers_bytes_ -= layers_.front().bytes;
    layers_.pop_front();
  }
}

std::optional<protocol::Cursor> OriginalTopics::known(Topic topic, std::string_view token) const {
  if (token.empty()) return std::nullopt;
  if (current(topic).delta_token == token) return current(topic);
  if (topic != Topic::Layers) return std::nullopt;
  if (before_layers_.delta_token == token) return before_layers_;
  const auto it = std::ranges::find(
      layers_, token, [](const LayersDelta& delta) -> std::string_view { return delta.cursor.delta_token; });
  if (it == layers_.end()) return std::nullopt;
  return it->cursor;
}

std::optional<std::vector<OriginalTopics::LayersDelta>> OriginalTopics::layers_after(std::string_view token) const {
  const std::optional<protocol::Cursor> from = known(Topic::Layers, token);
  if (!from) return std::nullopt;
  std::vector<LayersDelta> deltas;
  std::ranges::copy_if(layers_, std::back_inserter(deltas),
                       [&](const LayersDelta& delta) { return delta.cursor.seq > from->seq; });
  return deltas;
}

}  // namespace ndcast::session
