// An image and the label images that belong to it, in one scene.

#include "room/scene_images.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/memory_journal.h"
#include "protocol/scene_file.h"
#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

/// An OME-Zarr 0.4 image of 8 × 8 pixels, value 40, with label images below labels/.
class Labelled : public ::testing::Test {
 protected:
  Labelled() {
    std::string pattern = (fs::temp_directory_path() / "ndcast-labelled-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    write_image("", R"("version":"0.4")", "|u1", std::string(64, '\x28'));
  }
  ~Labelled() override { fs::remove_all(path_); }

  void write(const std::string& key, std::string_view text) const {
    fs::create_directories((path_ / key).parent_path());
    std::ofstream(path_ / key, std::ios::binary) << text;
  }
  /// A group with one level; `more` goes into its attributes beside multiscales.
  void write_image(const std::string& group, const std::string& multiscale, const std::string& dtype,
                   const std::string& voxels, const std::string& more = "") const {
    const std::string at = group.empty() ? "" : group + "/";
    write(at + ".zgroup", R"({"zarr_format":2})");
    write(at + ".zattrs",
          fmt::format(R"({{"multiscales":[{{{},"axes":[{{"name":"y","type":"space"}},{{"name":"x","type":"space"}}],)"
                      R"("datasets":[{{"path":"0"}}]}}]{}}})",
                      multiscale, more));
    write(at + "0/.zarray",
          fmt::format(R"({{"zarr_format":2,"shape":[8,8],"chunks":[8,8],"dtype":"{}","compressor":null,"fill_value":0,)"
                      R"("order":"C","filters":null}})",
                      dtype));
    write(at + "0/0.0", voxels);
  }
  void write_labels(const std::string& name, const std::string& dtype = "|u1") const {
    write_image("labels/" + name, R"("version":"0.4")", dtype, std::string(64, '\x05'),
                R"(,"image-label":{"version":"0.4","colors":[{"label-value":5,"rgba":[0,200,0,255]}]})");
  }
  void list_labels(const std::string& names) const {
    write("labels/.zgroup", R"({"zarr_format":2})");
    write("labels/.zattrs", fmt::format(R"({{"labels":[{}]}})", names));
  }
  void open() {
    ASSERT_TRUE(house_.open(path_.string()));
    ada_.emplace(house_, "ada");
    ada_->join();
  }
  std::vector<std::string> layer_names() const {
    std::vector<std::string> names;
    for (const auto& layer : house_.room->snapshot()->layers) names.push_back(layer->controls.name);
    return names;
  }

  fs::path path_;
  LoopbackRoom house_;
  std::optional<LoopbackClient> ada_;
};

TEST_F(Labelled, LabelImagesAreHiddenLayersAboveTheImage) {
  list_labels(R"("cells","a%b")");
  write_labels("cells");
  write_labels("a%b", "<i8");
  write("labels/a%b/0/0.0", std::string(512, '\0'));
  open();
  ASSERT_EQ(layer_names().size(), 3U);
  EXPECT_EQ(layer_names()[1], "cells");
  EXPECT_EQ(layer_names()[2], "a%b");
  const auto& layers = house_.room->snapshot()->layers;
  EXPECT_EQ(layers[0]->meta.kind, scene::LayerKind::Image);
  EXPECT_TRUE(layers[0]->controls.visible);
  EXPECT_EQ(layers[1]->meta.kind, scene::LayerKind::Labels);
  EXPECT_FALSE(layers[1]->controls.visible);
  EXPECT_EQ(layers[2]->meta.dtype, "int64");
}

TEST_F(Labelled, WhatIsMadeVisibleIsLoadedAndShown) {
  list_labels(R"("cells")");
  write_labels("cells");
  open();
  const std::uint64_t before = house_.loader->counters().chunks_loaded;
  const std::uint64_t version = ada_->update("layer", "layer-1", "visible", true);
  ada_->wait("the labels", [&] { return ada_->shown().server_seq >= version && ada_->shown().complete; });
  EXPECT_GT(house_.loader->counters().chunks_loaded, before);
}

TEST_F(Labelled, LabelImagesThatAreNoneAreLeftOut) {
  list_labels(R"("cells","missing","heights")");
  write_labels("cells");
  write_labels("heights", "<f4");
  open();
  EXPECT_EQ(layer_names().size(), 2U);
}

TEST_F(Labelled, WP33_ASceneFileBringsEachLayerItsOwnVoxelsBack) {
  list_labels(R"("cells","nuclei")");
  write_labels("cells");
  write_labels("nuclei", "<i2");
  write("labels/nuclei/0/0.0", std::string(128, '\1'));
  LoopbackRoom house({path_});
  ASSERT_TRUE(house.open(path_.string()));
  const auto file = protocol::scene_from_json(protocol::scene_to_json(house.room->registers())).value();
  const auto shown = [&] {
    std::vector<std::string> layers;
    for (const auto& layer : house.room->snapshot()->layers) layers.push_back(layer->meta.uri + layer->meta.dtype);
    return layers;
  };
  const std::vector<std::string> before = shown();
  ASSERT_EQ(before.size(), 3U);
  const auto import_into = [&](LoopbackRoom& into) {
    std::optional<Result<std::uint64_t>> outcome;
    into.room->import_scene(file, {.actor = "api"}, [&](Result<std::uint64_t> done) { outcome = done; });
    while (!outcome) into.serve();
    return *outcome;
  };
  const auto same = import_into(house);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(shown(), before);

  fs::remove_all(path_ / "labels/nuclei");
  list_labels(R"("cells")");
  LoopbackRoom later({path_});
  const auto gone = import_into(later);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, ::testing::HasSubstr("layer layer-2 shows the labels labels/nuclei, which"));
}

