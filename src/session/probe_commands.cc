// nd.probe: what the layers' voxels are at a place (protocol.md WP39).

#include <utility>

#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/probe.h"
#include "session/world_argument.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

/// A point of the canvas, from its bottom left, as the camera of a 2D view has it now.
Result<void> read_pixel(const Json* x_px, const Json* y_px, const scene::ViewState& view, std::vector<double>& world) {
  if (!x_px || !y_px) return fail(ErrorCode::Invalid, "expected world, or x_px and y_px");
  if (view.view->mode != scene::Mode::Plane || view.view->displayed.size() != 2) {
    return fail(ErrorCode::Invalid, "x_px and y_px name a place in a 2D view; this one is 3D: expected world");
  }
  ND_ASSIGN(const double x, finite_number(*x_px, "x_px"));
  ND_ASSIGN(const double y, finite_number(*y_px, "y_px"));
  const auto& [left, top, width, height] = view.camera->plane.rect;
  const scene::Canvas& canvas = view.view->canvas;
  world[static_cast<std::size_t>(view.view->displayed[1])] = left + x / canvas.width * width;
  world[static_cast<std::size_t>(view.view->displayed[0])] = top + (1 - y / canvas.height) * height;
  return {};
}

Result<ProbeQuery> read_query(const CommandContext& context) {
  const protocol::CallCommand& call = context.call;
  const scene::SceneSnapshot& snapshot = *context.hub.services().ledger().snapshot();
  const scene::ViewState* const view = snapshot.find_view(context.session.view);
  if (!view || !snapshot.axes || snapshot.axes->axes.empty()) {
    return fail(ErrorCode::Invalid, "there is no image to probe");
  }
  ProbeQuery query{position_of(*snapshot.axes, *view->index)};
  if (const Json* const given = call.kwargs.find("world"); given && !given->is_null()) {
    ND_TRY(read_world(*given, "world", *snapshot.axes, query.world));
  } else {
    ND_TRY(read_pixel(call.kwargs.find("x_px"), call.kwargs.find("y_px"), *view, query.world));
  }
  return query;
}

Json to_payload(const ProbeQuery& query, const scene::AxesSpec& axes, const Probe& probe) {
  Json world = Json::make_object({});
  for (std::size_t i = 0; i < query.world.size(); ++i) world.set(axes.axes[i].label, query.world[i]);
  Json::Array layers;
  for (const LayerProbe& layer : probe.layers) {
    Json::Array voxel(layer.voxel.begin(), layer.voxel.end());
    Json told = Json::make_object({{"layer", layer.layer.value}, {"voxel", std::move(voxel)}, {"value", layer.value}});
    if (!layer.color.empty()) told.set("color", layer.color);
    layers.push_back(std::move(told));
  }
  return Json::make_object(
      {{"world", std::move(world)}, {"layers", std::move(layers)}, {"server_seq", probe.server_seq}});
}

}  // namespace

void call_probe(const CommandContext& context) {
  Result<ProbeQuery> query = read_query(context);
  if (!query) return context.responder.fail({CommandCode::Invalid, query.error().message, {}});
  context.hub.services().probe(
      *query, [responder = context.responder, query = *query,
               axes = context.hub.services().ledger().snapshot()->axes](const Result<Probe>& probe) {
        if (probe) return responder.reply(to_payload(query, *axes, *probe));
        const bool passes = probe.error().code == ErrorCode::Limit || probe.error().code == ErrorCode::Cancelled;
        responder.fail({passes ? CommandCode::Retryable : CommandCode::Invalid, probe.error().message, {}});
      });
}

}  // namespace ndcast::session
