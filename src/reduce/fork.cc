// Views: a copy of another, one that goes on from another, one that goes.

#include "base/check.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

const ViewState& existing(const SceneSnapshot& snapshot, const ViewId& id) {
  const ViewState* state = snapshot.find_view(id);
  ND_CHECK(state != nullptr, "a view to copy from or to");
  return *state;
}

/// Where the view is and what it shows; not how large its picture is or how it is coded.
void copy_place(const SceneSnapshot& snapshot, const ViewState& from, const ViewId& to,
                std::vector<ledger::Change>& changes) {
  const auto set = [&](Scope scope, Key key, Value value) {
    changes.push_back({view_register(to, scope, key), std::move(value)});
  };
  set(Scope::View, Key::Ndisplay, std::int64_t{ndisplay_of(from.view->mode)});
  set(Scope::View, Key::Order, std::vector<std::int64_t>(from.view->order.begin(), from.view->order.end()));
  for (std::size_t i = 0; i < snapshot.axes->axes.size(); ++i) {
    const std::string& axis = snapshot.axes->axes[i].label;
    changes.push_back({index_register(to, axis), from.index->value[i]});
    changes.push_back({dims_register(to, axis, Key::MarginLeft), from.margins->left[i]});
    changes.push_back({dims_register(to, axis, Key::MarginRight), from.margins->right[i]});
    changes.push_back({dims_register(to, axis, Key::Play), std::optional<Play>()});  // a film is its view's own
  }
  set(Scope::Camera, Key::Plane, from.camera->plane);
  set(Scope::Camera, Key::Volume, from.camera->volume);
  set(Scope::Multiscale, Key::Level, from.lod->locked);
  set(Scope::Multiscale, Key::Bias, std::int64_t{from.lod->bias});
  set(Scope::Lod, Key::Shown, from.lod->shown);
  set(Scope::RestoreCache, Key::Plane, *from.plane_restore);
  set(Scope::RestoreCache, Key::Volume, *from.volume_restore);
}

}  // namespace

Reduction fork_view(const SceneSnapshot& snapshot, const ViewId& from, const ViewId& to, const ViewMeta& meta) {
  const ViewState& source = existing(snapshot, from);
  ND_CHECK(!snapshot.find_view(to), "a fork is a view that was not there");
  Reduction reduction;
  reduction.answer = view_register(to, Scope::View, Key::Meta);
  reduction.opens = OpKind::ViewFork;
  reduction.changes.push_back({reduction.answer, meta});
  copy_place(snapshot, source, to, reduction.changes);
  reduction.changes.push_back({view_register(to, Scope::View, Key::CanvasSize), source.view->canvas});
  reduction.changes.push_back({view_register(to, Scope::Stream, Key::Config), *source.stream});
  return reduction;
}

Reduction continue_view(const SceneSnapshot& snapshot, const ViewId& from, const ViewId& to) {
  const ViewState& source = existing(snapshot, from);
  existing(snapshot, to);
  Reduction reduction;
  reduction.answer = view_register(to, Scope::View, Key::Ndisplay);
  reduction.opens = OpKind::ViewFork;
  copy_place(snapshot, source, to, reduction.changes);
  return reduction;
}

std::vector<ledger::Change> remove_view(const SceneSnapshot& snapshot, const ViewId& view) {
  std::vector<ledger::Change> changes;
  if (!snapshot.find_view(view)) return changes;
  for (const KeySpec& spec : key_table()) {
    const RegisterId id = view_register(view, spec.scope, spec.key);
    if (spec.scope != Scope::Dims && !view_of(id).empty()) changes.push_back({id, Gone{}});
  }
  for (const Axis& axis : snapshot.axes->axes) {
    for (const KeySpec& spec : key_table()) {
      if (spec.scope == Scope::Dims) changes.push_back({dims_register(view, axis.label, spec.key), Gone{}});
    }
  }
  return changes;
}

}  // namespace ndcast::reduce
