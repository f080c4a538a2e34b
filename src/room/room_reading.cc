// The part of Room that reads voxels for whoever asks: values counted, at a place, along a line, in a box.

#include <ranges>
#include <utility>

#include "base/histogram_limits.h"
#include "base/reading_limits.h"
#include "room/layer_histogram.h"
#include "room/layer_probe.h"
#include "room/layer_profile.h"
#include "room/layer_region.h"
#include "room/room.h"
#include "room/waits.h"

namespace ndcast::room {
namespace {

/// Asked of each layer, put together; the first error is the answer.
template <class Answer, class Ask>
Result<Answer> for_each_layer(const std::vector<PlacedLayer>& layers, Ask&& ask) {
  Answer out;
  for (const PlacedLayer& layer : layers) {
    ND_ASSIGN(auto seen, ask(layer));
    out.layers.push_back(std::move(seen));
  }
  return out;
}

}  // namespace

Result<LayerPlace> Room::place_of(const scene::LayerId& id) const {
  const scene::SnapshotPtr snapshot = ledger_.snapshot();
  const scene::LayerBlock* const layer = snapshot->find_layer(id);
  const auto image = layer ? images_->find(layer->meta.uri) : images_->end();
  if (image == images_->end() || image->second->levels.empty()) {
    return fail(ErrorCode::NotFound, "the image of layer \"{}\" is not open", id.value);
  }
  plan::LayerAxes axes =
      plan::layer_axes(*image->second, layer->meta.channel, static_cast<int>(snapshot->axes->axes.size()));
  return LayerPlace{image->second, std::move(axes), *snapshot->axes};
}

std::optional<PlacedLayer> Room::placed_layer(const scene::LayerId& id) const {
  Result<LayerPlace> place = place_of(id);
  if (!place) return std::nullopt;
  const scene::LayerControls& controls = ledger_.snapshot()->find_layer(id)->controls;
  place->axes.scale = controls.scale;
  place->axes.translate = controls.translate;
  return PlacedLayer{id, controls.name, *std::move(place)};
}

void Room::count_values(session::HistogramQuery query, std::function<void(Result<session::LayerHistogram>)> done) {
  Result<LayerPlace> place = place_of(query.layer);
  if (!place) return done(std::unexpected(place.error()));
  auto finish = posting([done](Room&, const Result<session::LayerHistogram>& seen) { done(seen); });
  const bool posted =
      readings().post([place = *std::move(place), query = std::move(query), finish, loader = surroundings_.loader,
                       server_seq = ledger_.server_seq(), waits = Waits(surroundings_.clock, limits::kCommandTimeout)] {
        if (waits.are_over()) return finish(told_already());
        auto seen = count_layer(
            place, query, {.at_most_bytes = limits::kHistogramAtOnceBytes, .loader = loader.get(), .on_progress = {}});
        if (seen) seen->server_seq = server_seq;
        finish(seen);
      });
  if (!posted) done(fail(ErrorCode::Limit, "too much is being read; try again in a moment"));
}

Background& Room::readings() const { return shows_remote() ? *surroundings_.remote_readings : *surroundings_.readings; }

std::vector<PlacedLayer> Room::visible_layers() const {
  std::vector<PlacedLayer> layers;
  for (const auto& layer : ledger_.snapshot()->layers | std::views::reverse) {
    // One that is still being opened shows nothing either.
    if (auto placed = layer->controls.visible ? placed_layer(layer->id) : std::nullopt) {
      layers.push_back(*std::move(placed));
    }
  }
  return layers;
}

template <class Answer>
void Room::read_layers(const std::optional<scene::LayerId>& only, std::function<void(Result<Answer>)> done,
                       std::function<Result<Answer>(const std::vector<PlacedLayer>&, image::ChunkLoader&)> read) {
  std::vector<PlacedLayer> layers;
  if (only) {
    auto placed = placed_layer(*only);
    if (!placed) return done(fail(ErrorCode::NotFound, "the image of layer \"{}\" is not open", only->value));
    layers.push_back(*std::move(placed));
  } else {
    layers = visible_layers();
  }
  auto finish = posting([done](Room&, const Result<Answer>& answer) { done(answer); });
  const bool posted =
      readings().post([layers = std::move(layers), read = std::move(read), finish, loader = surroundings_.loader,
                       server_seq = ledger_.server_seq(), waits = Waits(surroundings_.clock, limits::kCommandTimeout)] {
        if (waits.are_over()) return finish(told_already());
        Result<Answer> answer = read(layers, *loader);
        if (answer) answer->server_seq = server_seq;
        finish(std::move(answer));
      });
  if (!posted) done(fail(ErrorCode::Limit, "too much is being read; try again in a moment"));
}

void Room::probe(session::ProbeQuery query, std::function<void(Result<session::Probe>)> done) {
  read_layers<session::Probe>({}, std::move(done), [query = std::move(query)](const auto& layers, auto& loader) {
    return for_each_layer<session::Probe>(
        layers, [&](const PlacedLayer& layer) { return probe_layer(layer.id, layer.place, query.world, loader); });
  });
}

void Room::profile(session::ProfileQuery query, std::function<void(Result<session::Profile>)> done) {
  read_layers<session::Profile>(query.layer, std::move(done), [query](const auto& layers, auto& loader) {
    return profile_layers(layers, query, loader);
  });
}

void Room::summarise(session::RegionQuery query, std::function<void(Result<session::Region>)> done) {
  read_layers<session::Region>(query.layer, std::move(done), [query](const auto& layers, auto& loader) {
    const std::uint64_t bytes = limits::kReadingBytes / std::max<std::size_t>(layers.size(), 1);
    return for_each_layer<session::Region>(
        layers, [&](const PlacedLayer& layer) { return summarise_layer(layer, query, bytes, loader); });
  });
}

}  // namespace ndcast::room
