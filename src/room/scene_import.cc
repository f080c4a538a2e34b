#include "room/scene_import.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/limits.h"
#include "image/address.h"
#include "reduce/restored.h"

namespace ndcast::room {
namespace {

using namespace scene;

const Value* find_value(const protocol::SceneRegisters& registers, Scope scope, Key key) {
  const auto it = std::ranges::find_if(
      registers, [&](const auto& entry) { return entry.first.scope == scope && entry.first.key == key; });
  return it == registers.end() ? nullptr : &it->second;
}

std::string_view store_of(std::string_view uri) { return image::split_fragment(uri).first; }

/// Whether both are of the same voxels: a channel of an image, or a label image by its place in the store. Where the
/// store of the scene's own image lies is not asked, for it may have been moved; other images are where they were.
class SameVoxels {
 public:
  SameVoxels(std::string_view file_uri, std::string_view described_uri)
      : file_store_(store_of(file_uri)), described_store_(store_of(described_uri)) {}

  bool operator()(const LayerMeta& described, const LayerMeta& file) const {
    if (described.kind != file.kind || described.channel != file.channel) return false;
    const bool is_own = store_of(file.uri) == file_store_;
    if (is_own != (store_of(described.uri) == described_store_)) return false;
    if (!is_own) return described.uri == file.uri;
    return image::split_fragment(described.uri).second == image::split_fragment(file.uri).second;
  }

 private:
  const std::string_view file_store_;
  const std::string_view described_store_;
};

std::string describe(const LayerMeta& meta) {
  if (meta.kind == LayerKind::Labels) return fmt::format("the labels {}", image::split_fragment(meta.uri).second);
  return meta.channel ? fmt::format("channel {}", *meta.channel) : "an image without channels";
}

/// Layers of the image that the file does not have go.
void remove_others(const protocol::SceneRegisters& registers, const reduce::NewScene& described,
                   std::vector<ledger::Change>& changes) {
  std::set<std::string> file_layers;
  for (const auto& [id, value] : registers) {
    if (id.scope == Scope::Layer) file_layers.insert(id.target);
  }
  if (file_layers.empty()) return;
  for (const reduce::NewLayer& layer : described.layers) {
    if (file_layers.contains(layer.id.value)) continue;
    for (const KeySpec& spec : key_table()) {
      if (spec.scope == Scope::Layer) changes.push_back({{Scope::Layer, layer.id.value, spec.key, {}}, Gone{}});
    }
  }
}

}  // namespace

std::string image_of_scene_file(const protocol::SceneRegisters& registers) {
  const Value* source = find_value(registers, Scope::Scene, Key::Source);
  return source ? std::get<Source>(*source).uri : "";
}

Result<std::vector<ledger::Change>> scene_file_changes(const protocol::SceneRegisters& registers,
                                                       const reduce::NewScene& described) {
  if (const Value* axes = find_value(registers, Scope::Axes, Key::Spec);
      axes && std::get<AxesSpec>(*axes) != described.axes) {
    return fail(ErrorCode::Invalid, "the scene file is of another image: its axes differ from those of {}",
                described.source.uri);
  }
  std::vector<ledger::Change> changes;
  remove_others(registers, described, changes);
  const std::string own = image_of_scene_file(registers);
  const SameVoxels is_same(own, described.source.uri);
  for (const auto& [id, value] : registers) {
    if (id.scope == Scope::Scene || id.scope == Scope::Axes) continue;
    if (const auto wrong = reduce::misfit(id, value)) {
      return fail(ErrorCode::Invalid, "the scene file's {}/{} {}: {}", to_string(id.scope), id.target,
                  spec_of(id.scope, id.key).name, *wrong);
    }
    if (const auto* meta = std::get_if<LayerMeta>(&value)) {
      const auto same =
          std::ranges::find_if(described.layers, [&](const auto& layer) { return is_same(layer.meta, *meta); });
      if (same == described.layers.end()) {
        return fail(ErrorCode::Invalid, "the scene file's layer {} shows {}, which {} does not have", id.target,
                    describe(*meta), described.source.uri);
      }
      changes.push_back({id, same->meta});
    } else {
      changes.push_back({id, value});
    }
  }
  return changes;
}

std::vector<std::string> added_images_of_scene_file(const protocol::SceneRegisters& registers) {
  const std::string own = image_of_scene_file(registers);
  std::vector<std::string> uris;
  for (const auto& [id, value] : registers) {
    const auto* meta = std::get_if<LayerMeta>(&value);
    if (!meta || store_of(meta->uri) == store_of(own) || uris.size() == limits::kLayers) continue;
    if (std::ranges::find(uris, meta->uri) == uris.end()) uris.push_back(meta->uri);
  }
  return uris;
}

std::unexpected<Error> misfitting_scene_file(std::string_view violation) {
  return fail(ErrorCode::Invalid, "the scene file does not fit together: {}", violation);
}

}  // namespace ndcast::room
