#include "reduce/reduce.h"

#include "reduce/reducers.h"

namespace ndcast::reduce {

Outcome reduce(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const scene::Intent& intent) {
  const scene::ViewState* state = snapshot.find_view(view);
  if (!state) {
    return refuse(scene::StateCode::UnknownTarget, "there is no view \"{}\"; an image has to be opened first",
                  view.value);
  }
  return std::visit([&](const auto& body) { return reduce_one(snapshot, *state, body); }, intent);
}

}  // namespace ndcast::reduce
