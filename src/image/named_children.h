#pragma once
// What lies below a node of a hierarchy, from its metadata alone: for stores that cannot list (web servers).

#include <string>
#include <vector>

#include "image/node.h"

namespace ndcast::image {

/// Keys in the store, each once: levels of a multiscale and its labels, images of a collection. At most
/// limits::kHierarchyNodes. What consolidated metadata lists is consolidated.h's.
std::vector<std::string> named_children(const Store& store, const std::string& key, const Node& node);

}  // namespace ndcast::image
