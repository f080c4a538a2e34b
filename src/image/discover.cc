#include "image/discover.h"

#include "image/address.h"
#include "image/collection.h"
#include "image/image_watch.h"
#include "image/ome_metadata.h"
#include "image/zarr_array.h"

namespace ndcast::image {
namespace {

/// One search; directories are visited in name order.
class Search {
 public:
  explicit Search(const Store& store) : store_(store) {}

  Result<void> visit(const std::string& key, int depth) {
    // A broken node below is nothing to offer; only the directory asked for may fail.
    auto node = read_node(store_, key);
    if (!node) return depth == 0 ? Result<void>(std::unexpected(node.error())) : Result<void>{};
    // A plate is one picture: the grid of its wells.
    if (node->kind == Node::Kind::Group && ome_attributes(*node).find("plate") &&
        !ome_attributes(*node).find("multiscales")) {
      add(key);
      return {};
    }
    auto collection = list_images(store_, key, *node, kDiscoveryOptions + 1);
    if (collection && collection->kind != Collection::Kind::None) {
      for (const std::string& image : collection->images) add(image);
      return {};
    }
    if (depth == kDiscoveryDepth) return {};
    ND_ASSIGN(const std::vector<StoreEntry> children, store_.list(key));
    for (const StoreEntry& child : children) {
      if (found_.truncated) break;
      if (!child.is_directory || child.name.starts_with('.')) continue;
      // A directory that may not be read is passed over.
      if (auto visited = visit(join_key(key, child.name), depth + 1); !visited && depth == 0 && children.size() == 1) {
        return visited;
      }
    }
    return {};
  }

  Discovery take() && { return std::move(found_); }

 private:
  void add(const std::string& key) {
    if (found_.options.size() == kDiscoveryOptions) {
      found_.truncated = true;
      return;
    }
    found_.options.push_back(store_.uri_of(key));
  }

  const Store& store_;
  Discovery found_;
};

}  // namespace

Result<Discovery> find_images(std::string_view uri_or_path, const Access& access) {
  const auto [named, fragment] = split_fragment(uri_or_path);
  ND_ASSIGN(const Place place, open_store(named, access));
  if (!fragment.empty()) {
    ND_TRY(parse_choice(fragment));
    return Discovery{{fmt::format("{}#{}", place.store->uri_of(place.key), fragment)}, false};
  }
  const WatchingStore once(place.store);
  Search search(once);
  ND_TRY(search.visit(place.key, 0));
  return std::move(search).take();
}

}  // namespace ndcast::image
