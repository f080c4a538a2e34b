#include "tests/sim/calls.h"

#include <array>
#include <utility>

namespace ndcast::sim {
namespace {

Json nothing() { return Json::make_object(); }

const std::string& one_of(const std::vector<std::string>& list, const Dice& pick) {
  return list.at(static_cast<std::size_t>(pick(static_cast<int>(list.size()))));
}

/// A view that the caller knows, or now and then one that nobody does.
std::string draw_view(const Acquaintance& known, const Dice& pick) {
  if (known.views.empty() || pick(12) == 0) return pick(2) == 0 ? "view-00000000" : "main";
  return one_of(known.views, pick);
}

/// `view` names another view than the caller's in one call of `rarity`.
Json maybe_view(std::string_view name, const Acquaintance& known, const Dice& pick, int rarity) {
  Json kwargs = nothing();
  if (pick(rarity) == 0) kwargs.set(name, draw_view(known, pick));
  return kwargs;
}

Json draw_path(const Acquaintance&, const Dice&) { return Json::make_object({{"path", "/data/x.zarr"}}); }
Json draw_nothing(const Acquaintance&, const Dice&) { return nothing(); }
Json draw_ticket(const Acquaintance& known, const Dice& pick) { return maybe_view("view", known, pick, 2); }
Json draw_close_view(const Acquaintance& known, const Dice& pick) {
  return pick(3) == 0 ? nothing() : maybe_view("view", known, pick, 1);
}

Json draw_fork(const Acquaintance& known, const Dice& pick) {
  Json kwargs = maybe_view("from", known, pick, 3);
  if (pick(2) == 0) kwargs.set("name", "corner " + std::to_string(pick(9)));
  return kwargs;
}

Json draw_follow(const Acquaintance& known, const Dice& pick) {
  Json kwargs = nothing();
  const int what = pick(12);
  if (what < 6 || what == 10) kwargs.set("view", draw_view(known, pick));
  if (what >= 6 && what < 11) {
    kwargs.set("session", known.sessions.empty() || pick(20) == 0 ? "nobody" : one_of(known.sessions, pick));
  }
  return kwargs;
}

Json draw_history(const Acquaintance& known, const Dice& pick) {
  Json kwargs = nothing();
  if (pick(4) > 0) kwargs.set("limit", 1 + pick(30));
  if (!known.history_cursor.empty() && pick(2) == 0) kwargs.set("cursor", known.history_cursor);
  if (!known.actors.empty() && pick(3) == 0) kwargs.set("actor", one_of(known.actors, pick));
  return kwargs;
}

Json draw_job(const Acquaintance& known, const Dice& pick) {
  return Json::make_object({{"job", known.jobs.empty() ? "job-nobody's" : one_of(known.jobs, pick)}});
}

Json draw_layer(const Acquaintance&, const Dice& pick) {
  return Json::make_object({{"layer", "layer-" + std::to_string(pick(3))}});
}

Json draw_histogram(const Acquaintance& known, const Dice& pick) {
  Json kwargs = draw_layer(known, pick);
  if (pick(3) == 0) kwargs.set("region", Json::make_object({{"z", pick(2)}}));
  return kwargs;
}

Json draw_probe(const Acquaintance&, const Dice& pick) {
  Json kwargs = nothing();
  const int what = pick(5);
  if (what < 3) kwargs.set("world", Json::make_object({{what == 2 ? "nowhere" : "x", pick(9)}}));
  if (what == 3) {
    kwargs.set("x_px", pick(1280));
    kwargs.set("y_px", pick(720));
  }
  return kwargs;
}

Json place_on_x(const Dice& pick) { return Json::make_object({{pick(12) == 0 ? "nowhere" : "x", pick(9)}}); }

Json draw_profile(const Acquaintance& known, const Dice& pick) {
  Json kwargs = pick(3) == 0 ? draw_layer(known, pick) : nothing();
  kwargs.set("from", place_on_x(pick));
  if (pick(6) > 0) kwargs.set("to", place_on_x(pick));
  return kwargs;
}

Json draw_region(const Acquaintance& known, const Dice& pick) {
  Json kwargs = pick(3) == 0 ? draw_layer(known, pick) : nothing();
  Json world = place_on_x(pick);
  if (pick(2) == 0) world.set("y", Json::make_array({pick(9), pick(9)}));
  kwargs.set("world", std::move(world));
  return kwargs;
}

Json draw_session(const Acquaintance& known, const Dice& pick) {
  return Json::make_object({{"session", known.sessions.empty() ? "nobody" : one_of(known.sessions, pick)}});
}

Json draw_on(const Acquaintance&, const Dice& pick) {
  Json kwargs = nothing();
  if (pick(2) == 0) kwargs.set("on", pick(3) > 0);
  return kwargs;
}

Json draw_wait(const Acquaintance& known, const Dice& pick) {
  Json kwargs = maybe_view("view", known, pick, 4);
  if (pick(4) > 0) kwargs.set("server_seq", known.server_seq + static_cast<unsigned>(pick(3)));
  if (pick(4) == 0) kwargs.set("camera_seq", pick(20));
  if (pick(3) == 0) kwargs.set("until", pick(2) == 0 ? "applied" : "complete");
  kwargs.set("timeout_ms", 100 + pick(400));
  return kwargs;
}

Json draw_picture(const Acquaintance& known, const Dice& pick) {
  Json kwargs = maybe_view("view", known, pick, 3);
  if (pick(3) == 0) kwargs.set("width", pick(200));
  return kwargs;
}

Json draw_movie(const Acquaintance& known, const Dice& pick) {
  Json kwargs = draw_picture(known, pick);
  kwargs.set("kind", pick(2) == 0 ? "turntable" : "along");
  if (pick(2) == 0) kwargs.set("axis", pick(2) == 0 ? "z" : "y");
  if (pick(3) == 0) kwargs.set("to", pick(30));
  return kwargs;
}

struct Row {
  std::string_view command;
  Json (*draw)(const Acquaintance&, const Dice&);
  int weight = 2;
};

/// Views and undo are what is most easily got wrong; a closed session ends a client's part for a while.
constexpr std::array kRows = {
    Row{"fs.listdir", draw_path},
    Row{"napari.load_zarr", draw_path},
    Row{"napari.pixel.request_keyframe", draw_nothing, 1},
    Row{"nd.contrast.auto", draw_histogram, 5},
    Row{"nd.histogram", draw_histogram, 4},
    Row{"nd.history", draw_history, 4},
    Row{"nd.job.cancel", draw_job, 11},
    Row{"nd.job.list", draw_nothing, 1},
    Row{"nd.layer.add", draw_path, 2},
    Row{"nd.layer.remove", draw_layer, 2},
    Row{"nd.movie", draw_movie, 5},
    Row{"nd.nothing", draw_nothing, 1},
    Row{"nd.pixel_ticket", draw_ticket},
    Row{"nd.probe", draw_probe, 2},
    Row{"nd.profile", draw_profile, 2},
    Row{"nd.redo", draw_nothing, 6},
    Row{"nd.region", draw_region, 2},
    Row{"nd.screenshot", draw_picture, 3},
    Row{"nd.session.close", draw_session, 4},
    Row{"nd.session.list", draw_nothing, 4},
    Row{"nd.stats", draw_layer, 6},
    Row{"nd.telemetry", draw_on},
    Row{"nd.thumbnails", draw_on},
    Row{"nd.undo", draw_nothing, 12},
    Row{"nd.view.close", draw_close_view, 18},
    Row{"nd.view.follow", draw_follow, 12},
    Row{"nd.view.fork", draw_fork, 9},
    Row{"nd.view.list", draw_nothing, 3},
    Row{"nd.wait_until", draw_wait},
};

constexpr int total_weight() {
  int sum = 0;
  for (const Row& row : kRows) sum += row.weight;
  return sum;
}

}  // namespace

Call draw_call(const Acquaintance& known, const Dice& pick) {
  int ticket = pick(total_weight());
  const Row* row = kRows.data();
  for (; ticket >= row->weight; ++row) ticket -= row->weight;
  return {std::string(row->command), row->draw(known, pick)};
}

}  // namespace ndcast::sim
