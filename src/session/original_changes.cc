// Registers to topics.

#include <algorithm>

#include "protocol/original.h"
#include "session/original_mirror.h"

namespace ndcast::session {
namespace {

using namespace scene;

void note_layer(const ledger::ToldRegister& told, OriginalChanges& changes) {
  const LayerId layer{told.id.target};
  if (std::holds_alternative<Gone>(told.content.value)) {
    changes.scene = true;
    if (told.id.key == Key::Meta) changes.removed.push_back(layer);
    return;
  }
  if (told.id.key == Key::Meta || told.id.key == Key::LayerOrder) changes.scene = true;
  // Keys that no LayerBlock holds are not told; a new layer is, whole.
  if (told.id.key == Key::Meta || protocol::original_tells(told.id.key)) changes.layers[layer].insert(told.id.key);
}

void note_view_register(const RegisterId& id, OriginalChanges& changes) {
  switch (id.scope) {
    case Scope::View:
      changes.dims = true;
      changes.camera = true;
      break;
    case Scope::Dims:
    case Scope::Lod:
      changes.dims = true;
      break;
    case Scope::Camera:
      changes.camera = true;
      break;
    case Scope::Stream:
      changes.stream = true;
      break;
    default:
      break;
  }
}

}  // namespace

OriginalChanges original_changes(const std::vector<ledger::ToldRegister>& values, const ViewId& view) {
  OriginalChanges changes;
  for (const ledger::ToldRegister& told : values) {
    const RegisterId& id = told.id;
    if (id.scope == Scope::Scene || id.scope == Scope::Axes) {
      changes.replaced = true;
    } else if (id.scope == Scope::Settings) {
      changes.scene = changes.scene || id.key == Key::FpsTarget;
    } else if (id.scope == Scope::Layer) {
      note_layer(told, changes);
    } else if ((id.scope == Scope::Dims ? id.view : id.target) == view.value) {
      note_view_register(id, changes);
    }
  }
  return changes;
}

}  // namespace ndcast::session
