#include "room/restore.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "image/address.h"
#include "protocol/journal_row.h"
#include "reduce/restored.h"

namespace ndcast::room {
namespace {

using namespace scene;
using protocol::JournalChange;

const Source* find_source(const std::vector<ledger::Change>& changes) {
  for (const ledger::Change& change : changes) {
    if (const auto* source = std::get_if<Source>(&change.value)) return source;
  }
  return nullptr;
}

/// Kept levels and positions against the axes and pyramids that they will be used with.
std::optional<std::string> out_of_range(const SceneSnapshot& snapshot, const Value& value) {
  const auto& axes = snapshot.axes->axes;
  std::int64_t levels = 1;
  for (const auto& layer : snapshot.layers) {
    levels = std::max<std::int64_t>(levels, static_cast<std::int64_t>(layer->meta.levels.size()));
  }
  const auto beyond = [&](const std::vector<std::int64_t>& index, int level) {
    if (index.size() != axes.size() || level >= levels) return true;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (index[i] < 0 || index[i] >= axes[i].size) return true;
    }
    return false;
  };
  bool is_beyond = false;
  if (const auto* plane = std::get_if<PlaneRestore>(&value)) is_beyond = beyond(plane->index, plane->level);
  if (const auto* volume = std::get_if<VolumeRestore>(&value)) is_beyond = beyond(volume->index, volume->level);
  if (const auto* shown = std::get_if<LodShown>(&value)) is_beyond = shown->level >= levels || shown->levels > levels;
  if (const auto* lock = std::get_if<std::optional<std::int64_t>>(&value)) is_beyond = *lock && **lock >= levels;
  if (is_beyond) return "outside of the image as it is now";
  return std::nullopt;
}

class Replay {
 public:
  Replay(const std::string& room, const reduce::NewScene& described, const Canvas& canvas, const Clock& clock)
      : room_(room), described_(described), canvas_(canvas), ledger_(clock) {}

  void apply(const ledger::Checkpoint& checkpoint) {
    auto registers = protocol::registers_from_text(checkpoint.registers);
    if (!registers) return refuse(checkpoint.server_seq, "checkpoint", registers.error().message);
    kept_ = std::move(*registers);
    ledger::Transaction transaction;
    for (const auto& [id, held] : kept_) transaction.changes.push_back({id, held.value});
    if (!transaction.changes.empty()) {
      apply(std::move(transaction), std::max<std::uint64_t>(1, checkpoint.server_seq), checkpoint.unix_s);
    }
  }

  void apply(const ledger::JournalRow& row) {
    auto changes = protocol::changes_from_text(row.changes);
    if (!changes) return refuse(row.server_seq, "row", changes.error().message);
    ledger::Transaction transaction;
    transaction.author = {.actor = row.actor,
                          .origin = row.origin,
                          .intent_id = row.intent_id,
                          .client_seq = row.client_seq,
                          .interaction_id = row.interaction_id,
                          .phase = row.phase};
    for (JournalChange& change : *changes) {
      transaction.changes.push_back({std::move(change.id), std::move(change.after)});
    }
    apply(std::move(transaction), row.server_seq, row.unix_s);
  }

  std::optional<Restored> finish() {
    const SnapshotPtr snapshot = ledger_.snapshot();
    const auto give_up = [&](std::string_view why) {
      log().warn("room {}: not brought back: {}", room_, why);
      return std::nullopt;
    };
    if (!snapshot->find_view(kMainView) || snapshot->source->uri != described_.source.uri) {
      return give_up("its journal does not end in a scene of the image");
    }
    if (*snapshot->axes != described_.axes) return give_up("the image has other axes than its journal");
    if (const auto unsound = reduce::find_unsound(*snapshot)) return give_up(*unsound);
    Restored restored{ledger_.registers(), refused_};
    // What the checkpoint held came in as one transaction; who set it, and when, is in the checkpoint.
    for (auto& [id, held] : restored.registers) {
      const auto kept = kept_.find(id);
      if (kept != kept_.end() && held.author->actor.empty() && kept->second.value == held.value) held = kept->second;
    }
    return restored;
  }

 private:
  void apply(ledger::Transaction transaction, std::uint64_t server_seq, double unix_s) {
    if (transaction.changes.empty()) return;
    for (const ledger::Change& change : transaction.changes) {
      const auto wrong = reduce::misfit(change.id, change.value);
      if (wrong) return refuse(server_seq, name_of(change.id), *wrong);
    }
    const Source* source = find_source(transaction.changes);
    const bool is_shown = source && source->status == SourceStatus::Ready && source->uri == described_.source.uri;
    if (is_shown && !is_as_described(transaction))
      return apply_to_described(std::move(transaction), server_seq, unix_s);
    if (!source) {
      const SnapshotPtr snapshot = ledger_.snapshot();
      // What the room showed before is looked at no more: another scene replaced it.
      const bool is_of_last = snapshot->source && snapshot->source->uri == described_.source.uri;
      for (const ledger::Change& change : transaction.changes) {
        auto wrong = out_of_range(*snapshot, change.value);
        if (is_of_last && (change.id.scope == Scope::Axes || (change.id.key == Key::Meta && !is_described(change)))) {
          wrong = "of another image";
        }
        if (wrong) return refuse(server_seq, name_of(change.id), *wrong);
      }
    }
    const std::string first = name_of(transaction.changes.front().id);
    if (const auto broken = ledger_.replay(std::move(transaction), server_seq, unix_s)) {
      refuse(server_seq, first, *broken);
    }
  }

