// Commands about a layer's values (protocol.md WP36): their histogram, and a contrast window that fits them.

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/histogram_limits.h"
#include "base/limits.h"
#include "protocol/values.h"
#include "reduce/reduce.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/histogram.h"
#include "session/job_commands.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

constexpr std::uint64_t kLeastBins = 2;
/// All but the one in a thousand at each end: a few hot pixels do not darken the picture.
constexpr double kLowPercent = 0.1;
constexpr double kHighPercent = 99.9;

Result<std::vector<double>> read_percentiles(const protocol::CallCommand& call, std::vector<double> fallback) {
  const Json* const list = call.kwargs.find("percentiles");
  if (!list || list->is_null()) return fallback;
  if (!list->is_array() || list->array().size() > limits::kHistogramPercentiles) {
    return fail(ErrorCode::Invalid, "percentiles: expected a list of at most {} numbers",
                limits::kHistogramPercentiles);
  }
  std::vector<double> out;
  for (const Json& each : list->array()) {
    const auto number = each.as_double();
    if (!number || !(*number >= 0 && *number <= 100)) {
      return fail(ErrorCode::Invalid, "percentiles: expected numbers from 0 to 100, found {}", to_string(each));
    }
    out.push_back(*number);
  }
  return out;
}

/// {"t": 5, "z": [10, 20]}: one step, or from one up to another.
Result<std::map<std::string, std::array<std::int64_t, 2>>> read_region(const protocol::CallCommand& call,
                                                                       const scene::SceneSnapshot& snapshot) {
  std::map<std::string, std::array<std::int64_t, 2>> region;
  const Json* const given = call.kwargs.find("region");
  if (!given || given->is_null()) return region;
  if (!given->is_object()) return fail(ErrorCode::Invalid, "region: expected an object of axes");
  for (const auto& [label, range] : given->object()) {
    const auto& axes = snapshot.axes->axes;
    const auto axis = std::ranges::find(axes, label, &scene::Axis::label);
    if (axis == axes.end()) return fail(ErrorCode::Invalid, "region: there is no axis \"{}\"", label.substr(0, 64));
    const bool is_pair = range.is_array() && range.array().size() == 2;
    const auto begin = is_pair ? range.array()[0].as_int64() : range.as_int64();
    const auto end = is_pair ? range.array()[1].as_int64() : begin ? std::optional(*begin + 1) : std::nullopt;
    if (!begin || !end || *begin < 0 || *begin >= *end || *end > axis->size) {
      return fail(ErrorCode::Invalid, "region: {}: expected a step, or [begin, end) inside 0 to {}, found {}", label,
                  axis->size, to_string(range).substr(0, 64));
    }
    region[label] = {*begin, *end};
  }
  return region;
}

Result<HistogramQuery> read_query(const CommandContext& context, std::vector<double> percentiles) {
  const protocol::CallCommand& call = context.call;
  HistogramQuery query;
  ND_ASSIGN(const std::string layer, string_argument(call, "layer", "", limits::kNameBytes));
  const scene::SnapshotPtr snapshot = context.hub.services().ledger().snapshot();
  query.layer = scene::LayerId{layer};
  if (!snapshot->find_layer(query.layer)) return fail(ErrorCode::Invalid, "layer: there is no layer \"{}\"", layer);
  ND_ASSIGN(query.bins, count_argument(call, "bins", query.bins));
  if (query.bins < kLeastBins || query.bins > limits::kHistogramBins) {
    return fail(ErrorCode::Invalid, "bins: expected {} to {}, found {}", kLeastBins, limits::kHistogramBins,
                query.bins);
  }
  ND_ASSIGN(query.percentiles, read_percentiles(call, std::move(percentiles)));
  ND_ASSIGN(query.region, read_region(call, *snapshot));
  return query;
}

void refuse(const Responder& responder, const Error& error) {
  const bool passes = error.code == ErrorCode::Limit || error.code == ErrorCode::Cancelled;
  responder.fail({passes ? CommandCode::Retryable : CommandCode::Invalid, error.message, {}});
}

