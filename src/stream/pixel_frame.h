#pragma once
// The bytes of one pixel-channel message (protocol.md §10). All numbers big-endian.
//
//   offset size  header                      offset size  extension v2, after the header
//        0    4  seq u32                         24    8  server_seq u64
//        4    8  timestamp f64, unix s           32    8  camera_seq u64
//       12    4  width u32, pixels               40    4  view_epoch u32
//       16    4  height u32                      44    1  level_shown i8
//       20    1  codec u8                        45    1  complete u8, 0 or 1
//       21    1  flags u8: 1 keyframe, 2 still   46    1  camera mode u8, 2 or 3
//       22    2  ext u16, extension's bytes      47    1  reserved, 0
//                                                48   64  pose 8 × f64
//                                               112   24  stage times 6 × f32, ms
//                                               136    4  picture u32
//                                               140    4  strip_top u32, rows
//   then the payload. Without extension (ext = 0) it starts at 24: the original client's frame.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/frame_state.h"

namespace ndcast::stream {

enum class PixelCodec : std::uint8_t { H264 = 1, Hevc = 2, Av1 = 3, Jpeg = 16, Png = 17, Webp = 18 };

/// "h264", "hevc", "av1", "jpeg", "png", "webp", as in `codecs=` and the original's enum.
std::string_view to_string(PixelCodec codec);
std::optional<PixelCodec> parse_pixel_codec(std::string_view name);
/// A codec whose frames each stand alone; the original client knows none of them.
constexpr bool is_image_codec(PixelCodec codec) { return static_cast<std::uint8_t>(codec) >= 16; }

inline constexpr std::size_t kPixelHeaderBytes = 24;
inline constexpr std::size_t kPixelExtensionBytes = 120;
/// Without picture and strip_top, as it once was.
inline constexpr std::size_t kLeastPixelExtensionBytes = 112;

struct PixelHeader {
  std::uint32_t seq = 0;  ///< contiguous per socket, wraps
  double timestamp = 0;   ///< unix seconds, when handed to the socket
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  PixelCodec codec = PixelCodec::H264;
  bool keyframe = false;
  bool still = false;
};

/// A whole message; `state` null makes the bare frame of the original client.
std::vector<std::byte> pack_pixel_frame(const PixelHeader& header, const FrameState* state,
                                        std::span<const std::byte> payload);

struct ParsedPixelFrame {
  PixelHeader header;
  std::optional<FrameState> state;
  std::span<const std::byte> payload;  ///< into the message
};

/// Reads a message back; for clients, tools and tests. An extension longer than v2 is read as far as known. Errors:
/// Invalid (cut short, unknown codec, an extension shorter than v2).
Result<ParsedPixelFrame> parse_pixel_frame(std::span<const std::byte> message);

}  // namespace ndcast::stream