  /// The image is not what it was when this scene was written: its scene is the present one, with whatever of the
  /// written registers fits it.
  void apply_to_described(ledger::Transaction written, std::uint64_t server_seq, double unix_s) {
    log().info("room {}: {} is not what it was at {}", room_, described_.source.uri, server_seq);
    ++refused_;
    ledger::Transaction next{.author = written.author};
    next.changes = reduce::replace_scene(*ledger_.snapshot(), kMainView, described_, canvas_).changes;
    std::ranges::copy_if(written.changes, std::back_inserter(next.changes),
                         [](const ledger::Change& change) { return change.id.scope == Scope::Op; });
    for (const ledger::Change& change : written.changes) {
      const bool is_decided = change.id.scope == Scope::Scene || change.id.scope == Scope::Axes ||
                              change.id.scope == Scope::Op || change.id.scope == Scope::Lod ||
                              change.id.scope == Scope::RestoreCache || change.id.key == Key::Meta ||
                              std::holds_alternative<Gone>(change.value);
      if (is_decided) continue;
      next.changes.push_back(change);
      if (const auto broken = ledger_.violation(next)) {
        refuse(server_seq, name_of(change.id), *broken);
        next.changes.pop_back();
      }
    }
    if (const auto broken = ledger_.replay(std::move(next), server_seq, unix_s)) refuse(server_seq, "scene", *broken);
  }

  bool is_described(const ledger::Change& change) const {
    const auto* meta = std::get_if<LayerMeta>(&change.value);
    return !meta || std::ranges::any_of(described_.layers, [&](const auto& layer) { return layer.meta == *meta; });
  }

  bool is_as_described(const ledger::Transaction& transaction) const {
    return std::ranges::all_of(transaction.changes, [&](const ledger::Change& change) {
      const auto* axes = std::get_if<AxesSpec>(&change.value);
      return is_described(change) && (!axes || *axes == described_.axes);
    });
  }

  static std::string name_of(const RegisterId& id) {
    return fmt::format("{}/{}/{}", to_string(id.scope), id.target, spec_of(id.scope, id.key).name);
  }

  void refuse(std::uint64_t server_seq, std::string_view what, std::string_view why) {
    ++refused_;
    // A journal of another image would fill the log.
    if (refused_ <= 20) log().warn("room {}: journal {} {}: refused: {}", room_, server_seq, what, why);
  }

  const std::string& room_;
  const reduce::NewScene& described_;
  const Canvas canvas_;
  ledger::Ledger ledger_;
  std::map<RegisterId, ledger::Register> kept_;  ///< the checkpoint's
  std::size_t refused_ = 0;
};

}  // namespace

std::string stored_uri(const ledger::StoredRoom& stored) {
  for (auto row = stored.rows.rbegin(); row != stored.rows.rend(); ++row) {
    if (!row->changes.contains(R"("scope":"scene")")) continue;
    const auto changes = protocol::changes_from_text(row->changes);
    if (!changes) continue;
    for (const JournalChange& change : *changes) {
      const auto* source = std::get_if<Source>(&change.after);
      if (source && source->status == SourceStatus::Ready) return source->uri;
    }
  }
  if (!stored.checkpoint) return "";
  const auto registers = protocol::registers_from_text(stored.checkpoint->registers);
  if (!registers) return "";
  const auto found = registers->find({Scope::Scene, "main", Key::Source, {}});
  if (found == registers->end()) return "";
  const auto& source = std::get<Source>(found->second.value);
  return source.status == SourceStatus::Ready ? source.uri : "";
}

std::vector<std::string> stored_added_uris(const ledger::StoredRoom& stored, const std::string& uri) {
  const auto store = image::split_fragment(uri).first;
  std::vector<std::string> uris;
  const auto note = [&](const scene::Value& value) {
    const auto* meta = std::get_if<LayerMeta>(&value);
    if (!meta || image::split_fragment(meta->uri).first == store || uris.size() == limits::kLayers) return;
    if (std::ranges::find(uris, meta->uri) == uris.end()) uris.push_back(meta->uri);
  };
  if (stored.checkpoint) {
    if (const auto registers = protocol::registers_from_text(stored.checkpoint->registers)) {
      for (const auto& [id, held] : *registers) note(held.value);
    }
  }
  for (const ledger::JournalRow& row : stored.rows) {
    if (!row.changes.contains(R"("key":"meta")")) continue;
    if (const auto changes = protocol::changes_from_text(row.changes)) {
      for (const JournalChange& change : *changes) note(change.after);
    }
  }
  return uris;
}

std::optional<Restored> restore(const std::string& room, const ledger::StoredRoom& stored,
                                const reduce::NewScene& described, const Canvas& canvas, const Clock& clock) {
  Replay replay(room, described, canvas, clock);
  if (stored.checkpoint) replay.apply(*stored.checkpoint);
  for (const ledger::JournalRow& row : stored.rows) replay.apply(row);
  return replay.finish();
}

}  // namespace ndcast::room
