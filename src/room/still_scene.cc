#include "room/still_scene.h"

#include <algorithm>
#include <set>

#include "ledger/ledger.h"
#include "protocol/scene_file.h"
#include "reduce/reduce.h"
#include "room/open_scene.h"

namespace ndcast::room {
namespace {

using namespace scene;
using FileRegisters = std::vector<std::pair<RegisterId, Value>>;

const Value* find_value(const FileRegisters& registers, Scope scope, Key key) {
  const auto it = std::ranges::find_if(
      registers, [&](const auto& entry) { return entry.first.scope == scope && entry.first.key == key; });
  return it == registers.end() ? nullptr : &it->second;
}

/// The file's scene over the image's own: axes must be the same, layers are the file's (over this image's voxels).
Result<void> apply_file(const FileRegisters& registers, const reduce::NewScene& described, ledger::Ledger& ledger) {
  if (const Value* axes = find_value(registers, Scope::Axes, Key::Spec);
      axes && std::get<AxesSpec>(*axes) != described.axes) {
    return fail(ErrorCode::Invalid, "the scene file is of another image: its axes differ from those of {}",
                described.source.uri);
  }
  std::set<std::string> file_layers;
  for (const auto& [id, value] : registers) {
    if (id.scope == Scope::Layer) file_layers.insert(id.target);
  }
  ledger::Transaction transaction;
  for (const reduce::NewLayer& layer : described.layers) {
    if (file_layers.empty() || file_layers.contains(layer.id.value)) continue;
    for (const KeySpec& spec : key_table()) {
      if (spec.scope == Scope::Layer)
        transaction.changes.push_back({{Scope::Layer, layer.id.value, spec.key, {}}, Gone{}});
    }
  }
  for (const auto& [id, value] : registers) {
    if (id.scope == Scope::Scene || id.scope == Scope::Axes) continue;
    if (const auto* meta = std::get_if<LayerMeta>(&value)) {
      const auto same = std::ranges::find_if(described.layers,
                                             [&](const auto& layer) { return layer.meta.channel == meta->channel; });
      if (same == described.layers.end()) {
        return fail(ErrorCode::Invalid, "the scene file's layer {} shows channel {}, which {} does not have", id.target,
                    meta->channel.value_or(0), described.source.uri);
      }
      transaction.changes.push_back({id, same->meta});
    } else {
      transaction.changes.push_back({id, value});
    }
  }
  if (const auto broken = ledger.violation(transaction))
    return fail(ErrorCode::Invalid, "the scene file does not fit together: {}", *broken);
  ledger.commit(std::move(transaction));
  return {};
}

Result<void> apply_intent(ledger::Ledger& ledger, const Intent& intent) {
  const reduce::Outcome outcome = reduce::reduce(*ledger.snapshot(), kMainView, intent);
  if (!outcome) return fail(ErrorCode::Invalid, "{}", outcome.error().message);
  ledger.commit({.changes = outcome->changes, .opens = outcome->opens});
  return {};
}

}  // namespace

Result<StillScene> make_still_scene(const StillRequest& request, image::ChunkLoader& loader) {
  FileRegisters registers;
  if (request.scene_file) {
    ND_ASSIGN(registers, protocol::scene_from_json(*request.scene_file));
  }
  std::string uri = request.uri;
  if (const Value* source = find_value(registers, Scope::Scene, Key::Source); source && uri.empty()) {
    uri = std::get<Source>(*source).uri;
  }
  if (uri.empty()) return fail(ErrorCode::Invalid, "the scene file names no image and none was given");
  ND_ASSIGN(const auto image, image::open_image(uri));
  ND_ASSIGN(const reduce::NewScene described, describe_scene(*image, request.canvas, loader));

  const SystemClock clock;
  ledger::Ledger ledger(clock);
  reduce::Reduction opened = reduce::replace_scene(*ledger.snapshot(), kMainView, described, request.canvas);
  ledger.commit({.changes = std::move(opened.changes), .opens = opened.opens});
  if (!registers.empty()) ND_TRY(apply_file(registers, described, ledger));
  if (request.ndisplay) ND_TRY(apply_intent(ledger, SetNdisplay{*request.ndisplay}));
  for (const auto& [axis, index] : request.index) ND_TRY(apply_intent(ledger, SetIndex{axis, index}));
  if (registers.empty() || request.ndisplay) {
    // Nobody has looked at this mode yet, so its level is for the renderer to plan.
    LodShown shown = ledger.snapshot()->find_view(kMainView)->lod->shown;
    shown.reason = "bootstrap";
    ledger.commit({.changes = {{{Scope::Lod, kMainView.value, Key::Shown, {}}, shown}}});
  }
  return StillScene{ledger.snapshot(), render::Images{{image->uri, image}}};
}

}  // namespace ndcast::room
