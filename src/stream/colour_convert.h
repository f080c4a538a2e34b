#pragma once
// RGBA to planar YUV and scaling of it: the two steps between a rendered picture and an encoder.

#include "stream/picture.h"

namespace ndcast::stream {

/// BT.709, limited range (ITU-R BT.709-6 §3, 8 bit), of rgb in [0, 1]:
///   y = 0.2126 r + 0.7152 g + 0.0722 b
///   Y = 16 + 219 y    Cb = 128 + 224 (b − y) / 1.8556    Cr = 128 + 224 (r − y) / 1.5748
/// rounded to nearest. Chroma is of the mean of each 2 × 2 block (at an odd edge, of the pixels that exist). `out` is
/// resized. Fixed point; within 1 of rgba_to_i420_bt709_reference everywhere. Thread-safe.
void rgba_to_i420_bt709(const RgbaView& picture, I420Picture& out);

/// The same in double precision, pixel by pixel: the truth in tests.
void rgba_to_i420_bt709_reference(const RgbaView& picture, I420Picture& out);

/// Bilinear, pixel centres aligned, edges held. `out` has the wanted size beforehand. Thread-safe.
void scale_i420(const I420Picture& picture, I420Picture& out);

/// Pictures of any size as I420 of one, in memory that is kept. One thread at a time.
class I420Fitter {
 public:
  I420Fitter(int width, int height) { fitted_.resize(width, height); }
  /// Stands until the next call.
  const I420Picture& fit(const RgbaView& picture);

 private:
  I420Picture converted_;
  I420Picture fitted_;
};

}  // namespace ndcast::stream
