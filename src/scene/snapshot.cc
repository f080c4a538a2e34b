#include "scene/snapshot.h"

#include <algorithm>
#include <charconv>

namespace ndcast::scene {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

const ViewState* SceneSnapshot::find_view(const ViewId& id) const {
  const auto it = views.find(id);
  return it == views.end() ? nullptr : &it->second;
}

const LayerBlock* SceneSnapshot::find_layer(const LayerId& id) const {
  const auto it = std::ranges::find_if(layers, [&](const auto& layer) { return layer->id == id; });
  return it == layers.end() ? nullptr : it->get();
}

std::optional<int> axis_position(const AxesSpec& axes, std::string_view label_or_number) {
  for (std::size_t i = 0; i < axes.axes.size(); ++i) {
    if (equal_ignoring_case(axes.axes[i].label, label_or_number)) return static_cast<int>(i);
  }
  int position = 0;
  const char* const end = label_or_number.data() + label_or_number.size();
  const auto [stop, error] = std::from_chars(label_or_number.data(), end, position);
  if (error != std::errc() || stop != end || position < 0 || position >= static_cast<int>(axes.axes.size())) {
    return std::nullopt;
  }
  return position;
}

}  // namespace ndcast::scene