/// The layer's window is set, as if the caller had moved the slider; refused when the layer is gone meanwhile.
void set_window(HubCore& hub, const Responder& responder, const scene::ViewId& view, const ledger::Author& author,
                const HistogramQuery& query, const LayerHistogram& seen) {
  std::array<double, 2> window{seen.percentiles[0], seen.percentiles[1]};
  if (window[0] == window[1]) window = seen.extremes;
  if (window[0] == window[1]) window[1] += 1;
  RoomServices& services = hub.services();
  auto reduction = reduce::reduce(*services.ledger().snapshot(), view,
                                  scene::SetLayerControl{query.layer, scene::Key::ContrastLimits, window});
  if (!reduction) return responder.fail({CommandCode::Invalid, reduction.error().message, {}});
  if (!reduction->changes.empty()) {
    services.commit({.changes = std::move(reduction->changes), .author = author, .view = view});
  }
  const ledger::Register* const now = services.ledger().find(reduction->answer);
  responder.reply(Json::make_object({{"contrast_limits", now ? protocol::to_json(now->value) : Json()},
                                     {"level", seen.level},
                                     {"server_seq", services.ledger().server_seq()}}));
}

}  // namespace

bool is_exact(const LayerHistogram& histogram) { return histogram.level == 0 && !histogram.sampled; }

Json to_payload(const HistogramQuery& query, const LayerHistogram& histogram) {
  Json::Array percentiles;
  for (std::size_t i = 0; i < query.percentiles.size(); ++i) {
    percentiles.push_back(Json::make_object({{"percent", query.percentiles[i]}, {"value", histogram.percentiles[i]}}));
  }
  Json::Array counts;
  for (const std::uint64_t count : histogram.counts) counts.emplace_back(count);
  return Json::make_object({{"layer", query.layer.value},
                            {"level", histogram.level},
                            {"levels", histogram.levels},
                            {"exact", is_exact(histogram)},
                            {"sampled", histogram.sampled},
                            {"min", histogram.extremes[0]},
                            {"max", histogram.extremes[1]},
                            {"first", histogram.first},
                            {"width", histogram.width},
                            {"counts", std::move(counts)},
                            {"percentiles", std::move(percentiles)},
                            {"voxels", histogram.voxels},
                            {"not_finite", histogram.not_finite},
                            {"server_seq", histogram.server_seq}});
}

void call_histogram(const CommandContext& context) {
  Result<HistogramQuery> query = read_query(context, {});
  if (!query) return refuse(context.responder, query.error());
  const Result<bool> refine = bool_argument(context.call, "refine", false);
  if (!refine) return refuse(context.responder, refine.error());
  std::string job;
  if (*refine) {
    auto begun = begin_job(context, "histogram", LayerHistogramJob{*query});
    if (!begun) return context.responder.fail(begun.error());
    job = *std::move(begun);
  }
  context.hub.services().count_values(
      *query, [responder = context.responder, query = *query, job](const Result<LayerHistogram>& seen) {
        if (!seen) return refuse(responder, seen.error());
        Json answer = to_payload(query, *seen);
        if (!job.empty()) answer.set("job", job);
        responder.reply(std::move(answer));
      });
}

void call_contrast_auto(const CommandContext& context) {
  Result<HistogramQuery> query = read_query(context, {kLowPercent, kHighPercent});
  if (!query) return refuse(context.responder, query.error());
  if (query->percentiles.size() != 2 || query->percentiles[0] >= query->percentiles[1]) {
    return refuse(context.responder, Error{ErrorCode::Invalid, "percentiles: expected two, the lower one first"});
  }
  ledger::Author author = context.session.author();
  author.intent_id = "nd.contrast.auto";
  context.hub.services().count_values(
      *query, [hub = context.hub.weak_from_this(), responder = context.responder, view = context.session.view, author,
               query = *query](const Result<LayerHistogram>& seen) {
        const std::shared_ptr<HubCore> alive = hub.lock();
        if (!alive) return;
        if (!seen) return refuse(responder, seen.error());
        if (seen->voxels == seen->not_finite) {
          return refuse(responder, Error{ErrorCode::Invalid, "the layer has no finite value there"});
        }
        set_window(*alive, responder, view, author, query, *seen);
      });
}

}  // namespace ndcast::session
