#include "session/original_mirror.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/ids.h"
#include "ledger/compose.h"
#include "protocol/original.h"

namespace ndcast::session {
namespace {

using namespace scene;
using AuthorPtr = std::shared_ptr<const ledger::Author>;

/// Author of the newest of the changed registers that `belongs` picks; null for the server's own.
template <class Predicate>
AuthorPtr newest_author(const std::vector<ledger::ToldRegister>& values, Predicate belongs) {
  const ledger::ToldRegister* newest = nullptr;
  for (const ledger::ToldRegister& told : values) {
    if (belongs(told.id) && (!newest || told.content.version > newest->content.version)) newest = &told;
  }
  if (!newest || !newest->content.author || newest->content.author->intent_id.empty()) return nullptr;
  return newest->content.author;
}

std::string_view topic_name(Topic topic) { return to_string(topic); }

/// Of a baseline's layers only the last tells a token that a resume knows: who lost the connection before it has not
/// been told all of them, and is to get the baseline again.
void mark_unfinished(std::vector<Notice>& notices) {
  bool is_last = true;
  for (auto notice = notices.rbegin(); notice != notices.rend(); ++notice) {
    if (notice->type != topic_name(Topic::Layers)) continue;
    if (!std::exchange(is_last, false)) notice->cursor->delta_token = random_hex(16);
  }
}

}  // namespace

std::map<std::string, protocol::Cursor> OriginalMirror::known_cursors(
    const std::map<std::string, std::optional<std::string>>& tokens) const {
  std::map<std::string, protocol::Cursor> known;
  for (const Topic topic : {Topic::Scene, Topic::Level, Topic::Layers, Topic::Stream}) {
    const auto presented = tokens.find(std::string(topic_name(topic)));
    if (presented == tokens.end() || !presented->second) continue;
    if (auto cursor = topics_.known(topic, *presented->second)) known.emplace(topic_name(topic), *std::move(cursor));
  }
  return known;
}

void OriginalMirror::adopt(const ledger::Ledger& ledger) {
  if (snapshot_) return;
  told_ = ledger.registers();
  snapshot_ = ledger.snapshot();
  if (can_tell()) remember_told();
}

void OriginalMirror::remember_told() {
  last_dims_ = protocol::dims_payload(*snapshot_, kMainView);
  last_level_ = protocol::level_payload(*snapshot_, kMainView);
  last_pose_ = protocol::camera_pose_payload(view());
}

bool OriginalMirror::can_tell() const { return snapshot_ && snapshot_->find_view(kMainView) != nullptr; }

const ViewState& OriginalMirror::view() const {
  const ViewState* view = snapshot_->find_view(kMainView);
  ND_CHECK(view != nullptr, "the told scene has a main view");
  return *view;
}

std::uint64_t OriginalMirror::version_of(const LayerId& layer, Key key) const {
  const auto it = told_.find(RegisterId{Scope::Layer, layer.value, key, {}});
  return it == told_.end() ? 0 : it->second.version;
}

std::vector<Notice> OriginalMirror::idle_baseline() const {
  SceneSnapshot idle;
  idle.source = std::make_shared<const Source>();
  idle.axes = std::make_shared<const AxesSpec>();
  const ViewState view{.id = kMainView,
                       .view = std::make_shared<const ViewBlock>(),
                       .index = std::make_shared<const IndexBlock>(),
                       .lod = std::make_shared<const LodBlock>(),
                       .camera = std::make_shared<const CameraBlock>(),
                       .stream = std::make_shared<const StreamConfig>()};
  idle.views.emplace(kMainView, view);
  const auto no_versions = [](const LayerId&, Key) { return std::uint64_t{0}; };
  const auto notice = [&](Topic topic, Json payload) {
    return Notice{std::string(topic_name(topic)), std::move(payload), topics_.current(topic), nullptr};
  };
  return {notice(Topic::Scene, protocol::scene_payload(idle, kMainView, no_versions)),
          {"notify.dims", protocol::dims_payload(idle, kMainView), std::nullopt, nullptr},
          notice(Topic::Level, protocol::level_payload(idle, kMainView)),
          {"notify.camera", protocol::camera_pose_payload(view), std::nullopt, nullptr}};
}

std::vector<Notice> OriginalMirror::baseline(std::string_view layers_token) const {
  ND_CHECK(can_tell(), "a baseline needs a scene");
  const auto versions = [this](const LayerId& layer, Key key) { return version_of(layer, key); };
  std::vector<Notice> out;
  const auto add = [&](Topic topic, Json payload) {
    out.push_back({std::string(topic_name(topic)), std::move(payload), topics_.current(topic), nullptr});
  };
  add(Topic::Scene, protocol::scene_payload(*snapshot_, kMainView, versions));
  out.push_back({"notify.dims", protocol::dims_payload(*snapshot_, kMainView), std::nullopt, nullptr});
  add(Topic::Level, protocol::level_payload(*snapshot_, kMainView));
  if (const auto deltas = topics_.layers_after(layers_token)) {
    for (const auto& delta : *deltas) {
      out.push_back({std::string(topic_name(Topic::Layers)), delta.payload, delta.cursor, nullptr});
    }
  } else {
    for (const auto& layer : snapshot_->layers)
      add(Topic::Layers, protocol::layers_payload(*snapshot_, kMainView, *layer, versions));
    mark_unfinished(out);
  }
  out.push_back({"notify.camera", protocol::camera_pose_payload(view()), std::nullopt, nullptr});
  if (auto stream = protocol::stream_payload(*view().stream)) add(Topic::Stream, *std::move(stream));
  return out;
}

void OriginalMirror::apply(const std::vector<ledger::ToldRegister>& values, std::uint64_t to) {
  std::vector<RegisterId> changed;
  changed.reserve(values.size());
  for (const ledger::ToldRegister& told : values) {
    changed.push_back(told.id);
    if (std::holds_alternative<Gone>(told.content.value)) {
      told_.erase(told.id);
    } else {
      told_.insert_or_assign(told.id, told.content);
    }
  }
  snapshot_ = ledger::compose(*snapshot_, told_, changed, to);
}

std::vector<Notice> OriginalMirror::on_flush(const std::vector<ledger::ToldRegister>& values, std::uint64_t to,
                                             MonotonicTime now) {
  if (!snapshot_) return {};
  const bool could_tell = can_tell();
  apply(values, to);
  if (!can_tell()) return {};
  const OriginalChanges changes = original_changes(values, kMainView);
  if (!changes.replaced && could_tell) return changed_notices(changes, values, now);
  topics_.start_epoch();
  remember_told();
  return baseline({});
}

std::vector<Notice> OriginalMirror::changed_notices(const OriginalChanges& changes,
                                                    const std::vector<ledger::ToldRegister>& values,
                                                    MonotonicTime now) {
  const auto versions = [this](const LayerId& layer, Key key) { return version_of(layer, key); };
  const auto author_of = [&](std::initializer_list<Scope> scopes) {
    return newest_author(values,
                         [&](const RegisterId& id) { return std::ranges::find(scopes, id.scope) != scopes.end(); });
  };
  std::vector<Notice> out;
  if (changes.scene) {
    out.push_back({"notify.scene", protocol::scene_payload(*snapshot_, kMainView, versions),
                   topics_.advance(Topic::Scene), author_of({Scope::Layer})});
  }
  if (changes.dims) {
    const AuthorPtr author = author_of({Scope::View, Scope::Dims});
    if (Json dims = protocol::dims_payload(*snapshot_, kMainView); dims != last_dims_) {
      last_dims_ = dims;
      out.push_back({"notify.dims", std::move(dims), std::nullopt, author});
    }
    if (Json level = protocol::level_payload(*snapshot_, kMainView); level != last_level_) {
      last_level_ = level;
      out.push_back({"notify.level", std::move(level), topics_.advance(Topic::Level), author});
    }
  }
  append_layers(changes, now, out);
  if (changes.camera) {
    if (Json pose = protocol::camera_pose_payload(view()); pose != last_pose_) {
      last_pose_ = pose;
      out.push_back({"notify.camera", std::move(pose), std::nullopt, nullptr});
    }
  }
  if (changes.stream) {
    if (auto stream = protocol::stream_payload(*view().stream)) {
      out.push_back({"notify.stream", *std::move(stream), topics_.advance(Topic::Stream), nullptr});
    }
  }
  return out;
}

void OriginalMirror::append_layers(const OriginalChanges& changes, MonotonicTime now, std::vector<Notice>& out) {
  const auto versions = [this](const LayerId& layer, Key key) { return version_of(layer, key); };
  for (const LayerId& id : changes.removed) {
    Json payload = protocol::layer_removed_payload(id);
    const protocol::Cursor cursor = topics_.advance_layers(payload, now);
    out.push_back({"notify.layers", std::move(payload), cursor, nullptr});
  }
  for (const auto& [id, keys] : changes.layers) {
    const LayerBlock* layer = snapshot_->find_layer(id);
    if (!layer) continue;
    const bool is_new = keys.contains(Key::Meta);
    Json payload = protocol::layers_payload(*snapshot_, kMainView, *layer, versions, is_new ? nullptr : &keys);
    const protocol::Cursor cursor = topics_.advance_layers(payload, now);
    const auto newest = std::ranges::max_element(keys, {}, [&](Key key) { return version_of(id, key); });
    AuthorPtr author = told_.at(RegisterId{Scope::Layer, id.value, *newest, {}}).author;
    if (author && author->intent_id.empty()) author = nullptr;
    out.push_back({"notify.layers", std::move(payload), cursor, std::move(author)});
  }
}

}  // namespace ndcast::session
