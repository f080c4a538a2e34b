// An image and the label images that belong to it, in one scene.

#include "room/scene_images.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ndcast::room
