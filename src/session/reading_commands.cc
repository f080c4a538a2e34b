// nd.profile and nd.region: what the layers' voxels are along a line and in a box (protocol.md WP41, WP42).

#include <cmath>
#include <utility>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/reading.h"
#include "session/world_argument.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

struct Here {
  std::shared_ptr<const scene::AxesSpec> axes;
  std::vector<double> position;  ///< of the caller's view, one coordinate a scene axis
};

Result<Here> here(const CommandContext& context) {
  const scene::SnapshotPtr snapshot = context.hub.services().ledger().snapshot();
  const scene::ViewState* const view = snapshot->find_view(context.session.view);
  if (!view || !snapshot->axes || snapshot->axes->axes.empty()) {
    return fail(ErrorCode::Invalid, "there is no image to read");
  }
  return Here{snapshot->axes, position_of(*snapshot->axes, *view->index)};
}

Result<std::optional<scene::LayerId>> read_layer(const CommandContext& context) {
  ND_ASSIGN(const std::string layer, string_argument(context.call, "layer", "", limits::kNameBytes));
  if (layer.empty()) return std::optional<scene::LayerId>();
  if (!context.hub.services().ledger().snapshot()->find_layer(scene::LayerId{layer})) {
    return fail(ErrorCode::Invalid, "layer: there is no layer \"{}\"", layer);
  }
  return std::optional(scene::LayerId{layer});
}

Result<Json> required(const CommandContext& context, std::string_view name) {
  const Json* const given = context.call.kwargs.find(name);
  if (!given) return fail(ErrorCode::Invalid, "{}: expected an object of axes", name);
  return *given;
}

Result<ProfileQuery> read_profile(const CommandContext& context, const Here& here) {
  ProfileQuery query{.from = here.position, .to = here.position, .layer = {}};
  ND_ASSIGN(const Json from, required(context, "from"));
  ND_ASSIGN(const Json to, required(context, "to"));
  ND_TRY(read_world(from, "from", *here.axes, query.from));
  ND_TRY(read_world(to, "to", *here.axes, query.to));
  if (query.from == query.to) return fail(ErrorCode::Invalid, "from and to are the same place");
  ND_ASSIGN(query.layer, read_layer(context));
  return query;
}

Result<RegionQuery> read_region(const CommandContext& context, const Here& here) {
  RegionQuery query;
  for (const double at : here.position) query.world.push_back({at, at});
  ND_ASSIGN(const Json world, required(context, "world"));
  ND_TRY(read_ranges(world, "world", *here.axes, query.world));
  ND_ASSIGN(query.layer, read_layer(context));
  return query;
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json place_json(const scene::AxesSpec& axes, const std::vector<double>& world) {
  Json out = Json::make_object();
  for (std::size_t i = 0; i < world.size(); ++i) out.set(axes.axes[i].label, world[i]);
  return out;
}

Json to_payload(const ProfileQuery& query, const scene::AxesSpec& axes, Profile profile) {
  Json::Array layers;
  for (LayerProfile& layer : profile.layers) {
    layers.push_back(Json::make_object({{"layer", layer.layer.value},
                                        {"level", layer.level},
                                        {"levels", layer.levels},
                                        {"values", std::move(layer.values)}}));
  }
  return Json::make_object({{"from", place_json(axes, query.from)},
                            {"to", place_json(axes, query.to)},
                            {"length", number_or_null(profile.length)},
                            {"unit", profile.unit},
                            {"samples", profile.samples},
                            {"layers", std::move(layers)},
                            {"server_seq", profile.server_seq}});
}

Json layer_json(const LayerRegion& layer) {
  const bool is_exact = layer.level == 0 && !layer.sampled;
  Json out = Json::make_object({{"layer", layer.layer.value},
                                {"level", layer.level},
                                {"levels", layer.levels},
                                {"exact", is_exact},
                                {"sampled", layer.sampled},
                                {"begin", Json::list(layer.begin)},
                                {"end", Json::list(layer.end)},
                                {"size", number_or_null(layer.size)},
                                {"voxels", layer.voxels},
                                {"not_finite", layer.not_finite},
                                {"min", number_or_null(layer.min)},
                                {"max", number_or_null(layer.max)},
                                {"mean", number_or_null(layer.mean)},
                                {"std", number_or_null(layer.deviation)}});
  // A sum of some voxels, or of larger ones, is no number of the image's.
  if (is_exact) out.set("sum", number_or_null(layer.sum));
  return out;
}

Json to_payload(const RegionQuery& query, const scene::AxesSpec& axes, const Region& region) {
  Json world = Json::make_object();
  for (std::size_t i = 0; i < query.world.size(); ++i) {
    const auto& [low, high] = query.world[i];
    world.set(axes.axes[i].label, low == high ? Json(low) : Json::make_array({low, high}));
  }
  Json::Array layers;
  for (const LayerRegion& layer : region.layers) layers.push_back(layer_json(layer));
  return Json::make_object(
      {{"world", std::move(world)}, {"layers", std::move(layers)}, {"server_seq", region.server_seq}});
}

void refuse(const Responder& responder, const Error& error) {
  const bool passes = error.code == ErrorCode::Limit || error.code == ErrorCode::Cancelled;
  responder.fail({passes ? CommandCode::Retryable : CommandCode::Invalid, error.message, {}});
}

}  // namespace

void call_profile(const CommandContext& context) {
  const Result<Here> now = here(context);
  if (!now) return refuse(context.responder, now.error());
  Result<ProfileQuery> query = read_profile(context, *now);
  if (!query) return refuse(context.responder, query.error());
  context.hub.services().profile(
      *query, [responder = context.responder, query = *query, axes = now->axes](const Result<Profile>& profile) {
        if (!profile) return refuse(responder, profile.error());
        responder.reply(to_payload(query, *axes, *profile));
      });
}

void call_region(const CommandContext& context) {
  const Result<Here> now = here(context);
  if (!now) return refuse(context.responder, now.error());
  Result<RegionQuery> query = read_region(context, *now);
  if (!query) return refuse(context.responder, query.error());
  context.hub.services().summarise(
      *query, [responder = context.responder, query = *query, axes = now->axes](const Result<Region>& region) {
        if (!region) return refuse(responder, region.error());
        responder.reply(to_payload(query, *axes, *region));
      });
}

}  // namespace ndcast::session
