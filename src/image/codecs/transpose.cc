#include "image/codecs/transpose.h"

#include <algorithm>

#include "base/limits.h"
#include "image/json_fields.h"
#include "image/strided.h"

namespace ndcast::image {
namespace {

class Transpose final : public ArrayCodec {
 public:
  explicit Transpose(std::vector<std::size_t> order) : order_(std::move(order)) {}

  Result<ArraySpec> encoded(const ArraySpec& decoded) const override {
    if (order_.size() != decoded.shape.size()) {
      return fail(ErrorCode::Invalid, "transpose: order [{}] is for {} axes, the array has {}", fmt::join(order_, ", "),
                  order_.size(), decoded.shape.size());
    }
    ArraySpec out = decoded;
    for (std::size_t i = 0; i < order_.size(); ++i) out.shape[i] = decoded.shape[order_[i]];
    return out;
  }

  Result<Bytes> decode(Bytes stored, const ArraySpec& decoded) const override {
    if (std::ranges::is_sorted(order_)) return stored;
    return unpermute(stored, decoded.shape, order_, byte_size(decoded.dtype));
  }

  const std::vector<std::size_t>* axis_order() const override { return &order_; }

 private:
  std::vector<std::size_t> order_;
};

}  // namespace

std::unique_ptr<const ArrayCodec> make_reversed_axes(std::size_t ndim) {
  std::vector<std::size_t> order(ndim);
  for (std::size_t i = 0; i < ndim; ++i) order[i] = ndim - 1 - i;
  return std::make_unique<Transpose>(std::move(order));
}

Result<std::unique_ptr<const ArrayCodec>> make_transpose(const Json& config, std::string_view where) {
  const Json* order = config.find("order");
  const auto refuse = [&] {
    return fail(ErrorCode::Invalid, "{}: \"order\" is {}; expected a permutation of the axes like [2, 0, 1]", where,
                order ? quoted(*order) : "missing");
  };
  if (!order || !order->is_array() || order->size() > limits::kDimensions) return refuse();
  std::vector<std::size_t> axes;
  for (const Json& element : order->array()) {
    const auto axis = element.as_uint64();
    if (!axis || *axis >= order->size() || std::ranges::find(axes, *axis) != axes.end()) return refuse();
    axes.push_back(*axis);
  }
  return std::make_unique<Transpose>(std::move(axes));
}

}  // namespace ndcast::image
