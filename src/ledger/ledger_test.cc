#include "ledger/ledger.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace ndcast::ledger {
namespace {

using namespace scene;

const RegisterId kIndexZ{Scope::Dims, "z", Key::Index, "main"};

/// Every register of a scene with two axes, one layer and one view.
Transaction small_scene() {
  Transaction transaction;
  const auto add = [&](RegisterId id, Value value) {
    transaction.changes.push_back({std::move(id), std::move(value)});
  };
  const auto view = [&](Scope scope, Key key, Value value) { add({scope, "main", key, {}}, std::move(value)); };
  const auto layer = [&](Key key, Value value) { add({Scope::Layer, "layer-0", key, {}}, std::move(value)); };
  add({Scope::Scene, "main", Key::Source, {}}, Source{SourceStatus::Ready, "mem://a", "a", ""});
  add({Scope::Axes, "main", Key::Spec, {}},
      AxesSpec{{Axis{"z", AxisRole::Space, "", 10, 0, 1}, Axis{"y", AxisRole::Space, "", 20, 0, 1},
                Axis{"x", AxisRole::Space, "", 30, 0, 1}}});
  for (const char* axis : {"z", "y", "x"}) add({Scope::Dims, axis, Key::Index, "main"}, std::int64_t{0});
  view(Scope::View, Key::Ndisplay, std::int64_t{2});
  view(Scope::View, Key::Order, std::vector<std::int64_t>{0, 1, 2});
  view(Scope::View, Key::CanvasSize, Canvas{});
  view(Scope::View, Key::Meta, ViewMeta{});
  view(Scope::Camera, Key::Plane, PlanePose{});
  view(Scope::Camera, Key::Volume, VolumePose{});
  view(Scope::Lod, Key::Shown, LodShown{});
  view(Scope::RestoreCache, Key::Plane, PlaneRestore{0, {0, 0, 0}, {}});
  view(Scope::RestoreCache, Key::Volume, VolumeRestore{0, {0, 0, 0}, {}});
  view(Scope::Stream, Key::Config, StreamConfig{});
  layer(Key::Meta, LayerMeta{});
  layer(Key::Name, std::string("a"));
  layer(Key::LayerOrder, std::int64_t{0});
  layer(Key::ContrastLimits, std::array<double, 2>{0, 1});
  layer(Key::Colormap, std::string("gray"));
  for (const Scope scope : {Scope::Layer, Scope::Multiscale, Scope::Settings, Scope::Dims}) {
    for (const auto& [key, value] : default_values(scope)) {
      if (scope == Scope::Layer) layer(key, value);
      if (scope == Scope::Multiscale || scope == Scope::Settings) view(scope, key, value);
      for (const char* axis : {"z", "y", "x"}) {
        if (scope == Scope::Dims) add({Scope::Dims, axis, key, "main"}, value);
      }
    }
  }
  layer(Key::IsoThreshold, 0.5);
  transaction.opens = OpKind::Bootstrap;
  return transaction;
}

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() { ledger_.commit(small_scene()); }
  Committed set(RegisterId id, Value value) { return ledger_.commit({.changes = {{std::move(id), std::move(value)}}}); }

  FakeClock clock_;
  Ledger ledger_{clock_};
};

TEST(Ledger, IsIdleBeforeTheFirstCommit) {
  FakeClock clock;
  const Ledger ledger(clock);
  EXPECT_EQ(ledger.server_seq(), 0U);
  EXPECT_EQ(ledger.snapshot()->source->status, SourceStatus::Idle);
  EXPECT_TRUE(ledger.snapshot()->views.empty());
}

TEST_F(LedgerTest, VersionIsTheServerSeqOfTheLastChange) {
  EXPECT_EQ(ledger_.server_seq(), 1U);
  const Committed first = set(kIndexZ, std::int64_t{4});
  EXPECT_EQ(first.server_seq, 2U);
  EXPECT_EQ(ledger_.find(kIndexZ)->version, 2U);
  EXPECT_EQ(ledger_.find({Scope::Dims, "y", Key::Index, "main"})->version, 1U);
}

TEST_F(LedgerTest, AnIdenticalValueChangesNothing) {
  set(kIndexZ, std::int64_t{4});
  const SnapshotPtr before = ledger_.snapshot();
  const Committed again = set(kIndexZ, std::int64_t{4});
  EXPECT_TRUE(again.changed.empty());
  EXPECT_EQ(again.server_seq, 2U);
  EXPECT_EQ(ledger_.find(kIndexZ)->version, 2U);
  EXPECT_EQ(ledger_.snapshot(), before);
}

TEST_F(LedgerTest, ATransactionIsOneServerSeqAndListsARegisterOnce) {
  const Committed committed = ledger_.commit({.changes = {{kIndexZ, std::int64_t{4}},
                                                          {{Scope::Dims, "y", Key::Index, "main"}, std::int64_t{5}},
                                                          {kIndexZ, std::int64_t{6}}}});
  EXPECT_EQ(committed.server_seq, 2U);
  EXPECT_EQ(committed.changed.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(ledger_.find(kIndexZ)->value), 6);
}

TEST_F(LedgerTest, UntouchedBlocksKeepTheirPointer) {
  const SnapshotPtr before = ledger_.snapshot();
  set(kIndexZ, std::int64_t{4});
  const SnapshotPtr after = ledger_.snapshot();
  const ViewState& old_view = *before->find_view(kMainView);
  const ViewState& new_view = *after->find_view(kMainView);
  EXPECT_NE(old_view.index, new_view.index);
  EXPECT_EQ(old_view.view, new_view.view);
  EXPECT_EQ(old_view.camera, new_view.camera);
  EXPECT_EQ(before->layers, after->layers);
  EXPECT_EQ(before->axes, after->axes);
  EXPECT_EQ(old_view.index->value[0], 0) << "a published snapshot never changes";
}

