#pragma once
// Scenes for the render thread's tests: an image in memory whose store can be held shut, and a snapshot around it that
// is edited as reducers would.

#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "image/image.h"
#include "image/memory_store.h"
#include "plan/canonical_pose.h"
#include "render/sources/layer_target.h"
#include "scene/snapshot.h"

namespace ndcast::render::test {

using Shape = std::vector<std::int64_t>;

/// The value of a voxel in tests: a hash of where it is, so that no two places look alike.
inline std::uint16_t voxel_value(std::uint64_t array_seed, std::span<const std::int64_t> at) {
  std::uint64_t hash = array_seed * 0x9e3779b97f4a7c15ULL + 1;
  for (const std::int64_t i : at) hash = (hash ^ static_cast<std::uint64_t>(i + 1)) * 0xff51afd7ed558ccdULL;
  return static_cast<std::uint16_t>(hash >> 40);
}

/// A store that makes voxels up when they are read, and can hold reads back or count them.
class FormulaStore final : public image::Store {
 public:
  FormulaStore(Shape shape, Shape chunk, std::uint64_t seed)
      : shape_(std::move(shape)), chunk_(std::move(chunk)), seed_(seed) {}

  Result<std::optional<image::Bytes>> get(std::string_view key, image::ByteRange) const override {
    if (key == "zarr.json") return as_bytes(metadata());
    if (!key.starts_with("c/")) return std::nullopt;
    wait_until_open();
    if (sparse_) return std::nullopt;
    return chunk_at(key.substr(2));
  }
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override {
    ND_ASSIGN(const auto bytes, get(key, {}));
    if (!bytes) return std::nullopt;
    return bytes->size();
  }
  std::string describe() const override { return "formula"; }

  /// While shut, reads of chunks wait.
  void set_open(bool open) {
    {
      const std::lock_guard lock(mutex_);
      open_ = open;
    }
    changed_.notify_all();
  }
  void set_sparse(bool sparse) { sparse_ = sparse; }

 private:
  static std::optional<image::Bytes> as_bytes(const std::string& text) {
    image::Bytes bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
  }
  std::string metadata() const {
    return fmt::format(R"({{"zarr_format":3,"node_type":"array","shape":[{}],"data_type":"uint16","fill_value":7,)"
                       R"("chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":[{}]}}}},)"
                       R"("chunk_key_encoding":{{"name":"default"}},)"
                       R"("codecs":[{{"name":"bytes","configuration":{{"endian":"little"}}}}]}})",
                       fmt::join(shape_, ","), fmt::join(chunk_, ","));
  }
  void wait_until_open() const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  std::optional<image::Bytes> chunk_at(std::string_view key) const {
    Shape at;
    for (std::size_t start = 0; start <= key.size();) {
      const std::size_t stop = std::min(key.find('/', start), key.size());
      at.push_back(std::stoll(std::string(key.substr(start, stop - start))));
      start = stop + 1;
    }
    Shape voxel(shape_.size());
    for (std::size_t i = 0; i < at.size(); ++i) voxel[i] = at[i] * chunk_[i];
    const Shape first = voxel;
    image::Bytes bytes;
    while (true) {
      const std::uint16_t value = voxel_value(seed_, voxel);
      bytes.push_back(static_cast<std::byte>(value & 0xff));
      bytes.push_back(static_cast<std::byte>(value >> 8));
      std::size_t axis = voxel.size();
      while (axis-- > 0) {
        if (++voxel[axis] < first[axis] + chunk_[axis]) break;
        voxel[axis] = first[axis];
      }
      if (axis == static_cast<std::size_t>(-1)) return bytes;
    }
  }

  const Shape shape_;
  const Shape chunk_;
  const std::uint64_t seed_;
  bool sparse_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool open_ = true;
};

struct TestLevel {
  std::shared_ptr<FormulaStore> store;
  Shape shape;
  Shape chunk;
};

/// Levels finest first; level l has the seed l + 1 and a scale of the ratio of shapes.
struct TestImage {
  std::vector<TestLevel> levels;
  std::shared_ptr<image::Image> image;

  TestImage(const std::vector<std::string>& axes, const std::vector<std::pair<Shape, Shape>>& shapes_and_chunks,
            std::string name = "test") {
    image = std::make_shared<image::Image>();
    image->uri = "memory:" + name;
    image->name = std::move(name);
    for (const std::string& axis : axes) image->axes.push_back({axis, type_of(axis), ""});
    const Shape& finest = shapes_and_chunks.front().first;
    for (const auto& [shape, chunk] : shapes_and_chunks) {
      auto store = std::make_shared<FormulaStore>(shape, chunk, levels.size() + 1);
      auto array = image::open_array(store, "");
      ND_CHECK(array.has_value(), array ? "" : array.error().message);
      image::ImageLevel level{*array, std::vector<double>(shape.size(), 1), std::vector<double>(shape.size(), 0)};
      for (std::size_t i = 0; i < shape.size(); ++i) {
        level.scale[i] = static_cast<double>(finest[i]) / static_cast<double>(shape[i]);
      }
      image->levels.push_back(std::move(level));
      levels.push_back({store, shape, chunk});
    }
  }

