#include "session/undo_log.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace ndcast::session {
namespace {

using scene::Key;

bool is_toggle(const UndoEntry& entry) { return entry.id.key == Key::Ndisplay; }

bool may_take_back(const scene::RegisterId& id) {
  return scene::spec_of(id.scope, id.key).editable && id.key != Key::CanvasSize;
}

/// Entries of a commit: a toggle stands for everything that came with it.
std::vector<UndoEntry> entries_of(const ledger::Committed& committed) {
  std::vector<UndoEntry> entries;
  for (std::size_t i = 0; i < committed.changed.size(); ++i) {
    const ledger::Register& before = committed.before[i];
    if (!may_take_back(committed.changed[i]) || std::holds_alternative<scene::Gone>(before.value)) continue;
    UndoEntry entry{committed.changed[i], before.value, committed.server_seq, before.version};
    if (is_toggle(entry)) return {std::move(entry)};
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

UndoStep& UndoLog::step_for(const std::string& interaction_id) {
  forth_.clear();
  const bool goes_on = !interaction_id.empty() && !back_.empty() && back_.back().interaction_id == interaction_id &&
                       !std::ranges::any_of(back_.back().entries, is_toggle);
  if (!goes_on) {
    back_.push_back({.interaction_id = interaction_id});
    if (back_.size() > limits::kUndoSteps) back_.pop_front();
  }
  return back_.back();
}

void UndoLog::note(const ledger::Committed& committed) {
  // Layers come and go whole, with images behind them: that is no step.
  const auto is_layer = [](const scene::RegisterId& id) {
    return id.scope == scene::Scope::Layer && id.key == scene::Key::Meta;
  };
  if (std::ranges::any_of(committed.changed, is_layer)) return;
  std::vector<UndoEntry> entries = entries_of(committed);
  if (entries.empty()) return;
  UndoStep* step = &step_for(committed.author->interaction_id);
  if (std::ranges::any_of(entries, is_toggle) && !(step->entries.empty() && !step->camera)) {
    back_.push_back({.interaction_id = committed.author->interaction_id});
    step = &back_.back();
  }
  for (UndoEntry& entry : entries) {
    const auto same = std::ranges::find(step->entries, entry.id, &UndoEntry::id);
    // Of an interaction's changes the first tells what was before; if somebody else came in between, the rest stands by
    // itself.
    if (same != step->entries.end() && same->version == entry.before_version) {
      same->version = entry.version;
    } else if (same != step->entries.end()) {
      *same = std::move(entry);
    } else {
      step->entries.push_back(std::move(entry));
    }
  }
}

void UndoLog::note_camera(CameraStep before, const std::string& interaction_id) {
  UndoStep& step = step_for(interaction_id);
  if (!step.camera) step.camera = std::move(before);
}

void UndoLog::clear() {
  back_.clear();
  forth_.clear();
}

std::optional<UndoStep> UndoLog::take(Way way) {
  std::deque<UndoStep>& steps = way == Way::Back ? back_ : forth_;
  if (steps.empty()) return std::nullopt;
  UndoStep step = std::move(steps.back());
  steps.pop_back();
  return step;
}

void UndoLog::rename(const scene::RegisterId& id, std::uint64_t from, std::uint64_t to) {
  for (std::deque<UndoStep>* steps : {&back_, &forth_}) {
    for (UndoStep& step : *steps) {
      for (UndoEntry& entry : step.entries) {
        if (entry.id == id && entry.version == from) entry.version = to;
      }
    }
  }
}

void UndoLog::done(Way way, const std::vector<UndoEntry>& written, const std::vector<scene::Value>& before,
                   std::optional<CameraStep> camera, const ledger::Ledger& ledger) {
  UndoStep reverse{.camera = std::move(camera)};
  for (std::size_t i = 0; i < written.size(); ++i) {
    const UndoEntry& entry = written[i];
    const ledger::Register* now = ledger.find(entry.id);
    if (!now) continue;
    rename(entry.id, entry.before_version, now->version);
    reverse.entries.push_back({entry.id, before[i], now->version, entry.version});
  }
  if (reverse.entries.empty() && !reverse.camera) return;
  (way == Way::Back ? forth_ : back_).push_back(std::move(reverse));
}

}  // namespace ndcast::session
