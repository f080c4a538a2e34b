#include "convert/reordered.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "image/strided.h"

namespace ndcast::convert {
namespace {

template <class T>
std::vector<T> permuted(const std::vector<T>& of, const std::vector<std::size_t>& order) {
  std::vector<T> out;
  out.reserve(order.size());
  for (const std::size_t axis : order) out.push_back(of[axis]);
  return out;
}

template <class T>
std::vector<T> unpermuted(const std::vector<T>& of, const std::vector<std::size_t>& order) {
  std::vector<T> out(of.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = of[i];
  return out;
}

/// Axis i of this one is axis order[i] of the inner one.
class Reordered final : public Source {
 public:
  Reordered(std::unique_ptr<Source> inner, SourceInfo info, std::vector<std::size_t> order)
      : inner_(std::move(inner)), order_(std::move(order)) {
    info_ = std::move(info);
    info_.shape = permuted(info_.shape, order_);
    info_.axes = permuted(info_.axes, order_);
    if (!info_.grain.empty()) info_.grain = permuted(info_.grain, order_);
  }

  Result<void> read(const Box& box, const Target& target) override {
    if (std::ranges::is_sorted(order_)) return inner_->read(box, target);
    const Box inner_box{unpermuted(box.start, order_), unpermuted(box.extent, order_)};
    std::size_t bytes = info_.voxel_bytes();
    for (const std::int64_t extent : box.extent) bytes *= static_cast<std::size_t>(extent);
    std::vector<std::byte> inner(bytes);
    const Shape zero(box.extent.size(), 0);
    ND_TRY(inner_->read(inner_box, {inner.data(), inner_box.extent, zero}));
    // unpermute() wants for each axis of what it gets the axis of the result: the inverse of order_.
    std::vector<std::size_t> inverse(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) inverse[order_[i]] = i;
    const image::Bytes turned = image::unpermute(inner, box.extent, inverse, info_.voxel_bytes());
    image::copy_box(box.extent, info_.voxel_bytes(), turned.data(), {box.extent, zero}, target.data,
                    {target.shape, target.start});
    return {};
  }

 private:
  std::unique_ptr<Source> inner_;
  std::vector<std::size_t> order_;
};

Result<void> rename_axes(SourceInfo& info, const std::string& names) {
  if (names.empty()) return {};
  if (names.size() != info.axes.size()) {
    return fail(ErrorCode::Invalid, "--axes {}: {} letters, {} has {} axes ({})", names, names.size(), info.path,
                info.axes.size(), fmt::join(info.shape, " x "));
  }
  if (std::set<char>(names.begin(), names.end()).size() != names.size()) {
    return fail(ErrorCode::Invalid, "--axes {}: a letter occurs twice", names);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    SourceAxis axis = make_axis(std::string_view(names).substr(i, 1));
    if (axis.type == info.axes[i].type)
      axis = {axis.name, axis.type, info.axes[i].unit, info.axes[i].scale, info.axes[i].translation};
    info.axes[i] = std::move(axis);
  }
  return {};
}

Result<void> rescale_axes(SourceInfo& info, const SourceOptions& options) {
  if (!options.scale.empty() && options.scale.size() != info.axes.size()) {
    return fail(ErrorCode::Invalid, "--scale: {} numbers, {} has {} axes ({})", options.scale.size(), info.path,
                info.axes.size(), fmt::join(info.shape, " x "));
  }
  for (std::size_t i = 0; i < options.scale.size(); ++i) info.axes[i].scale = usable_scale(options.scale[i]);
  for (SourceAxis& axis : info.axes) {
    if (!options.unit.empty() && axis.type == image::AxisType::Space) axis.unit = options.unit;
  }
  return {};
}

}  // namespace

std::vector<std::size_t> ngff_order(const std::vector<SourceAxis>& axes) {
  std::vector<std::size_t> order(axes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto rank = [&](std::size_t i) {
    switch (axes[i].type) {
      case image::AxisType::Time:
        return 0;
      case image::AxisType::Channel:
        return 1;
      case image::AxisType::Other:
        return 2;
      case image::AxisType::Space:
        return axes[i].name == "z" ? 3 : axes[i].name == "y" ? 4 : 5;
    }
    std::unreachable();
  };
  std::ranges::stable_sort(order, {}, rank);
  return order;
}

Result<std::unique_ptr<Source>> adapt(std::unique_ptr<Source> source, const SourceOptions& options) {
  SourceInfo info = source->info();
  ND_TRY(rename_axes(info, options.axes));
  ND_TRY(rescale_axes(info, options));
  std::vector<std::size_t> order = ngff_order(info.axes);
  const bool ordered = std::ranges::is_sorted(order);
  if (options.order == AxisOrder::File) {
    if (!ordered) {
      std::string names;
      for (const std::size_t axis : order) names += (names.empty() ? "" : ", ") + info.axes[axis].name;
      info.notes.push_back(
          fmt::format("axes stay in the file's order; --order ngff writes {}, as OME-NGFF demands", names));
    }
    std::iota(order.begin(), order.end(), 0);
  }
  if (info.sequential && !std::ranges::is_sorted(order)) {
    return fail(ErrorCode::Unsupported,
                "{}: axes of a compressed stream cannot be put in another order; decompress it first", info.path);
  }
  if (std::ranges::is_sorted(order) && options.axes.empty() && options.scale.empty() && options.unit.empty() &&
      info.notes.size() == source->info().notes.size()) {
    return source;
  }
  return std::make_unique<Reordered>(std::move(source), std::move(info), std::move(order));
}

}  // namespace ndcast::convert