TEST_F(Labelled, LabelsThatAreWrittenWhileTheImageIsOpenBecomeLayers) {
  list_labels(R"("cells")");
  write_labels("cells");
  open();
  ada_->update("layer", "layer-1", "opacity", 0.25);
  write_labels("nuclei");
  list_labels(R"("nuclei","cells")");
  ada_->wait("the new layer", [&] {
    house_.room->look_for_changes();
    return layer_names().size() == 3;
  });
  EXPECT_EQ(layer_names()[1], "cells");
  EXPECT_EQ(layer_names()[2], "nuclei") << "above those that were there";
  const auto& layers = house_.room->snapshot()->layers;
  EXPECT_EQ(layers[1]->controls.opacity, 0.25) << "what was set stays with its layer";
  EXPECT_NE(layers[1]->id, layers[2]->id);
  const std::uint64_t version = ada_->update("layer", layers[2]->id.value, "visible", true);
  ada_->wait("its voxels", [&] { return ada_->shown().server_seq >= version && ada_->shown().complete; });
}

TEST_F(Labelled, LabelsThatAreRewrittenAreNoticed) {
  list_labels(R"("cells")");
  write_labels("cells");
  open();
  const std::string uri = house_.room->snapshot()->layers[1]->meta.uri;
  write_labels("cells", "<i2");
  write("labels/cells/0/0.0", std::string(128, '\x01'));
  ada_->wait("the other type", [&] {
    house_.room->look_for_changes();
    return house_.room->snapshot()->layers.at(1)->meta.dtype == "int16";
  });
  EXPECT_EQ(house_.room->snapshot()->layers[1]->meta.uri, uri);
}

TEST(AddressInStore, EscapesWhatAFragmentWouldTakeForItsOwn) {
  EXPECT_EQ(address_in_store("/none/cells.zarr", "labels/a&b"), "/none/cells.zarr#labels/a%26b");
  EXPECT_EQ(address_in_store("s3://bucket/p.zarr#A/1/0", "A/1/0/labels/50%"), "s3://bucket/p.zarr#A/1/0/labels/50%25");
}

/// Two images below a data root: "a" as above, "b" with values 90; and rooms over them with one journal.
class Together : public Labelled {
 protected:
  Together() {
    write_image("a", R"("version":"0.4")", "|u1", std::string(64, '\x28'));
    write_image("b", R"("version":"0.4")", "|u1", std::string(64, '\x5a'));
  }
  /// A room with `a` in it, and ada.
  struct Lab {
    Lab(const fs::path& root, std::shared_ptr<ledger::Journal> journal) : house({root}, {}, std::move(journal)) {
      if (house.room->remembers_image()) {
        if (const auto opened = house.reopen(); !opened) throw std::runtime_error(opened.error().message);
      } else if (const auto opened = house.open((root / "a").string()); !opened) {
        throw std::runtime_error(opened.error().message);
      }
      ada.join();
    }
    Json add(const fs::path& path) { return ada.call("nd.layer.add", Json::make_object({{"path", path.string()}})); }
    Json remove(std::string_view id) { return ada.call("nd.layer.remove", Json::make_object({{"layer", id}})); }
    std::vector<std::string> uris() const {
      std::vector<std::string> out;
      for (const auto& layer : house.room->snapshot()->layers) out.push_back(fs::path(layer->meta.uri).filename());
      return out;
    }
    LoopbackRoom house;
    LoopbackClient ada{house, "ada"};
  };
  std::string code(const Json& answer) const {
    const Json* code = answer.find("code");
    return code ? code->string() : "";
  }
  using Names = std::vector<std::string>;
};

