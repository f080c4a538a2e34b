#include "image/named_children.h"

#include <algorithm>

#include "image/collection.h"
#include "image/ome_metadata.h"

namespace ndcast::image {
namespace {

class Names {
 public:
  explicit Names(std::string key) : key_(std::move(key)) {}

  /// `path` is relative to the node.
  void add(std::string_view path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    if (!path.empty() && check_key(path)) add_key(join_key(key_, path));
  }
  void add_key(std::string key) {
    if (key != key_ && out_.size() < limits::kHierarchyNodes) out_.push_back(std::move(key));
  }
  std::vector<std::string> take() && {
    std::ranges::sort(out_);
    const auto doubles = std::ranges::unique(out_);
    out_.erase(doubles.begin(), doubles.end());
    return std::move(out_);
  }

 private:
  std::string key_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> named_children(const Store& store, const std::string& key, const Node& node) {
  Names names(key);
  if (const auto multiscale = parse_multiscale(node); multiscale && *multiscale) {
    for (const MultiscaleLevel& level : (*multiscale)->levels) names.add(level.path);
    names.add("labels");
  }
  if (const Json* labels = ome_attributes(node).find("labels"); labels && labels->is_array()) {
    for (const Json& label : labels->array()) {
      if (label.is_string()) names.add(label.string());
    }
  }
  if (const auto collection = list_images(store, key, node, limits::kHierarchyNodes)) {
    for (const std::string& image : collection->images) names.add_key(image);
  }
  return std::move(names).take();
}

}  // namespace ndcast::image