TEST_F(LedgerTest, LayersAreWhatTheirRegistersSayInTheirOrder) {
  Transaction second;
  for (const Change& change : small_scene().changes) {
    if (change.id.scope != Scope::Layer) continue;
    second.changes.push_back({{Scope::Layer, "layer-1", change.id.key, {}}, change.value});
    if (change.id.key == Key::LayerOrder) second.changes.back().value = std::int64_t{1};
  }
  ledger_.commit(second);
  set({Scope::Layer, "layer-0", Key::Gamma, {}}, 0.5);
  set({Scope::Layer, "layer-1", Key::Name, {}}, std::string("b"));
  LayerMeta meta;
  meta.dtype = "uint16";
  set({Scope::Layer, "layer-1", Key::Meta, {}}, meta);
  const auto ids = [this] {
    std::vector<std::string> ids;
    for (const auto& layer : ledger_.snapshot()->layers) ids.push_back(layer->id.value);
    return ids;
  };
  EXPECT_EQ(ids(), (std::vector<std::string>{"layer-0", "layer-1"}));
  EXPECT_EQ(ledger_.snapshot()->layers[0]->controls.gamma, 0.5);
  EXPECT_EQ(ledger_.snapshot()->layers[1]->controls.name, "b");
  EXPECT_EQ(ledger_.snapshot()->layers[1]->meta, meta);

  set({Scope::Layer, "layer-0", Key::LayerOrder, {}}, std::int64_t{2});
  EXPECT_EQ(ids(), (std::vector<std::string>{"layer-1", "layer-0"}));
  EXPECT_EQ(ledger_.snapshot()->layers[1]->controls.gamma, 0.5) << "what was set before";

  Transaction gone;
  for (const Change& change : second.changes) gone.changes.push_back({change.id, Gone{}});
  ledger_.commit(gone);
  EXPECT_EQ(ids(), (std::vector<std::string>{"layer-0"}));
}

TEST_F(LedgerTest, ViolationsAreFoundBeforeAnythingChanges) {
  const auto violation = [&](RegisterId id, Value value) {
    return ledger_.violation({.changes = {{std::move(id), std::move(value)}}}).value_or("");
  };
  EXPECT_NE(violation(kIndexZ, std::int64_t{10}), "") << "outside the axis";
  EXPECT_NE(violation(kIndexZ, 1.5), "") << "of another type";
  EXPECT_NE(violation({Scope::Dims, "q", Key::Index, "main"}, std::int64_t{0}), "") << "no such axis";
  EXPECT_NE(violation({Scope::View, "main", Key::Order, {}}, std::vector<std::int64_t>{0, 0, 1}), "");
  EXPECT_NE(violation({Scope::View, "main", Key::Ndisplay, {}}, std::int64_t{4}), "");
  EXPECT_NE(violation({Scope::Layer, "layer-7", Key::Gamma, {}}, 1.0), "") << "a layer in pieces";
  EXPECT_NE(violation({Scope::RestoreCache, "main", Key::Plane, {}}, Gone{}), "") << "both caches exist always";
  EXPECT_EQ(violation(kIndexZ, std::int64_t{9}), "");
  EXPECT_EQ(ledger_.server_seq(), 1U);
}

TEST_F(LedgerTest, AToggleMustCopyTheRestoreCache) {
  Transaction bad{.changes = {{{Scope::View, "main", Key::Ndisplay, {}}, std::int64_t{3}},
                              {{Scope::Camera, "main", Key::Volume, {}}, VolumePose{{1, 2, 3}, {0, 0, 0}, 5, 60}}},
                  .opens = OpKind::ViewToggle};
  EXPECT_TRUE(ledger_.violation(bad));
  EXPECT_DEATH(ledger_.commit(bad), "restore cache");
}

TEST_F(LedgerTest, OpeningAnOpRaisesItsSeqInTheSameCommit) {
  const Committed committed =
      ledger_.commit({.changes = {{{Scope::Multiscale, "main", Key::Level, {}}, std::optional<std::int64_t>(1)}},
                      .opens = OpKind::LevelUpdate});
  const Op& op = *ledger_.snapshot()->find_view(kMainView)->op;
  EXPECT_EQ(op, (Op{2, OpState::Open, OpKind::LevelUpdate}));
  EXPECT_EQ(ledger_.find({Scope::Op, "main", Key::State, {}})->version, committed.server_seq);
}

TEST_F(LedgerTest, ProvenanceStaysWithTheRegister) {
  ledger_.commit({.changes = {{kIndexZ, std::int64_t{3}}},
                  .author = {.actor = "ada", .origin = Origin::Agent, .intent_id = "i-1", .client_seq = 7}});
  const Register& entry = *ledger_.find(kIndexZ);
  EXPECT_EQ(entry.author->actor, "ada");
  EXPECT_EQ(entry.author->origin, Origin::Agent);
  EXPECT_EQ(entry.author->client_seq, 7);
}

TEST_F(LedgerTest, SnapshotsMayBeReadFromAnotherThread) {
  std::atomic<bool> done = false;
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!done) {
      const SnapshotPtr now = ledger_.snapshot();
      EXPECT_GE(now->server_seq, last);
      last = now->server_seq;
      EXPECT_EQ(now->find_view(kMainView)->index->value.size(), 3U);
    }
  });
  for (int i = 0; i < 2000; ++i) set(kIndexZ, std::int64_t{i % 10});
  done = true;
  reader.join();
}

}  // namespace
}  // namespace ndcast::ledger