TEST_F(Together, WP44_AnotherImagesLayersAreShownAndTakenAway) {
  Lab lab(path_, nullptr);
  const Json added = lab.add(path_ / "b");
  ASSERT_TRUE(added.find("result")) << to_string(added);
  EXPECT_EQ(*added.find("result")->find("layers"), Json::make_array({"layer-1"}));
  EXPECT_EQ(lab.uris(), (Names{"a", "b"}));
  const std::uint64_t seq = added.find("result")->find("server_seq")->as_uint64().value_or(0);
  lab.ada.wait("a picture with both", [&] { return lab.ada.shown().server_seq >= seq && lab.ada.shown().complete; });
  EXPECT_EQ(code(lab.add(path_ / "b")), "zarr.invalid") << "it is there already";
  ASSERT_TRUE(lab.remove("layer-0").find("result"));
  EXPECT_EQ(lab.uris(), (Names{"b"}));
  EXPECT_EQ(code(lab.remove("layer-1")), "command.invalid") << "the last one";
  ASSERT_TRUE(lab.add(path_ / "a").find("result")) << "the scene's own image comes back";
  EXPECT_EQ(lab.uris(), (Names{"b", "a"}));
}

TEST_F(Together, WP44_WhatDoesNotLieInTheSceneIsRefusedAndNothingChanges) {
  Lab lab(path_, nullptr);
  write("t/.zgroup", R"({"zarr_format":2})");
  write("t/.zattrs",
        R"({"multiscales":[{"version":"0.4","axes":[{"name":"y","type":"space"},{"name":"t","type":"time"}],)"
        R"("datasets":[{"path":"0"}]}]})");
  write("t/0/.zarray",
        R"({"zarr_format":2,"shape":[8,8],"chunks":[8,8],"dtype":"|u1","compressor":null,"fill_value":0,)"
        R"("order":"C","filters":null})");
  const auto before = lab.house.room->snapshot()->server_seq;
  const Json refused = lab.add(path_ / "t");
  EXPECT_EQ(code(refused), "zarr.invalid");
  EXPECT_TRUE(refused.find("message")->string().contains("its axis t (time) would lie along the scene's x"))
      << to_string(refused);
  EXPECT_EQ(code(lab.add(path_ / "nothing")), "fs.not_found");
  EXPECT_EQ(code(lab.add("/etc")), "fs.forbidden");
  EXPECT_EQ(lab.house.room->snapshot()->server_seq, before);
}

TEST_F(Together, WP44_ARestartBringsAddedLayersBack) {
  auto journal = std::make_shared<ledger::MemoryJournal>();
  {
    Lab lab(path_, journal);
    ASSERT_TRUE(lab.add(path_ / "b").find("result"));
    lab.ada.update("layer", "layer-1", "opacity", 0.25);
  }
  journal = std::make_shared<ledger::MemoryJournal>(journal->reborn());
  {
    Lab lab(path_, journal);
    EXPECT_EQ(lab.uris(), (Names{"a", "b"}));
    EXPECT_EQ(lab.ada.value("layer", "layer-1", "opacity").as_double(), 0.25);
    lab.ada.wait("a picture with both", [&] { return lab.ada.shown().complete; });
  }
  journal = std::make_shared<ledger::MemoryJournal>(journal->reborn());
  fs::remove_all(path_ / "b");
  Lab lab(path_, journal);
  EXPECT_EQ(lab.uris(), (Names{"a"})) << "what cannot be had is left out";
}

TEST_F(Together, WP44_ASceneFileNamesEachLayersImage) {
  Lab lab(path_, nullptr);
  ASSERT_TRUE(lab.add(path_ / "b").find("result"));
  lab.ada.update("layer", "layer-1", "opacity", 0.25);
  const Json file = protocol::scene_to_json(lab.house.room->registers());
  Lab other(path_, nullptr);
  auto registers = protocol::scene_from_json(file);
  ASSERT_TRUE(registers);
  std::optional<Result<std::uint64_t>> imported;
  other.house.room->import_scene(*registers, {.actor = "ada"}, [&](Result<std::uint64_t> done) { imported = done; });
  other.ada.wait("the scene file", [&] { return imported.has_value(); });
  ASSERT_TRUE(imported->has_value()) << imported->error().message;
  EXPECT_EQ(other.uris(), (Names{"a", "b"}));
  other.ada.wait("its look", [&] { return other.ada.value("layer", "layer-1", "opacity").as_double() == 0.25; });
}

TEST_F(Together, WP44_AnImageThatChangesKeepsWhatWasAddedAndWhatWasTakenAway) {
  list_labels(R"("cells")");
  Lab lab(path_, nullptr);
  ASSERT_TRUE(lab.add(path_ / "b").find("result"));
  ASSERT_TRUE(lab.remove("layer-0").find("result"));
  write_image("a", R"("version":"0.4")", "|u1", std::string(64, '\x29'));
  fs::last_write_time(path_ / "a/0/.zarray", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  lab.house.room->look_for_changes();
  for (int i = 0; i < 200; ++i) lab.house.serve();
  EXPECT_EQ(lab.uris(), (Names{"b"}));
}

}  // namespace
}  // namespace ndcast::room
