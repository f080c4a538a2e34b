#pragma once
// Hands a client's frame to the server and says what the answer has to be: from the models, before and after. What the
// server did wrong at once is a violation at once.
//
//   const Verdict verdict = Judge(server parts).hear(session, text, newcomer);

#include <string>

#include "session/session_hub.h"
#include "tests/sim/sim_room.h"
#include "tests/sim/story.h"
#include "tests/sim/verdict.h"

namespace ndcast::sim {

/// What a session's hello does not say.
struct Newcomer {
  std::string actor;
  auth::Role role = auth::Role::Editor;
  MonotonicTime since;
};

class Judge {
 public:
  using Id = session::SessionId;
  Judge(session::SessionHub& hub, SimRoom& room, Models& models, Tally& tally, Violations& violations)
      : hub_(hub), room_(room), models_(models), tally_(tally), violations_(violations) {}

  Verdict hear(const Id& id, const std::string& text, const Newcomer& newcomer);

 private:
  struct Heard {
    const Id& id;
    const std::string& text;
    const Json& frame;
    const Json payload;
  };
  void run(const Heard& heard) { hub_.on_text(heard.id, heard.text); }
  void fail(const std::string& what) { violations_.add(what); }
  const ViewsModel::Person& person(const Heard& heard) const { return *models_.views.find(heard.id); }
  bool is_there(const scene::ViewId& view) const { return models_.views.views().contains(view); }
  /// The view that appeared in the ledger and that the model does not know; the main view when there is none.
  scene::ViewId newborn();

  void hear_hello(const Heard& heard, const Newcomer& newcomer);
  void hear_pointing(const Heard& heard);
  Verdict hear_update(const Heard& heard);
  /// The view that the update is about.
  scene::ViewId target_of(const Heard& heard) const;
  void leave_by_moving(const Heard& heard);

  Verdict hear_call(const Heard& heard);
  Verdict judge_call(const Heard& heard, const std::string& command, const Json& kwargs);
  Verdict fork(const Heard& heard, const Json& kwargs);
  Verdict follow(const Heard& heard, const Json& kwargs);
  Verdict close_view(const Heard& heard, const Json& kwargs);
  Verdict list_views(const Heard& heard);
  Verdict list_sessions(const Heard& heard);
  Verdict close_session(const Heard& heard, const Json& kwargs);
  Verdict start_job(const Heard& heard, const Json& kwargs);
  Verdict start_movie(const Heard& heard);
  Verdict cancel_job(const Heard& heard, const Json& kwargs);
  Verdict history(const Heard& heard, const Json& kwargs);
  Verdict undo(const Heard& heard, UndoModel::Way way);
  void check_undone(const UndoModel::Foreseen& foreseen);
  Json undo_result(const Heard& heard, const UndoModel::Foreseen& foreseen) const;
  Json where(const Heard& heard) const;

  session::SessionHub& hub_;
  SimRoom& room_;
  Models& models_;
  Tally& tally_;
  Violations& violations_;
};

}  // namespace ndcast::sim
