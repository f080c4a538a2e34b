// WP1: each cell of the role table, tried through a real hub: what is allowed succeeds, what is not gets its code.

#include <gtest/gtest.h>

#include "auth/role_table.h"
#include "protocol/key_forms.h"
#include "session/command_registry.h"
#include "session/key_values_test_util.h"
#include "session/role_table.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using auth::Role;

constexpr std::array kRoles = {Role::Viewer, Role::Editor, Role::Admin};

std::string target_of(std::string_view scope) { return scope == "dims" ? "z" : scope == "layer" ? "layer-0" : "main"; }

TEST(Roles, WP1_EveryStateKeyTimesEveryRole) {
  std::size_t cells = 0;
  std::size_t forbidden = 0;
  for (const protocol::KeyForm& form : protocol::key_forms()) {
    for (const Role role : kRoles) {
      for (const bool owns_view : {false, true}) {
        Rig rig;
        Client client = rig.settled(rig.native("someone", role));
        // Orbits exist in 3D only.
        if (form.key == "orbit") {
          rig.settled(rig.native("admin", Role::Admin)).update("view", "main", "ndisplay", 3);
          rig.apply_all();
          rig.settle();
        }
        if (owns_view) {
          client.call("nd.view.fork");
          rig.apply_all(scene::ViewId{text_at(client.take("reply.command"), {"payload", "result", "view"})});
          rig.settle();
        }
        const Json ack = client.update(form.scope, target_of(form.scope), form.key, good_value(form.scope, form.key));
        const std::string got =
            text_at(ack, {"payload", "status"}) == "accepted" ? "accepted" : text_at(ack, {"payload", "error", "code"});
        const bool allowed = may_update(role, form.scope, form.key, owns_view);
        EXPECT_EQ(got, allowed ? "accepted" : "state.forbidden")
            << form.scope << "." << form.key << " " << to_string(role) << (owns_view ? " own view" : " shared view")
            << to_string(ack);
        ++cells;
        forbidden += !allowed;
      }
    }
  }
  std::printf("%zu cells, %zu forbidden\n", cells, forbidden);
  EXPECT_GT(forbidden, 20U);
}

TEST(Roles, WP1_EveryScopeOfTheProtocolHasARow) {
  for (const protocol::KeyForm& form : protocol::key_forms()) {
    EXPECT_TRUE(scene::min_role_of(form.scope, form.key)) << form.scope << "." << form.key;
  }
  EXPECT_FALSE(may_update(Role::Editor, "forgotten", "key", true));
}

TEST(Roles, WP1_TheWelcomeNamesTheLeastRole) {
  Rig rig;
  const Json welcome = rig.native("eve", Role::Viewer).take("session.welcome");
  const Json keys = at(welcome, {"nd", "capabilities", "keys"});
  ASSERT_GT(keys.size(), 5U);
  for (const Json& key : keys.array()) {
    const std::string scope = text_at(key, {"scope"});
    EXPECT_EQ(text_at(key, {"role"}), to_string(least_role(scope, text_at(key, {"key"}), false))) << scope;
  }
}

TEST(Roles, WP1_EveryCommandTimesEveryRole) {
  for (const CommandSpec& command : command_table()) {
    for (const Role role : kRoles) {
      Rig rig;
      Client client = rig.settled(rig.native("someone", role));
      client.call(command.name);
      const bool is_forbidden = client.has("error.command") &&
                                text_at(client.take("error.command"), {"payload", "code"}) == "command.forbidden";
      EXPECT_EQ(is_forbidden, !auth::may_act_as(role, command.role)) << command.name << " " << to_string(role);
    }
  }
}

TEST(Roles, AnAdminListsAndEndsSessions) {
  Rig rig;
  Client root = rig.settled(rig.native("root", Role::Admin));
  Client eve = rig.settled(rig.native("eve", Role::Viewer));
  root.call("nd.session.list");
  const Json listed = at(root.take("reply.command"), {"payload", "result", "sessions"});
  ASSERT_EQ(listed.size(), 2U);
  std::set<std::string> names;
  for (const Json& row : listed.array()) names.insert(text_at(row, {"actor"}) + " " + text_at(row, {"role"}));
  EXPECT_EQ(names, (std::set<std::string>{"root admin", "eve viewer"}));
  root.call("nd.session.close", Json::make_object({{"session", eve.id.value}}));
  EXPECT_TRUE(root.has("reply.command"));
  EXPECT_EQ(text_at(eve.take("session.goodbye"), {"payload", "code"}), "session.closed");
  EXPECT_EQ(eve.sink->close_code, 1008);
  for (const std::string& wrong : {eve.id.value, root.id.value, std::string("nobody")}) {
    root.call("nd.session.close", Json::make_object({{"session", wrong}}));
    EXPECT_EQ(text_at(root.take("error.command"), {"payload", "code"}), "command.invalid") << wrong;
  }
}

}  // namespace
}  // namespace ndcast::session
