#include "room/still_scene.h"

#include "ledger/ledger.h"
#include "protocol/scene_file.h"
#include "reduce/reduce.h"
#include "room/open_scene.h"
#include "room/scene_import.h"

namespace ndcast::room {
namespace {

using namespace scene;
Result<void> apply_intent(ledger::Ledger& ledger, const Intent& intent) {
  const reduce::Outcome outcome = reduce::reduce(*ledger.snapshot(), kMainView, intent);
  if (!outcome) return fail(ErrorCode::Invalid, "{}", outcome.error().message);
  ledger.commit({.changes = outcome->changes, .opens = outcome->opens});
  return {};
}

}  // namespace

Result<StillScene> make_still_scene(const StillRequest& request, image::ChunkLoader& loader) {
  protocol::SceneRegisters registers;
  if (request.scene_file) {
    ND_ASSIGN(registers, protocol::scene_from_json(*request.scene_file));
  }
  std::string uri = request.uri;
  if (uri.empty()) uri = image_of_scene_file(registers);
  if (uri.empty()) return fail(ErrorCode::Invalid, "the scene file names no image and none was given");
  const image::Access access{{}, request.remote};
  const OpenImage open = [&](const std::string& one) { return image::open_image(one, access); };
  ND_ASSIGN(SceneImages images, open_scene_images(uri, open));
  ND_ASSIGN(reduce::NewScene described, describe_scene(images, request.canvas, loader));
  add_images(added_images_of_scene_file(registers), open, request.canvas, loader, images, described);

  const SystemClock clock;
  ledger::Ledger ledger(clock);
  reduce::Reduction opened = reduce::replace_scene(*ledger.snapshot(), kMainView, described, request.canvas);
  ledger.commit({.changes = std::move(opened.changes), .opens = opened.opens});
  if (!registers.empty()) {
    ND_ASSIGN(auto changes, scene_file_changes(registers, described));
    ledger::Transaction transaction{.changes = std::move(changes)};
    if (const auto broken = ledger.violation(transaction)) return misfitting_scene_file(*broken);
    ledger.commit(std::move(transaction));
  }
  if (request.ndisplay) ND_TRY(apply_intent(ledger, SetNdisplay{*request.ndisplay}));
  for (const auto& [axis, index] : request.index) ND_TRY(apply_intent(ledger, SetIndex{axis, index}));
  if (registers.empty() || request.ndisplay) {
    // Nobody has looked at this mode yet, so its level is for the renderer to plan.
    LodShown shown = ledger.snapshot()->find_view(kMainView)->lod->shown;
    shown.reason = "bootstrap";
    ledger.commit({.changes = {{{Scope::Lod, kMainView.value, Key::Shown, {}}, shown}}});
  }
  return StillScene{ledger.snapshot(), images.by_uri()};
}

}  // namespace ndcast::room
