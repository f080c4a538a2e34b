#pragma once
// A source thinned out: every n-th voxel of it, read as rarely as its file allows. `ndcast serve FILE` shows such a
// small image at once, while the whole one is imported.
//
//   SampledSource preview(*source, preview_steps(source->info()));

#include "convert/source.h"

namespace ndcast::convert {

/// Voxel i is voxel i · step of `inner`, which has to stay.
class SampledSource final : public Source {
 public:
  SampledSource(Source& inner, Shape step);
  Result<void> read(const Box& box, const Target& target) override;

 private:
  Result<void> read_rows(const Box& box, const Target& target, const Shape& at);

  Source& inner_;
  Shape step_;
};

/// One number an axis: axes of space come down to 192 voxels at most, others to 8 positions; a channel axis stays.
Shape preview_steps(const SourceInfo& info);

}  // namespace ndcast::convert
