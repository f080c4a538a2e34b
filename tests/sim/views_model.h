#pragma once
// Who sees which view, by the rules of WP32 alone: homes, followers, forks, closed and forgotten views. The server's
// bindings are compared with it after every call.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "auth/roles.h"
#include "base/clock.h"
#include "base/json.h"
#include "scene/register.h"
#include "session/session_hub.h"
#include "tests/sim/violations.h"

namespace ndcast::sim {

class ViewsModel {
 public:
  using Id = session::SessionId;
  struct Person {
    std::string actor;
    auth::Role role = auth::Role::Editor;
    MonotonicTime since;  ///< its socket opened
    scene::ViewId home = scene::kMainView;
    scene::ViewId sees = scene::kMainView;
    std::optional<Id> follows;
    std::uint8_t binding = 0;
    std::optional<Json> cursor;

    /// It sees another view than its home.
    bool is_away() const { return sees != home; }
    bool goes_along() const { return is_away() || follows.has_value(); }
  };
  struct View {
    std::string name;
    std::string owner;
    std::optional<Id> forked_by;
    std::optional<MonotonicTime> unused_since;
  };

  /// A server with these views, in which nobody is yet.
  void begin_with(const std::map<scene::ViewId, View>& views);
  void enter(const Id& id, Person person) { people_[id] = std::move(person); }
  void leave(const Id& id);

  const Person* find(const Id& id) const;
  const std::map<Id, Person>& people() const { return people_; }
  const std::map<scene::ViewId, View>& views() const { return views_; }
  void point(const Id& id, std::optional<Json> cursor) { people_.at(id).cursor = std::move(cursor); }

  /// Whether a move that the person sends there lands where nobody is moved who did not ask for it (WP1): in a view
  /// that it lives in alone, or follows, for that move lands at its home.
  bool owns(const Id& id, const scene::ViewId& view) const;
  bool lives_alone(const Id& id, const scene::ViewId& view) const;
  /// The room and the person may have one view more.
  bool may_fork(const Id& id) const;

  void fork(const Id& id, const scene::ViewId& born, std::string name);
  void follow(const Id& id, const scene::ViewId& view);
  void follow(const Id& id, const Id& other);
  void close(const scene::ViewId& view);
  /// An accepted move in what the person sees. True when a person who was away gets a fork for a home.
  bool needs_fork_to_move(const Id& id) const;
  void go_home(const Id& id);

  /// Time passed, or something happened: the views that were unused for the grace are closed.
  std::vector<scene::ViewId> close_unused(MonotonicTime now);
  void note_unused(MonotonicTime now);

  /// Everybody sees what this says, with this binding, and no other view is there.
  void compare(const session::SessionHub& hub, const std::map<scene::ViewId, scene::ViewState>& truth,
               Violations& violations) const;

 private:
  void see(const Id& id, const scene::ViewId& view);

  std::map<Id, Person> people_;
  std::map<scene::ViewId, View> views_;
};

}  // namespace ndcast::sim
