// Settings of the room: what its pictures are to cost.

#include "reduce/normalise.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {

using namespace scene;

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState&, const SetSetting& intent) {
  auto value = normalise(spec_of(Scope::Settings, intent.key), intent.value, snapshot);
  if (!value) return std::unexpected(std::move(value).error());
  Reduction reduction;
  reduction.answer = {Scope::Settings, "main", intent.key, {}};
  reduction.changes.push_back({reduction.answer, *std::move(value)});
  return reduction;
}

}  // namespace ndcast::reduce
