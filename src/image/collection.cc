#include "image/collection.h"

#include "image/json_fields.h"
#include "image/ome_metadata.h"
#include "image/ome_plate.h"

namespace ndcast::image {
namespace {

/// The "path" members of a list of objects, or the strings of a list; unusable ones are skipped.
std::vector<std::string> paths_in(const Json* list) {
  std::vector<std::string> out;
  if (!list || !list->is_array()) return out;
  for (const Json& element : list->array()) {
    const Json* path = element.is_string() ? &element : element.find("path");
    if (path && path->is_string() && check_key(path->string())) out.push_back(path->string());
  }
  return out;
}

void add(Collection& collection, std::string key, std::size_t at_most) {
  if (collection.images.size() < at_most) {
    collection.images.push_back(std::move(key));
  } else {
    collection.truncated = true;
  }
}

void add_well(Collection& collection, const std::string& path, const Node& node, std::size_t at_most) {
  for (const std::string& image : well_fields(node)) {
    add(collection, join_key(path, image), at_most);
  }
}

Result<void> add_plate(const Store& store, Collection& collection, const std::string& path, const Json& plate,
                       std::size_t at_most) {
  for (const std::string& well : paths_in(plate.find("wells"))) {
    if (collection.truncated) break;
    const std::string key = join_key(path, well);
    ND_ASSIGN(const Node node, read_node(store, key));
    add_well(collection, key, node, at_most);
  }
  return {};
}

/// bioformats2raw.layout 3: OME/ lists the series, or they are "0", "1", ….
Result<void> add_series(const Store& store, Collection& collection, const std::string& path, std::size_t at_most) {
  ND_ASSIGN(const Node ome, read_node(store, join_key(path, "OME")));
  const std::vector<std::string> listed = paths_in(ome_attributes(ome).find("series"));
  for (const std::string& series : listed) add(collection, join_key(path, series), at_most);
  for (std::size_t i = 0; listed.empty() && !collection.truncated; ++i) {
    std::string key = join_key(path, std::to_string(i));
    ND_ASSIGN(const Node node, read_node(store, key));
    if (node.kind != Node::Kind::Group) break;
    add(collection, std::move(key), at_most);
  }
  return {};
}

}  // namespace

Result<Collection> list_images(const Store& store, const std::string& path, const Node& node, std::size_t at_most) {
  Collection out;
  const Json& ome = ome_attributes(node);
  if (node.kind == Node::Kind::Array || (node.kind == Node::Kind::Group && ome.find("multiscales"))) {
    out.kind = Collection::Kind::Image;
    add(out, path, at_most);
  } else if (const Json* plate = ome.find("plate")) {
    out.kind = Collection::Kind::Plate;
    ND_TRY(add_plate(store, out, path, *plate, at_most));
  } else if (ome.find("well")) {
    out.kind = Collection::Kind::Well;
    add_well(out, path, node, at_most);
  } else if (ome.find("bioformats2raw.layout")) {
    out.kind = Collection::Kind::Series;
    ND_TRY(add_series(store, out, path, at_most));
  }
  return out;
}

}  // namespace ndcast::image
