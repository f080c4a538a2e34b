// Keys of scope view and multiscale: how many axes are displayed, in which order, on what canvas, at which level.

#include <limits>

#include "protocol/describe_scene.h"
#include "protocol/state_scopes.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;

Understanding parse_ndisplay(const ScopeRequest& request) {
  // The original's rule: null means 2; the reducer turns everything from 3 up into 3 and the rest into 2.
  const auto number = request.value.is_null() ? std::optional<std::int64_t>(2) : request.value.as_int64();
  if (!number) return refuse_value(request, "2 or 3");
  const int ndisplay = *number >= 3 ? 3 : 2;
  return Understood{target_view(request), scene::SetNdisplay{ndisplay}, ndisplay};
}

Understanding parse_order(const ScopeRequest& request) {
  auto order = described::parse<std::vector<std::int64_t>>(request.value, "view order");
  if (!order) return refuse(StateCode::Invalid, "{}", order.error().message);
  return Understood{target_view(request), scene::SetOrder{std::move(*order)}, request.value};
}

Understanding parse_canvas(const ScopeRequest& request) {
  Json value = request.value;
  if (value.is_object() && !value.find("dpr")) value.set("dpr", 1.0);
  const auto canvas = described::parse<scene::Canvas>(value, "view canvas");
  if (!canvas) return refuse(StateCode::Invalid, "{}", canvas.error().message);
  if (canvas->width < 1 || canvas->height < 1 || !(canvas->dpr > 0.0)) {
    return refuse(StateCode::Invalid, "view canvas: expected a positive width, height and dpr, found {} × {} at {}",
                  canvas->width, canvas->height, canvas->dpr);
  }
  return Understood{target_view(request), scene::SetCanvas{*canvas}, to_json(scene::Value(*canvas))};
}

}  // namespace

Understanding parse_view_key(const ScopeRequest& request) {
  if (request.key == "ndisplay") return parse_ndisplay(request);
  if (request.key == "order") return parse_order(request);
  if (request.key == "canvas") return parse_canvas(request);
  return refuse_key(request);
}

Understanding parse_multiscale_key(const ScopeRequest& request) {
  if (request.key == "bias") {
    const auto bias = described::parse<std::int64_t>(request.value, "");
    if (!bias) return refuse_value(request, "an integer");
    return Understood{target_view(request), scene::SetBias{*bias}, *bias};
  }
  if (request.key != "level") return refuse_key(request);
  if (request.value.is_null()) return Understood{target_view(request), scene::LockLevel{}, nullptr};
  const auto level = described::parse<std::int64_t>(request.value, "");
  if (!level) return refuse_value(request, "an integer or null");
  return Understood{target_view(request), scene::LockLevel{*level}, *level};
}

}  // namespace ndcast::protocol
