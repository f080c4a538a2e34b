#pragma once
// Lossless pictures of a view at rest (WP38), beside its video and off its way: strips of rows, WebP files each, made
// on a thread of its own ("still-<n>") that yields to all others.
//
//   render thread ──offer()──► kStillAfter without another picture ──► strips ──on_still()──► (post to control) ──►
//   PixelChannels
//
//   StillMaker stills({}, [](SharedStill still) { … }, clock);
//   stills.set_wanted(true);
//   stills.offer(submission);

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stream/rendition.h"

namespace ndcast::stream {

/// A whole picture: its strips from the top down, VideoPackets with `still` and `state.strip_top` set.
struct Still {
  std::uint32_t picture = 0;  ///< FrameState::picture
  std::vector<SharedPacket> strips;
};
using SharedStill = std::shared_ptr<const Still>;

/// Rows [top, top + rows) of a picture as a lossless WebP file: every pixel's R, G, B as it was. Errors: Invalid (rows
/// that the picture has not, or a side over 16,383), Internal from libwebp.
Result<std::vector<std::byte>> encode_webp(const RgbaView& picture, int top, int rows);

struct StillOptions {
  std::chrono::milliseconds after{600};
  /// Of one strip: small enough that what moves next waits for none (some 50 KiB of a busy picture 1280 wide).
  int rows = 64;
  /// False: no thread; whoever made it calls run_once(). For tests and simulations.
  bool threaded = true;
};

/// All calls thread-safe; none waits for an encoding.
class StillMaker {
 public:
  /// `on_still` runs on the maker's thread and must not wait for the maker.
  StillMaker(StillOptions options, std::function<void(SharedStill)> on_still, const Clock& clock);
  /// Waits for the strip in progress.
  ~StillMaker();
  StillMaker(const StillMaker&) = delete;
  StillMaker& operator=(const StillMaker&) = delete;

  /// The newest picture; work on one before it is given up. It is made into a still if it is the last for `after`, and
  /// if it is complete and has the coded size: another is not what the view shows at rest.
  void offer(Submission submission);
  /// What was offered is out of date.
  void forget();
  /// Whether anybody wants stills. The picture at rest is made into one when somebody does for the first time.
  void set_wanted(bool wanted);

  /// Without a thread: makes what is due now. False when there was nothing to do.
  bool run_once();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ndcast::stream
