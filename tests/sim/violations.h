#pragma once
// What a story found wrong.

#include <string>
#include <utility>
#include <vector>

namespace ndcast::sim {

class Violations {
 public:
  /// More than a handful tell nothing new.
  void add(std::string what) {
    if (list_.size() < 6) list_.push_back(std::move(what));
  }
  bool any() const { return !list_.empty(); }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace ndcast::sim
