#include "convert/raw.h"

#include "convert/dense_source.h"

namespace ndcast::convert {

Result<std::unique_ptr<Source>> open_raw(const std::filesystem::path& path, const RawDescription& description) {
  static constexpr std::string_view kUsual = "tczyx";
  const std::size_t ndim = description.shape.size();
  if (ndim < 2 || (description.axes.empty() && ndim > kUsual.size())) {
    return fail(ErrorCode::Invalid, "{}: a shape of {} numbers, expected 2 to {} (or --axes for more)", path.string(),
                ndim, kUsual.size());
  }
  const std::string axes =
      description.axes.empty() ? std::string(kUsual.substr(kUsual.size() - ndim)) : description.axes;
  if (axes.size() != ndim) {
    return fail(ErrorCode::Invalid, "{}: axes '{}', expected {} letters, one a number of the shape", path.string(),
                axes, ndim);
  }
  SourceInfo info;
  info.format = "raw";
  info.path = path.string();
  info.dtype = description.dtype;
  info.shape = description.shape;
  for (const char name : axes) info.axes.push_back(make_axis(std::string(1, name)));
  ND_ASSIGN(const Compression compression, sniff_compression(path));
  DenseLayout layout{nullptr, description.skip_bytes, description.byte_order};
  ND_ASSIGN(layout.input, open_stream(path, compression));
  return make_dense_source(std::move(info), std::move(layout));
}

}  // namespace ndcast::convert
