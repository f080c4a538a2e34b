// The part of Room that opens images: those of the operator, of the journal, of clients and of scene files.

#include <algorithm>
#include <numeric>

#include "base/log.h"
#include "image/discover.h"
#include "plan/canonical_pose.h"
#include "reduce/restored.h"
#include "room/open_scene.h"
#include "room/restore.h"
#include "room/room.h"
#include "room/scene_import.h"

namespace ndcast::room {

void Room::open(const std::string& uri, std::function<void(Result<void>)> done) {
  open_as_operator(uri, false, std::move(done));
}

bool Room::remembers_image() const { return !stored_uri(journal_->stored()).empty(); }

void Room::reopen(std::function<void(Result<void>)> done) {
  const std::string uri = stored_uri(journal_->stored());
  if (uri.empty()) return done({});
  // What a client opened may lie where clients may no longer look.
  open_as_operator(uri, image::is_remote_uri(uri) || !surroundings_.roots.roots().empty(), std::move(done));
}

void Room::open_as_operator(const std::string& uri, bool confined, std::function<void(Result<void>)> done) {
  load_in_background(uri, confined, {.actor = "operator", .origin = ledger::Origin::System},
                     [done = std::move(done)](session::LoadOutcome outcome) {
                       if (const auto* error = std::get_if<Error>(&outcome)) return done(std::unexpected(*error));
                       if (const auto* several = std::get_if<session::Ambiguous>(&outcome)) {
                         return done(fail(ErrorCode::Invalid, "{} holds {} images; name one of them: {}", several->path,
                                          several->options.size(), fmt::join(several->options, ", ")));
                       }
                       done({});
                     });
}

void Room::load_zarr(std::string path, ledger::Author author, std::function<void(session::LoadOutcome)> done) {
  load_in_background(path, true, author, done);
}

namespace {

/// Two descriptions of one channel of one image.
bool shows_same(const scene::LayerMeta& a, const scene::LayerMeta& b) {
  return a.uri == b.uri && a.channel == b.channel;
}

struct Opened {
  SceneImages images;
  reduce::NewScene scene;
};
using OpenOutcome = std::variant<Opened, session::Ambiguous, Error>;

image::Access access_of(bool confined, const DataRoots& roots, const SharedImages& images) {
  return {confined ? roots.roots() : image::Jail{}, images.remote(),
          confined ? image::Access::Who::Client : image::Access::Who::Operator};
}

/// Where `path` leads; for clients, below the data roots. What follows "#" chooses inside the place (image/address.h).
Result<std::string> place_of(const std::string& path, bool confined, const DataRoots& roots) {
  if (!confined || image::is_remote_uri(path)) return path;
  const auto [below, fragment] = image::split_fragment(path);
  ND_ASSIGN(const std::filesystem::path resolved, roots.resolve(std::string(below)));
  return fragment.empty() ? resolved.string() : fmt::format("{}#{}", resolved.string(), fragment);
}

/// What to open.
struct OpenRequest {
  std::string path;
  /// Images whose layers lie over the first one's; those that cannot be had are left out.
  std::vector<std::string> added;
  std::string added_to;  ///< URI of the image that they were added to; empty: whichever it is
  bool confined = true;
  scene::Canvas canvas;
};

/// Blocks: finds the one image that the path means and looks at it.
OpenOutcome open_blocking(const OpenRequest& request, const DataRoots& roots, SharedImages& images,
                          image::ChunkLoader& loader) {
  const auto& [path, added, added_to, confined, canvas] = request;
  const Result<std::string> found_place = place_of(path, confined, roots);
  if (!found_place) return found_place.error();
  const std::string& place = *found_place;
  const image::Access access = access_of(confined, roots, images);
  // Somebody asks for it: what failed is tried once more.
  loader.retry_failed();
  const Result<image::Discovery> found = image::find_images(place, access);
  if (!found) return found.error();
  if (found->options.size() > 1) {
    session::Ambiguous several{path, {}};
    for (const std::string& option : found->options) {
      several.options.push_back(std::filesystem::path(option).lexically_relative(place).string());
    }
    return several;
  }
  // Nothing found: opening it says why.
  const std::string target = found->options.empty() ? place : found->options.front();
  const OpenImage open = [&](const std::string& uri) { return images.open(uri, access); };
  Result<SceneImages> opened = open_scene_images(target, open);
  if (!opened) return opened.error();
  Result<reduce::NewScene> scene = describe_scene(*opened, canvas, loader);
  if (!scene) return scene.error();
  const OpenImage open_below = [&](const std::string& uri) -> Result<std::shared_ptr<const image::Image>> {
    ND_ASSIGN(const std::string below, place_of(uri, confined, roots));
    return open(below);
  };
  if (added_to.empty() || added_to == opened->image->uri) {
    add_images(added, open_below, canvas, loader, *opened, *scene);
  }
  return Opened{*std::move(opened), *std::move(scene)};
}

/// Images that have changed, as they are now. Blocks.
Result<Opened> open_anew(const SceneImages& old, const image::Access& access, const scene::Canvas& canvas,
                         SharedImages& images, image::ChunkLoader& loader) {
  const render::Images known = old.by_uri();
  const OpenImage open = [&](const std::string& uri) {
    const auto it = known.find(uri);
    return it == known.end() ? images.open(uri, access) : images.reopen(it->second, access);
  };
  Result<SceneImages> opened = open_scene_images(old.image->uri, open);
  if (!opened) return std::unexpected(opened.error());
  ND_ASSIGN(reduce::NewScene scene, describe_scene(*opened, canvas, loader));
  std::vector<std::string> added;
  for (const auto& one : old.added) added.push_back(one->uri);
  add_images(added, open, canvas, loader, *opened, scene);
  return Opened{*std::move(opened), std::move(scene)};
}

}  // namespace

void Room::load_in_background(const std::string& path, bool confined, const ledger::Author& author,
                              const std::function<void(session::LoadOutcome)>& done,
                              std::shared_ptr<const protocol::SceneRegisters> file) {
  std::vector<std::string> added;
  std::string added_to;
  if (file) {
    added = added_images_of_scene_file(*file);
  } else if (ledger_.registers().empty() && journal_->has_stored()) {
    added_to = stored_uri(journal_->stored());
    if (!added_to.empty()) added = stored_added_uris(journal_->stored(), added_to);
  }
  const std::uint64_t number = ++load_number_;
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  const scene::Canvas canvas = view ? view->view->canvas : config_.canvas;
  auto finish = posting([number, author, done, confined, file = std::move(file)](Room& self, OpenOutcome outcome) {
    if (auto* error = std::get_if<Error>(&outcome)) return done(std::move(*error));
    if (auto* several = std::get_if<session::Ambiguous>(&outcome)) return done(std::move(*several));
    if (number != self.load_number_) {
      return done(Error{ErrorCode::Cancelled, "another image was asked for before this one was open"});
    }
    const Opened& opened = std::get<Opened>(outcome);
    Result<void> shown = self.show(opened.images, opened.scene, author, file.get());
    if (shown) self.image_confined_ = confined;
    done(shown ? session::LoadOutcome(session::Loaded{}) : session::LoadOutcome(std::move(shown.error())));
    self.settle();
  });
  open_later(OpenRequest{path, std::move(added), std::move(added_to), confined, canvas}, finish, done);
}

template <class Request, class Finish, class Done>
void Room::open_later(Request request, Finish finish, const Done& done) {
  const bool posted = files_for(image::is_remote_uri(request.path))
                          .post([request = std::move(request), finish = std::move(finish), &roots = surroundings_.roots,
                                 images = surroundings_.images,
                                 loader = surroundings_.loader] {  //
                            finish(open_blocking(request, roots, *images, *loader));
                          });
  if (!posted) done(Error{ErrorCode::Limit, "too many files are being opened; try again in a moment"});
}

void Room::add_layers(std::string path, ledger::Author author, std::function<void(session::AddOutcome)> done) {
  if (!shown_.image) return done(Error{ErrorCode::Invalid, "there is no image yet that layers could be added to"});
  auto finish = posting([shown = shown_.image, author = std::move(author), done](Room& self, OpenOutcome outcome) {
    if (auto* error = std::get_if<Error>(&outcome)) return done(std::move(*error));
    if (auto* several = std::get_if<session::Ambiguous>(&outcome)) return done(std::move(*several));
    if (self.shown_.image != shown) {
      return done(Error{ErrorCode::Cancelled, "the room shows another image since; ask again"});
    }
    Opened& opened = std::get<Opened>(outcome);
    Result<std::vector<scene::LayerId>> ids = self.add(opened.images, opened.scene, author);
    done(ids ? session::AddOutcome(session::AddedLayers{*std::move(ids)})
             : session::AddOutcome(std::move(ids.error())));
    self.settle();
  });
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  open_later(OpenRequest{.path = std::move(path), .canvas = view ? view->view->canvas : config_.canvas}, finish, done);
}

Result<std::vector<scene::LayerId>> Room::add(const SceneImages& images, const reduce::NewScene& scene,
                                              const ledger::Author& author) {
  const auto snapshot = ledger_.snapshot();
  const std::string& uri = images.image->uri;
  if (const auto misfit = misfit_of_axes(*snapshot->axes, scene.axes)) {
    return fail(ErrorCode::Unsupported, "{} does not lie in this scene: {}", uri, *misfit);
  }
  std::vector<reduce::NewLayer> layers;
  for (const reduce::NewLayer& layer : scene.layers) {
    const auto shows_it = [&](const auto& block) { return shows_same(block->meta, layer.meta); };
    if (std::ranges::none_of(snapshot->layers, shows_it)) layers.push_back(layer);
  }
  if (layers.empty()) return fail(ErrorCode::Invalid, "{} is shown already, with all of its layers", uri);
  if (snapshot->layers.size() + layers.size() > limits::kLayers) {
    return fail(ErrorCode::Limit, "{} has {} layers; the scene has {}, and may have {}", uri, layers.size(),
                snapshot->layers.size(), limits::kLayers);
  }
  ledger::Transaction transaction{.changes = reduce::add_layers(*snapshot, layers), .author = author};
  if (const auto broken = ledger_.violation(transaction)) return fail(ErrorCode::Invalid, "{}: {}", uri, *broken);
  SceneImages all = shown_;
  const render::Images known = all.by_uri();
  for (const auto& [one, image] : images.by_uri()) {
    if (!known.contains(one)) all.added.push_back(image);
  }
  set_images(std::move(all));
  commit(std::move(transaction));
  publish({});
  std::vector<scene::LayerId> ids;
  for (const reduce::NewLayer& layer : layers) ids.push_back(layer.id);
  log().info("room {}: {} layers of {} are added", config_.name, ids.size(), uri);
  return ids;
}

void Room::let_go_of_images() {
  const auto snapshot = ledger_.snapshot();
  SceneImages kept = shown_;
  const auto shows_none = [&](const auto& image) {
    return std::ranges::none_of(snapshot->layers, [&](const auto& block) { return block->meta.uri == image->uri; });
  };
  if (std::erase_if(kept.added, shows_none) == 0) return;
  set_images(std::move(kept));
  publish({});
}

Background& Room::files_for(bool remote) const { return remote ? *surroundings_.remote_files : surroundings_.files; }

bool Room::shows_remote() const { return shown_.image && shown_.image->watch && shown_.image->watch->is_remote(); }

void Room::look_for_changes() {
  if (!shown_.image || std::exchange(looking_for_changes_, true)) return;
  const SceneImages old = shown_;
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  const scene::Canvas canvas = view ? view->view->canvas : config_.canvas;
  // Nothing: they are as they were.
  using Look = std::optional<Result<Opened>>;
  auto finish = posting([old](Room& self, const Look& look) {
    self.looking_for_changes_ = false;
    // Somebody may have opened something else meanwhile.
    if (!look || self.shown_.image != old.image) return;
    if (!*look) return self.tell_unreadable(look->error());
    self.unreadable_.clear();
    self.take_over((*look)->images, (*look)->scene);
    self.settle();
  });
  const bool posted = files_for(shows_remote())
                          .post([old, canvas, finish, confined = image_confined_, &roots = surroundings_.roots,
                                 images = surroundings_.images, loader = surroundings_.loader] {
                            if (!old.changed()) return finish(Look());
                            finish(open_anew(old, access_of(confined, roots, *images), canvas, *images, *loader));
                          });
  if (!posted) looking_for_changes_ = false;
}

void Room::tell_unreadable(const Error& error) {
  if (std::exchange(unreadable_, error.message) == error.message) return;  // once, not at every look
  log().warn("{} has changed and cannot be read as it is now: {}", shown_.image->uri, error.message);
}

void Room::take_over(const SceneImages& images, const reduce::NewScene& scene) {
  const ledger::Author author{.actor = "ndcast", .origin = ledger::Origin::System, .intent_id = "image-changed"};
  ledger::Transaction transaction{.author = author};
  std::vector<reduce::NewLayer> newcomers;  // a segmentation that was written beside its image, most often
  const auto snapshot = ledger_.snapshot();
  bool same_axes = snapshot->axes && snapshot->axes->axes.size() == scene.axes.axes.size();
  for (std::size_t i = 0; same_axes && i < scene.axes.axes.size(); ++i) {
    same_axes = snapshot->axes->axes[i].label == scene.axes.axes[i].label;
  }
  if (same_axes && *snapshot->axes != scene.axes) {
    transaction.changes.push_back({{scene::Scope::Axes, "main", scene::Key::Spec, {}}, scene.axes});
  }
  for (const auto& block : snapshot->layers) {
    const scene::LayerBlock& layer = *block;
    const auto same = std::ranges::find_if(
        scene.layers, [&](const reduce::NewLayer& each) { return shows_same(each.meta, layer.meta); });
    same_axes = same_axes && same != scene.layers.end();
    if (same_axes && same->meta != layer.meta) {
      transaction.changes.push_back({{scene::Scope::Layer, layer.id.value, scene::Key::Meta, {}}, same->meta});
    }
  }
  // What was there before and is no layer was taken away by somebody.
  const render::Images known = shown_.by_uri();
  std::ranges::copy_if(scene.layers, std::back_inserter(newcomers),
                       [&](const reduce::NewLayer& layer) { return !known.contains(layer.meta.uri); });
  log().info("room {}: {} has changed", config_.name, images.image->uri);
  if (!same_axes || (!transaction.changes.empty() && ledger_.violation(transaction))) {
    // Other axes, other channels, or shorter than where somebody looks: a scene of its own.
    if (const auto shown = show(images, scene, author, nullptr); !shown) log().warn("{}", shown.error().message);
    return;
  }
  set_images(images);
  if (!transaction.changes.empty()) commit(std::move(transaction));
  if (!newcomers.empty()) {
    commit({.changes = reduce::add_layers(*ledger_.snapshot(), newcomers), .author = author});
  }
  publish({});
}

namespace {

/// The scene with canonical poses for the canvases of all views.
reduce::NewScene fitted_to_views(reduce::NewScene scene, const scene::SceneSnapshot& snapshot) {
  std::vector<int> order(scene.axes.axes.size());
  std::iota(order.begin(), order.end(), 0);
  for (const auto& [id, view] : snapshot.views) {
    scene.others[id] = {plan::fitted_plane_pose(scene.axes, order, view.view->canvas),
                        plan::fitted_volume_pose(scene.axes, order, view.view->canvas)};
  }
  return scene;
}

}  // namespace

void Room::set_images(SceneImages images) {
  shown_ = std::move(images);
  images_ = std::make_shared<const render::Images>(shown_.by_uri());
}

Result<void> Room::show(const SceneImages& images, const reduce::NewScene& scene, ledger::Author author,
                        const protocol::SceneRegisters* file) {
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  reduce::Reduction reduction = reduce::replace_scene(*snapshot, scene::kMainView, fitted_to_views(scene, *snapshot),
                                                      view ? view->view->canvas : config_.canvas);
  ledger::Transaction transaction{.changes = std::move(reduction.changes),
                                  .author = std::move(author),
                                  .opens = reduction.opens,
                                  .also_in = std::move(reduction.also_in)};
  if (file) ND_TRY(add_scene_file(*file, scene, transaction));
  const image::Image& image = *images.image;
  for (const std::string& warning : image.warnings) log().warn("{}: {}", image.uri, warning);
  set_images(images);
  if (!file && bring_back(image.uri, scene)) {
    let_go_of_images();
    return {};
  }
  commit(std::move(transaction));
  log().info("room {}: shows {} ({} layers, {} levels)", config_.name, image.uri, scene.layers.size(),
             image.levels.size());
  return {};
}

Result<void> Room::add_scene_file(const protocol::SceneRegisters& file, const reduce::NewScene& described,
                                  ledger::Transaction& transaction) const {
  ND_ASSIGN(std::vector<ledger::Change> changes, scene_file_changes(file, described));
  std::erase_if(changes, [](const ledger::Change& change) { return change.id.key == scene::Key::CanvasSize; });
  std::ranges::move(changes, std::back_inserter(transaction.changes));
  // What the rest of the room holds stays true beside it: tried on a copy.
  ledger::Ledger copy(surroundings_.clock);
  copy.adopt(ledger_.registers());
  if (const auto broken = copy.violation(transaction)) return misfitting_scene_file(*broken);
  copy.commit(transaction);
  if (const auto unsound = reduce::find_unsound(*copy.snapshot())) return misfitting_scene_file(*unsound);
  return {};
}

void Room::import_scene(protocol::SceneRegisters file, const ledger::Author& author,
                        std::function<void(Result<std::uint64_t>)> done) {
  const std::string uri = image_of_scene_file(file);
  if (uri.empty()) return done(fail(ErrorCode::Invalid, "the scene file names no image"));
  load_in_background(
      uri, true, author,
      [this, done = std::move(done)](session::LoadOutcome outcome) {
        if (const auto* error = std::get_if<Error>(&outcome)) return done(std::unexpected(*error));
        if (const auto* several = std::get_if<session::Ambiguous>(&outcome)) {
          return done(fail(ErrorCode::Invalid, "{} holds {} images; the scene file has to name one of them",
                           several->path, several->options.size()));
        }
        done(ledger_.server_seq());
      },
      std::make_shared<const protocol::SceneRegisters>(std::move(file)));
}

bool Room::bring_back(const std::string& uri, const reduce::NewScene& scene) {
  if (!journal_->has_stored()) return false;
  std::optional<Restored> restored;
  if (ledger_.registers().empty() && stored_uri(journal_->stored()) == uri) {
    restored = restore(config_.name, journal_->stored(), scene, config_.canvas, surroundings_.clock);
  }
  if (!restored) {
    journal_->restored(true);
    return false;
  }
  ledger_.adopt(restored->registers);
  ledger::Transaction opening{.author = {.actor = "ndcast", .intent_id = "restart"}, .opens = scene::OpKind::Bootstrap};
  for (const auto& [id, view] : ledger_.snapshot()->views) {
    if (id != scene::kMainView) {
      std::ranges::move(reduce::close_op(*ledger_.snapshot(), id, scene::OpState::Applied),
                        std::back_inserter(opening.changes));
    }
  }
  journal_->before_commit();
  ledger::Committed committed = ledger_.commit(std::move(opening));
  journal_->note(committed, true);
  journal_->restored(restored->refused > 0);
  // Whoever is here already was told of an idle room.
  committed.changed.clear();
  for (const auto& [id, value] : ledger_.registers()) committed.changed.push_back(id);
  worker_->publish(ledger_.snapshot(), images_, MonotonicTime{});
  hub_->on_commit(committed, session::OpenedOp{scene::kMainView, scene::OpKind::Bootstrap});
  log().info("room {}: shows {} again, as it was at {}", config_.name, uri, committed.server_seq - 1);
  return true;
}

}  // namespace ndcast::room
