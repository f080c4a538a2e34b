#include "tests/sim/undo_model.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace ndcast::sim {
namespace {

using scene::Key;

bool is_toggle_of(const UndoModel::Entry& entry) { return entry.id.key == Key::Ndisplay; }

/// What of a client's own update it may take back: not what came along with a toggle, nor layers that come or go
/// (WP44).
std::vector<UndoModel::Entry> taken_back(const ledger::Committed& committed) {
  std::vector<UndoModel::Entry> entries;
  const auto is_layer = [](const scene::RegisterId& id) {
    return id.scope == scene::Scope::Layer && id.key == Key::Meta;
  };
  if (std::ranges::any_of(committed.changed, is_layer)) return entries;
  for (std::size_t i = 0; i < committed.changed.size(); ++i) {
    const scene::RegisterId& id = committed.changed[i];
    if (!scene::spec_of(id.scope, id.key).editable || id.key == Key::CanvasSize) continue;
    if (std::holds_alternative<scene::Gone>(committed.before[i].value)) continue;
    entries.push_back({id, committed.before[i].value, committed.server_seq});
  }
  const auto toggle = std::ranges::find_if(entries, is_toggle_of);
  if (toggle != entries.end()) return {*toggle};
  return entries;
}

}  // namespace

bool UndoModel::Step::is_toggle() const { return std::ranges::any_of(entries, is_toggle_of); }

UndoModel::Step& UndoModel::step_for(const Id& id, const std::string& interaction, bool is_toggle) {
  Log& log = logs_[id];
  log.forth.clear();
  const bool goes_on = !is_toggle && !interaction.empty() && !log.back.empty() &&
                       log.back.back().interaction == interaction && !log.back.back().is_toggle();
  if (!goes_on) log.back.push_back({.interaction = interaction, .entries = {}, .camera = {}});
  if (log.back.size() > limits::kUndoSteps) log.back.pop_front();
  return log.back.back();
}

bool UndoModel::only_by(const Id& id, const scene::RegisterId& what, std::uint64_t after, std::uint64_t before) const {
  const auto it = writes_.find(what);
  if (it == writes_.end()) return true;
  return std::ranges::all_of(
      it->second, [&](const Write& write) { return write.seq <= after || write.seq >= before || write.by == id; });
}

void UndoModel::note_step(const Id& id, const ledger::Committed& committed, const std::vector<Entry>& entries) {
  const bool is_toggle = std::ranges::any_of(entries, is_toggle_of);
  Step& step = step_for(id, committed.author->interaction_id, is_toggle);
  for (const Entry& entry : entries) {
    const auto same = std::ranges::find(step.entries, entry.id, &Entry::id);
    if (same == step.entries.end()) {
      step.entries.push_back(entry);
    } else if (only_by(id, entry.id, same->seq, entry.seq)) {
      same->seq = entry.seq;
    } else {
      *same = entry;
    }
  }
}

void UndoModel::on_commit(const ledger::Committed& committed) {
  const auto is_scene = [](const scene::RegisterId& what) { return what.scope == scene::Scope::Scene; };
  if (std::ranges::any_of(committed.changed, is_scene)) {
    logs_.clear();
    movers_.clear();
  }
  // An update has an intent; what a session causes besides (a fork, a closed view, its canvas) is no step.
  const bool is_update = committed.author && !committed.author->session.empty() &&
                         !committed.author->intent_id.empty() && committed.author->intent_id != "nd.undo";
  const Id by{is_update ? committed.author->session : ""};
  std::vector<Entry> entries;
  if (is_update) entries = taken_back(committed);
  if (!entries.empty()) note_step(by, committed, entries);
  for (const scene::RegisterId& id : committed.changed) {
    const bool is_own = std::ranges::find(entries, id, &Entry::id) != entries.end();
    writes_[id].push_back({committed.server_seq, is_own ? by : Id{}});
  }
}

void UndoModel::on_camera(const Id& id, const scene::ViewId& view, const Pose& before, const std::string& interaction) {
  Step& step = step_for(id, interaction, false);
  if (!step.camera) step.camera = CameraMove{view, before};
  movers_[view] = id;
}

UndoModel::Foreseen UndoModel::foresee(const Id& id, Way way, const ledger::Ledger& ledger,
                                       const MayMove& may_move) const {
  Foreseen foreseen;
  const auto log = logs_.find(id);
  if (log == logs_.end()) return foreseen;
  const std::deque<Step>& steps = way == Way::Back ? log->second.back : log->second.forth;
  if (steps.empty()) return foreseen;
  const Step& step = steps.back();
  for (const Entry& entry : step.entries) {
    const std::string_view view = scene::view_of(entry.id);
    const bool may = ledger.find(entry.id) && only_by(id, entry.id, entry.seq, UINT64_MAX) &&
                     (view.empty() || may_move(scene::ViewId{std::string(view)}));
    may ? foreseen.written.push_back(entry) : foreseen.left.push_back(entry.id);
  }
  if (!step.camera) return foreseen;
  const scene::SnapshotPtr snapshot = ledger.snapshot();
  const scene::ViewState* view = snapshot->find_view(step.camera->view);
  const auto mover = movers_.find(step.camera->view);
  // Judged when the registers are written, and of them only a toggle changes the mode: a toggle is a step by itself.
  const bool is_plane = std::holds_alternative<scene::PlanePose>(step.camera->pose);
  const bool may = view && mover != movers_.end() && mover->second == id &&
                   (view->view->mode == scene::Mode::Plane) == is_plane && may_move(step.camera->view);
  (may ? foreseen.moved : foreseen.not_moved) = step.camera;
  return foreseen;
}

void UndoModel::done(const Id& id, Way way, const Foreseen& foreseen, const std::vector<scene::Value>& before,
                     std::optional<CameraMove> camera_before, const ledger::Ledger& ledger) {
  Log& log = logs_[id];
  if (log.of(way).empty()) return;
  log.of(way).pop_back();
  Step reverse{.interaction = {}, .entries = {}, .camera = std::move(camera_before)};
  for (std::size_t i = 0; i < foreseen.written.size(); ++i) {
    const scene::RegisterId& what = foreseen.written[i].id;
    const std::uint64_t seq = ledger.find(what)->version;
    reverse.entries.push_back({what, before[i], seq});
    // on_commit() took the write for no one's.
    for (Write& write : writes_[what]) {
      if (write.seq == seq) write.by = id;
    }
  }
  if (reverse.entries.empty() && !reverse.camera) return;
  log.of(way == Way::Back ? Way::Forth : Way::Back).push_back(std::move(reverse));
}

std::size_t UndoModel::steps(const Id& id, Way way) const {
  const auto it = logs_.find(id);
  if (it == logs_.end()) return 0;
  return way == Way::Back ? it->second.back.size() : it->second.forth.size();
}

}  // namespace ndcast::sim
