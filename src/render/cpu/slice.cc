#include "render/cpu/slice.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "render/cpu/look.h"
#include "render/cpu/slice_rows.h"
#include "render/cpu/slice_view.h"

namespace ndcast::render {
namespace {

constexpr int kRowsPerBand = 16;

// --- one row ---

/// Scratch of one thread.
struct RowBuffers {
  explicit RowBuffers(int width)
      : entry(static_cast<std::size_t>(width)),
        curve_entry(static_cast<std::size_t>(width)),
        value(static_cast<std::size_t>(width)),
        above(static_cast<std::size_t>(width)),
        color(static_cast<std::size_t>(width)) {}
  std::vector<std::int32_t> entry;        ///< into SliceLayerView::colors
  std::vector<std::int32_t> curve_entry;  ///< into SliceLayerView::curve, where there is one
  std::vector<std::int32_t> entry_above;  ///< of contours: `entry` of a row above, of this one, of one below
  std::vector<std::int32_t> entry_here;
  std::vector<std::int32_t> entry_below;
  std::vector<float> value;
  std::vector<float> line;  ///< voxels of a row, mixed with those of the next
  std::vector<Pixel16> above;
  std::vector<Pixel16> color;
  std::vector<Span> pending;   ///< pixels that no level has filled yet
  std::vector<Span> unfilled;  ///< of those, what the level at hand could not fill
};

template <class T>
void sample_nearest(const T* line, const VoxelLoader<T>& load, const std::int32_t* at, int count, float* values) {
  if constexpr (std::is_integral_v<T> && kFitsFloat<T>) {
    // Apart from the gather, the conversion runs in vectors.
    constexpr int kChunk = 64;
    std::array<std::int32_t, kChunk> voxels;
    for (int begin = 0; begin < count; begin += kChunk) {
      const int size = std::min(kChunk, count - begin);
      for (int i = 0; i < size; ++i) voxels[static_cast<std::size_t>(i)] = std::int32_t{line[at[begin + i]]};
      for (int i = 0; i < size; ++i) values[begin + i] = static_cast<float>(voxels[static_cast<std::size_t>(i)]);
    }
  } else {
    for (int i = 0; i < count; ++i) values[i] = load(line[at[i]]);
  }
}

/// Voxels a pixel up to which mixing whole lines first is cheaper than four loads a pixel.
constexpr int kLineVoxelsPerPixel = 4;

template <class T>
void sample_linear(const T* line, const T* line_above, float down, const VoxelLoader<T>& load, const AxisTable& columns,
                   int begin, int end, std::vector<float>& mixed, float* values) {
  const std::int32_t* const at = columns.at.data();
  const std::int32_t* const next = columns.next.data();
  const float* const weight = columns.weight.data();
  const auto mix = [&](std::int32_t voxel) {
    const float here = load(line[voxel]);
    return here + (load(line_above[voxel]) - here) * down;
  };
  const std::int32_t first = std::min(at[begin], at[end - 1]);
  const std::int32_t last = std::max(next[begin], next[end - 1]);
  if (last - first >= kLineVoxelsPerPixel * (end - begin)) {
    for (int i = begin; i < end; ++i) {
      const float left = mix(at[i]);
      values[i - begin] = left + (mix(next[i]) - left) * weight[i];
    }
    return;
  }
  mixed.resize(static_cast<std::size_t>(last - first) + 1);
  for (std::int32_t voxel = first; voxel <= last; ++voxel) mixed[static_cast<std::size_t>(voxel - first)] = mix(voxel);
  const float* const voxels = mixed.data();
  for (int i = begin; i < end; ++i) {
    const float left = voxels[at[i] - first];
    values[i - begin] = left + (voxels[next[i] - first] - left) * weight[i];
  }
}

template <class T>
void sample_cubic(const std::array<const T*, 4>& lines, const std::array<float, 4>& down, const VoxelLoader<T>& load,
                  const AxisTable& columns, int begin, int end, std::vector<float>& mixed, float* values) {
  const auto mix = [&](std::int32_t voxel) {
    float sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += down[k] * load(lines[k][voxel]);
    return sum;
  };
  const auto value_of = [](const CubicTaps& taps, auto&& voxel) {
    float sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += taps.share[k] * voxel(taps.at[k]);
    return sum;
  };
  const CubicTaps* const taps = columns.taps.data();
  const std::int32_t first = std::min(taps[begin].at.front(), taps[end - 1].at.front());
  const std::int32_t last = std::max(taps[begin].at.back(), taps[end - 1].at.back());
  if (last - first >= kLineVoxelsPerPixel * (end - begin)) {
    for (int i = begin; i < end; ++i) values[i - begin] = value_of(taps[i], mix);
    return;
  }
  mixed.resize(static_cast<std::size_t>(last - first) + 1);
  for (std::int32_t voxel = first; voxel <= last; ++voxel) mixed[static_cast<std::size_t>(voxel - first)] = mix(voxel);
  const float* const voxels = mixed.data();
  const auto mixed_at = [&](std::int32_t voxel) { return voxels[voxel - first]; };
  for (int i = begin; i < end; ++i) values[i - begin] = value_of(taps[i], mixed_at);
}

/// Entries of LabelColors. Neighbours are mostly of one object.
template <class T>
void index_labels(const LabelColors& colors, const T* line, const std::int32_t* at, int count, std::int32_t* entries) {
  std::uint64_t last = 0;
  auto entry = static_cast<std::int32_t>(colors.entry_of(last));
  for (int i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint64_t>(static_cast<std::int64_t>(line[at[i]]));
    if (label != last) entry = static_cast<std::int32_t>(colors.entry_of(last = label));
    entries[i] = entry;
  }
}

template <class T>
void index_span(const SliceLayerView& layer, const LevelView& level, int row, int begin, int end, RowBuffers& buffers) {
  const VoxelLoader<T> load(layer.window);
  const auto line = [&](std::int32_t voxel) {
    return reinterpret_cast<const T*>(level.slice->data) + static_cast<std::ptrdiff_t>(voxel) * level.slice->width;
  };
  const auto slot = static_cast<std::size_t>(row);
  if constexpr (std::is_integral_v<T>) {
    if (layer.labels) {
      return index_labels(*layer.labels, line(level.rows.at[slot]), level.columns.at.data() + begin, end - begin,
                          buffers.entry.data() + begin);
    }
  }
  float* const values = buffers.value.data();
  switch (layer.interpolation) {
    case scene::Interpolation::Nearest:
      sample_nearest(line(level.rows.at[slot]), load, level.columns.at.data() + begin, end - begin, values);
      break;
    case scene::Interpolation::Linear:
      sample_linear(line(level.rows.at[slot]), line(level.rows.next[slot]), level.rows.weight[slot], load,
                    level.columns, begin, end, buffers.line, values);
      break;
    case scene::Interpolation::Cubic: {
      const CubicTaps& taps = level.rows.taps[slot];
      sample_cubic<T>({line(taps.at[0]), line(taps.at[1]), line(taps.at[2]), line(taps.at[3])}, taps.share, load,
                      level.columns, begin, end, buffers.line, values);
    }
  }
  index_row(LoadedWindow(layer.window, kFitsFloat<T>), layer.index.rooted(), kMayBeTransparent<T>, values,
            static_cast<std::size_t>(end - begin), buffers.entry.data() + begin);
  if (layer.curve_window) {
    index_row(LoadedWindow(*layer.curve_window, true), false, kMayBeTransparent<T>, values,
              static_cast<std::size_t>(end - begin), buffers.curve_entry.data() + begin);
  }
}

/// Fills buffers.entry for the pixels [begin, end) that `level` can show; the others go on to `unfilled`.
void fill_span(const SliceLayerView& layer, const LevelView& level, int row, const Span& wanted, RowBuffers& buffers) {
  const AxisTable& columns = level.columns;
  const bool row_inside = row >= level.rows.begin && row < level.rows.end;
  if (!row_inside || wanted.end <= columns.begin || wanted.begin >= columns.end) {
    buffers.unfilled.push_back(wanted);
    return;
  }
  const auto row_span = std::ranges::upper_bound(level.rows.spans, row, {}, &Span::end);
  int done = wanted.begin;
  const auto leave_until = [&](int pixel) {
    if (pixel > done) buffers.unfilled.push_back({done, pixel, {}});
    done = pixel;
  };
  for (const Span& span : columns.spans) {
    const int begin = std::max(span.begin, wanted.begin);
    const int end = std::min(span.end, wanted.end);
    if (begin >= end || !level.is_loaded(span.block, row_span->block)) continue;
    leave_until(begin);
    image::visit_dtype(level.slice->dtype,
                       [&](auto zero) { index_span<decltype(zero)>(layer, level, row, begin, end, buffers); });
    done = end;
  }
  leave_until(wanted.end);
}

/// Fills buffers.entry for the whole row: the finest level that is loaded there, kNothing where there is none.
void index_pixels(const SliceLayerView& layer, int row, int width, RowBuffers& buffers) {
  buffers.pending.assign(1, Span{0, width, {}});
  for (const LevelView& level : layer.levels) {
    buffers.unfilled.clear();
    for (const Span& span : buffers.pending) fill_span(layer, level, row, span, buffers);
    std::swap(buffers.pending, buffers.unfilled);
    if (buffers.pending.empty()) return;
  }
  for (const Span& span : buffers.pending) {
    std::fill(buffers.entry.begin() + span.begin, buffers.entry.begin() + span.end, kNothing);
  }
}

/// Leaves of the row's objects their rims alone, SliceLayerView::contour pixels thick.
void keep_contours(const SliceLayerView& layer, int row, int height, RowBuffers& buffers) {
  const int width = static_cast<int>(buffers.entry.size());
  const int far = layer.contour;
  std::vector<const std::vector<std::int32_t>*> lines;
  for (const int other : {row - far, row + far}) {
    if (other < 0 || other >= height) continue;
    std::vector<std::int32_t>& line = other < row ? buffers.entry_above : buffers.entry_below;
    line.resize(buffers.entry.size());
    std::swap(buffers.entry, line);
    index_pixels(layer, other, width, buffers);
    std::swap(buffers.entry, line);
    lines.push_back(&line);
  }
  buffers.entry_here = buffers.entry;
  lines.push_back(&buffers.entry_here);
  for (int i = 0; i < width; ++i) {
    std::int32_t& entry = buffers.entry[static_cast<std::size_t>(i)];
    if (entry == kNothing) continue;
    const bool on_rim = std::ranges::any_of(lines, [&](const auto* line) {
      return std::ranges::any_of(std::array{i - far, i, i + far}, [&](int column) {
        return column >= 0 && column < width && (*line)[static_cast<std::size_t>(column)] != entry;
      });
    });
    if (!on_rim) entry = kNothing;
  }
}

void look_up(const std::vector<Pixel16>& colors, const std::vector<std::int32_t>& entries, std::vector<Pixel16>& out) {
  // Eight bytes at once: an array of four is copied piece by piece.
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::memcpy(out[i].data(), colors[static_cast<std::size_t>(entries[i])].data(), sizeof(Pixel16));
  }
}

/// Colours whose opacity follows the curve.
void vary_opacity(const SliceLayerView& layer, const RowBuffers& buffers, std::vector<Pixel16>& colors) {
  constexpr std::uint32_t kOne = 65535;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    if (buffers.entry[i] == kNothing) continue;
    const std::uint32_t factor = layer.curve[static_cast<std::size_t>(buffers.curve_entry[i])];
    for (std::uint16_t& part : colors[i]) part = static_cast<std::uint16_t>((part * factor + kOne / 2) / kOne);
  }
}

