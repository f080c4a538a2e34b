#pragma once
// What a store that makes its listing from keys tells of the children of a prefix.

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "image/store.h"

namespace ndcast::image {

/// Sorted by name, each name once (a folder hides an object of its name), at most `at_most`.
inline void tidy_entries(std::vector<StoreEntry>& entries, std::size_t at_most) {
  std::ranges::sort(entries, [](const StoreEntry& a, const StoreEntry& b) {
    return std::pair(std::string_view(a.name), !a.is_directory) < std::pair(std::string_view(b.name), !b.is_directory);
  });
  const auto doubles = std::ranges::unique(entries, {}, &StoreEntry::name);
  entries.erase(doubles.begin(), doubles.end());
  if (entries.size() > at_most) entries.resize(at_most);
}

}  // namespace ndcast::image