  static image::AxisType type_of(const std::string& axis) {
    return axis == "c" ? image::AxisType::Channel : axis == "t" ? image::AxisType::Time : image::AxisType::Space;
  }
  std::uint16_t value(int level, std::span<const std::int64_t> at) const {
    return voxel_value(static_cast<std::uint64_t>(level) + 1, at);
  }
  void set_open(bool open) const {
    for (const TestLevel& level : levels) level.store->set_open(open);
  }
};

/// A scene of one view; every edit() publishes a new snapshot that shares the untouched blocks.
class TestScene {
 public:
  explicit TestScene(const std::vector<std::shared_ptr<image::Image>>& opened, scene::Canvas canvas = {64, 48, 1}) {
    const image::Image& first = *opened.front();
    auto axes = std::make_shared<scene::AxesSpec>();
    for (std::size_t i = 0; i < first.axes.size(); ++i) {
      axes->axes.push_back({first.axes[i].name, scene::AxisRole::Space, "", first.levels[0].array->shape()[i],
                            first.levels[0].translation[i], first.levels[0].scale[i]});
    }
    auto view = std::make_shared<scene::ViewBlock>();
    view->ndim = first.ndim();
    view->canvas = canvas;
    for (int i = 0; i < view->ndim; ++i) view->order.push_back(i);
    view->displayed = {view->ndim - 2, view->ndim - 1};
    auto camera = std::make_shared<scene::CameraBlock>();
    camera->plane = plan::fitted_plane_pose(*axes, view->order, canvas);
    camera->volume = plan::fitted_volume_pose(*axes, view->order, canvas);
    auto lod = std::make_shared<scene::LodBlock>();
    lod->shown.levels = static_cast<int>(first.levels.size());
    lod->shown.reason = "bootstrap";
    auto index = std::make_shared<scene::IndexBlock>();
    index->value.assign(axes->axes.size(), 0);
    snapshot_.history_id = "test";
    snapshot_.server_seq = 1;
    snapshot_.source = std::make_shared<scene::Source>();
    snapshot_.axes = axes;
    scene::ViewState state;
    state.id = scene::kMainView;
    state.view = view;
    state.index = index;
    auto margins = std::make_shared<scene::MarginBlock>();
    margins->left.assign(axes->axes.size(), 0);
    margins->right = margins->left;
    state.margins = margins;
    state.lod = lod;
    state.camera = camera;
    state.plane_restore = std::make_shared<scene::PlaneRestore>();
    state.volume_restore = std::make_shared<scene::VolumeRestore>();
    state.op = std::make_shared<scene::Op>(scene::Op{1, scene::OpState::Open, scene::OpKind::Bootstrap});
    state.stream = std::make_shared<scene::StreamConfig>();
    state.meta = std::make_shared<scene::ViewMeta>();
    snapshot_.views[scene::kMainView] = state;
    auto map = std::make_shared<Images>();
    for (const auto& image : opened) {
      auto layer = std::make_shared<scene::LayerBlock>();
      layer->id = {fmt::format("layer-{}", snapshot_.layers.size())};
      layer->meta.uri = image->uri;
      layer->controls.contrast_limits = {0, 65535};
      snapshot_.layers.push_back(layer);
      (*map)[image->uri] = image;
    }
    images_ = map;
  }

  scene::SnapshotPtr now() const { return std::make_shared<scene::SceneSnapshot>(snapshot_); }
  const std::shared_ptr<const Images>& images() const { return images_; }
  scene::ViewState& state() { return snapshot_.views[scene::kMainView]; }
  std::uint64_t seq() const { return snapshot_.server_seq; }

  /// edit<scene::IndexBlock>(&scene::ViewState::index, [](auto& index) { … });
  template <class Block, class Edit>
  scene::SnapshotPtr edit(std::shared_ptr<const Block> scene::ViewState::* member, Edit change) {
    auto block = std::make_shared<Block>(*(state().*member));
    change(*block);
    state().*member = std::move(block);
    return commit();
  }
  template <class Edit>
  scene::SnapshotPtr edit_layer(std::size_t i, Edit change) {
    auto block = std::make_shared<scene::LayerBlock>(*snapshot_.layers[i]);
    change(*block);
    snapshot_.layers[i] = std::move(block);
    return commit();
  }
  scene::SnapshotPtr commit() {
    ++snapshot_.server_seq;
    return now();
  }
  scene::SnapshotPtr set_index(std::size_t axis, std::int64_t value) {
    return edit(&scene::ViewState::index, [&](auto& index) { index.value[axis] = value; });
  }
  scene::SnapshotPtr set_mode(scene::Mode mode) {
    return edit(&scene::ViewState::view, [&](auto& view) {
      view.mode = mode;
      view.displayed.assign(view.order.end() - ndisplay_of(mode), view.order.end());
    });
  }
  scene::SnapshotPtr set_order(std::vector<int> order) {
    return edit(&scene::ViewState::view, [&](auto& view) {
      view.order = std::move(order);
      view.displayed.assign(view.order.end() - ndisplay_of(view.mode), view.order.end());
    });
  }

 private:
  scene::SceneSnapshot snapshot_;
  std::shared_ptr<const Images> images_;
};

}  // namespace ndcast::render::test