/// What lies below a lowest layer whose opacity varies: where it shows nothing, the background itself.
void lay_under(const Pixel16& under, const Pixel16& background, RowBuffers& buffers) {
  for (std::size_t i = 0; i < buffers.color.size(); ++i) {
    buffers.color[i] = buffers.entry[i] == kNothing ? background : under;
  }
}

void draw_row(const std::vector<SliceLayerView>& layers, int row, int height, const Pixel16& background,
              RowBuffers& buffers) {
  if (layers.empty()) std::ranges::fill(buffers.color, background);
  for (const SliceLayerView& layer : layers) {
    index_pixels(layer, row, static_cast<int>(buffers.entry.size()), buffers);
    if (layer.contour > 0) keep_contours(layer, row, height, buffers);
    if (!layer.blend) {
      look_up(layer.colors, buffers.entry, buffers.color);
    } else {
      if (layer.under) lay_under(*layer.under, background, buffers);
      look_up(layer.colors, buffers.entry, buffers.above);
      if (!layer.curve.empty()) vary_opacity(layer, buffers, buffers.above);
      blend_row(*layer.blend, buffers.above.data(), buffers.above.size(), buffers.color.data());
    }
  }
}

}  // namespace

void draw_slices(const FrameInput& input, ThreadPool& pool, Picture& out) {
  const Rgb<double> background{input.background[0] / 255.0, input.background[1] / 255.0, input.background[2] / 255.0};
  std::vector<SliceLayerView> layers;
  layers.reserve(input.layers.size());
  for (const LayerInput& layer : input.layers) layers.push_back(slice_layer_view(layer, input, background));

  const auto bands = static_cast<std::size_t>((input.height + kRowsPerBand - 1) / kRowsPerBand);
  pool.for_each_index(bands, [&](std::size_t band) {
    RowBuffers buffers(input.width);
    const int first = static_cast<int>(band) * kRowsPerBand;
    for (int row = first; row < std::min(input.height, first + kRowsPerBand); ++row) {
      draw_row(layers, row, input.height, pixel16(background, 1), buffers);
      const std::size_t pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(input.width);
      store_row(buffers.color.data(), buffers.color.size(), out.rgba.data() + pixel * 4);
    }
  });
}

}  // namespace ndcast::render
