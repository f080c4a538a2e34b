#pragma once
// What clients of a story ask for: a value for every key that clients may write, drawn by the story's dice.

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"

namespace ndcast::sim {

/// pick(n): 0 … n−1.
using Dice = std::function<int(int)>;

struct Wish {
  std::string scope;
  std::string target;
  std::string key;
  Json value;
};

/// Every "scope/key" that draw_wish() may draw: all that the capabilities list.
std::vector<std::string> wish_names();
/// One of them with a value that is mostly good and now and then out of range or refused; of what the client sees, and
/// now and then of another view, by a name of `others`.
Wish draw_wish(const std::vector<std::string>& others, const Dice& pick);

}  // namespace ndcast::sim
