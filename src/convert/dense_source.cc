#include "convert/dense_source.h"

#include <algorithm>
#include <cstring>

namespace ndcast::convert {
namespace {

template <class Word>
void swap_words(std::span<std::byte> elements) {
  for (std::size_t at = 0; at + sizeof(Word) <= elements.size(); at += sizeof(Word)) {
    Word word;
    std::memcpy(&word, elements.data() + at, sizeof word);
    word = std::byteswap(word);
    std::memcpy(elements.data() + at, &word, sizeof word);
  }
}

class DenseSource final : public Source {
 public:
  DenseSource(SourceInfo info, DenseLayout layout) : layout_(std::move(layout)) { info_ = std::move(info); }

  Result<void> read(const Box& box, const Target& target) override {
    const std::size_t ndim = box.extent.size();
    // Axes from `run` on lie side by side in both arrays, so one read takes them all.
    std::size_t run = ndim - 1;
    std::uint64_t run_voxels = static_cast<std::uint64_t>(box.extent[run]);
    while (run > 0 && box.extent[run] == info_.shape[run] && box.extent[run] == target.shape[run]) {
      --run;
      run_voxels *= static_cast<std::uint64_t>(box.extent[run]);
    }
    const std::size_t bytes = run_voxels * info_.voxel_bytes();
    Shape at(ndim, 0);
    while (true) {
      std::uint64_t from = 0;
      std::uint64_t to = 0;
      for (std::size_t axis = 0; axis < ndim; ++axis) {
        from = from * static_cast<std::uint64_t>(info_.shape[axis]) +
               static_cast<std::uint64_t>(box.start[axis] + at[axis]);
        to = to * static_cast<std::uint64_t>(target.shape[axis]) +
             static_cast<std::uint64_t>(target.start[axis] + at[axis]);
      }
      const std::span out(target.data + to * info_.voxel_bytes(), bytes);
      ND_TRY(layout_.input->read_at(layout_.offset + from * info_.voxel_bytes(), out));
      if (layout_.byte_order != std::endian::native) swap_bytes(out, info_.voxel_bytes());
      std::size_t axis = run;
      while (axis-- > 0) {
        if (++at[axis] < box.extent[axis]) break;
        at[axis] = 0;
      }
      if (axis == SIZE_MAX) return {};
    }
  }

 private:
  DenseLayout layout_;
};

}  // namespace

void swap_bytes(std::span<std::byte> elements, std::size_t element_bytes) {
  if (element_bytes == 2) swap_words<std::uint16_t>(elements);
  if (element_bytes == 4) swap_words<std::uint32_t>(elements);
  if (element_bytes == 8) swap_words<std::uint64_t>(elements);
}

Result<std::unique_ptr<Source>> make_dense_source(SourceInfo info, DenseLayout layout) {
  ND_ASSIGN(const std::uint64_t bytes, checked_volume_bytes(info.shape, info.dtype, info.path));
  const std::uint64_t at_most = layout.input->size_at_most();
  if (layout.offset > at_most || bytes > at_most - layout.offset) {
    return fail(ErrorCode::Corrupt, "{}: {} voxels of {} from byte {} on need {} bytes, the data has {}{}", info.path,
                fmt::join(info.shape, " x "), image::to_string(info.dtype), layout.offset, layout.offset + bytes,
                layout.input->size() ? "" : "at most ", at_most);
  }
  info.sequential = layout.input->sequential();
  info.grain.assign(info.shape.size(), 1);
  info.identity = layout.input->identity();
  return std::make_unique<DenseSource>(std::move(info), std::move(layout));
}

}  // namespace ndcast::convert
