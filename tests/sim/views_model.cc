#include "tests/sim/views_model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "scene/snapshot.h"

namespace ndcast::sim {

using scene::kMainView;
using scene::ViewId;

void ViewsModel::begin_with(const std::map<ViewId, View>& views) {
  people_.clear();
  views_ = views;
}

const ViewsModel::Person* ViewsModel::find(const Id& id) const {
  const auto it = people_.find(id);
  return it == people_.end() ? nullptr : &it->second;
}

void ViewsModel::leave(const Id& id) {
  people_.erase(id);
  for (auto& [view, what] : views_) {
    if (what.forked_by == id) what.forked_by.reset();
  }
  // There is nobody any more to go along with.
  for (auto& [other, person] : people_) {
    if (person.follows == id) person.follows.reset();
  }
}

bool ViewsModel::lives_alone(const Id& id, const ViewId& view) const {
  const Person& person = people_.at(id);
  if (view == kMainView || view != person.home) return false;
  if (views_.at(view).forked_by == id) return true;
  return std::ranges::none_of(people_,
                              [&](const auto& entry) { return entry.first != id && entry.second.home == view; });
}

bool ViewsModel::owns(const Id& id, const ViewId& view) const {
  const Person& person = people_.at(id);
  return (person.is_away() && view == person.sees) || lives_alone(id, view);
}

bool ViewsModel::may_fork(const Id& id) const {
  const auto own = std::ranges::count_if(views_, [&](const auto& entry) { return entry.second.forked_by == id; });
  return views_.size() < limits::kViewsPerRoom && static_cast<std::size_t>(own) < limits::kViewsPerSession;
}

void ViewsModel::see(const Id& id, const ViewId& view) {
  Person& person = people_.at(id);
  if (person.sees == view) return;
  person.sees = view;
  ++person.binding;
  for (auto& [other, follower] : people_) {
    if (follower.follows == id) see(other, view);
  }
}

void ViewsModel::fork(const Id& id, const ViewId& born, std::string name) {
  Person& person = people_.at(id);
  views_[born] = {.name = std::move(name), .owner = person.actor, .forked_by = id, .unused_since = {}};
  person.follows.reset();
  person.home = born;
  see(id, born);
}

void ViewsModel::follow(const Id& id, const ViewId& view) {
  people_.at(id).follows.reset();
  see(id, view);
}

void ViewsModel::follow(const Id& id, const Id& other) {
  people_.at(id).follows = other;
  see(id, people_.at(other).sees);
}

void ViewsModel::close(const ViewId& view) {
  views_.erase(view);
  for (auto& [id, person] : people_) {
    if (person.home != view) continue;
    person.home = kMainView;
    if (person.sees == view) see(id, kMainView);
  }
  // Who follows the view itself goes home, and who follows somebody goes along.
  for (auto& [id, person] : people_) {
    if (person.sees == view && !person.follows) see(id, person.home);
  }
  // Left are those who follow each other in a circle.
  for (auto& [id, person] : people_) {
    if (person.sees == view) person.follows.reset();
  }
  for (auto& [id, person] : people_) {
    if (person.sees == view) see(id, person.home);
  }
}

bool ViewsModel::needs_fork_to_move(const Id& id) const {
  const Person& person = people_.at(id);
  if (person.home == kMainView) return true;
  // A viewer moves nobody.
  return person.role == auth::Role::Viewer && !lives_alone(id, person.home);
}

void ViewsModel::go_home(const Id& id) {
  people_.at(id).follows.reset();
  see(id, people_.at(id).home);
}

std::vector<ViewId> ViewsModel::close_unused(MonotonicTime now) {
  std::vector<ViewId> closed;
  for (const auto& [id, view] : views_) {
    if (view.unused_since && *view.unused_since + limits::kViewGrace <= now) closed.push_back(id);
  }
  for (const ViewId& id : closed) close(id);
  return closed;
}

void ViewsModel::note_unused(MonotonicTime now) {
  for (auto& [id, view] : views_) {
    const bool used = id == kMainView || std::ranges::any_of(people_, [&, &name = id](const auto& entry) {
                        return entry.second.home == name || entry.second.sees == name;
                      });
    if (used) {
      view.unused_since.reset();
    } else if (!view.unused_since) {
      view.unused_since = now;
    }
  }
}

void ViewsModel::compare(const session::SessionHub& hub, const std::map<ViewId, scene::ViewState>& truth,
                         Violations& violations) const {
  for (const auto& [id, person] : people_) {
    const auto bound = hub.bound_view(id);
    if (!bound) {
      violations.add(fmt::format("{} is in the room and the server does not know", person.actor));
    } else if (bound->view != person.sees || bound->binding != person.binding) {
      violations.add(fmt::format("WP32: {} sees {} ({}), should see {} ({})", person.actor, bound->view.value,
                                 bound->binding, person.sees.value, person.binding));
    }
  }
  const bool same = std::ranges::equal(truth, views_, [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.meta->name == b.second.name && a.second.meta->owner == b.second.owner;
  });
  if (!same) {
    violations.add(fmt::format("WP32: the room has {} views, should have {}, or one has another name or owner",
                               truth.size(), views_.size()));
  }
}

}  // namespace ndcast::sim
