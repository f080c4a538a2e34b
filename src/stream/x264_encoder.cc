#ifdef NDCAST_HAVE_X264

#include "stream/x264_encoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

extern "C" {
#include <x264.h>
}

#include "base/clock.h"
#include "base/log.h"
#include "stream/bitstream.h"
#include "stream/colour_convert.h"

namespace ndcast::stream {
namespace {

/// Constant quality as long as it fits the bit rate. At rest, finer than this, viewers see no difference on 8-bit
/// pictures. While things move, what is finer than this is a camera's noise: planes with noise of 5 of 255 in them take
/// 3.2 KB a 720p frame at 34.8 dB, and at 22 nine times as much for 0.6 dB; a pan over such a plane, whose noise moves
/// along, 11 KB at 39 dB for 16 at 41.
constexpr float kRateFactorAtRest = 18;
constexpr float kRateFactorMoving = 26;
/// ITU-T H.264 table E-3 to E-5: 1 is BT.709 for primaries, transfer and matrix alike.
constexpr int kBt709 = 1;
constexpr std::byte kUserDataUnregistered{5};

struct CloseEncoder {
  void operator()(x264_t* encoder) const { x264_encoder_close(encoder); }
};
using Handle = std::unique_ptr<x264_t, CloseEncoder>;

void log_line(void*, int level, const char* format, va_list arguments) {
  std::array<char, 256> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view text(line.data());
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (level <= X264_LOG_ERROR) {
    log().error("x264: {}", text);
  } else {
    log().debug("x264: {}", text);  // of keyframes, mostly, that no quantiser makes as small as their share
  }
}

/// One frame may take this many bits, so that no frame, keyframes included, takes longer on the wire than its time.
/// x264 fills its buffer once a frame of the rate that it was opened with, which cannot be changed later: slower frames
/// get theirs by a bit rate that is higher in its eyes.
void set_rate(x264_param_t& param, std::int64_t bitrate_bps, double fps) {
  const double frame_kbit = static_cast<double>(bitrate_bps) / 1000 / fps;
  const double opened_fps = static_cast<double>(param.i_fps_num) / param.i_fps_den;
  param.rc.i_vbv_max_bitrate = std::max(1, static_cast<int>(std::lround(frame_kbit * opened_fps)));
  param.rc.i_vbv_buffer_size = std::max(1, static_cast<int>(std::lround(frame_kbit)));
}

x264_param_t parameters(const EncoderSettings& settings) {
  x264_param_t param;
  x264_param_default_preset(&param, "ultrafast", "zerolatency");
  param.i_width = settings.width;
  param.i_height = settings.height;
  param.i_csp = X264_CSP_I420;
  param.i_fps_num = static_cast<std::uint32_t>(std::lround(settings.fps * 1000));
  param.i_fps_den = 1000;
  param.i_threads = 1;  // pipelined with rendering; slices gain nothing while the renderer has the other cores
  param.b_sliced_threads = 0;
  param.i_keyint_max = X264_KEYINT_MAX_INFINITE;
  param.i_scenecut_threshold = 0;
  param.i_bframe = 0;
  // Over ultrafast's settings: a keyframe of one frame's share of 8 Mbit/s at 720p30 gains 2 – 3 dB for 0.1 ms (CABAC
  // gains as much again, but costs 1 – 5 ms).
  param.analyse.b_transform_8x8 = 1;
  param.analyse.intra |= X264_ANALYSE_I8x8;
  param.b_repeat_headers = 1;
  param.b_annexb = 1;
  param.b_aud = 0;
  param.rc.i_rc_method = X264_RC_CRF;
  param.rc.f_rf_constant = kRateFactorMoving;
  param.i_nal_hrd = X264_NAL_HRD_NONE;  // with HRD signalled the rate could not be changed later
  set_rate(param, settings.bitrate_bps, settings.fps);
  param.vui.i_colorprim = kBt709;
  param.vui.i_transfer = kBt709;
  param.vui.i_colmatrix = kBt709;
  param.vui.b_fullrange = 0;
  param.i_log_level = X264_LOG_WARNING;
  param.pf_log = log_line;
  x264_param_apply_profile(&param, "high");
  return param;
}

/// Units that decoders need: without the "x264 - core …" user data, some 600 bytes before the first frame.
std::vector<Nal> needed_nals(const x264_nal_t* nals, int count) {
  std::vector<Nal> out;
  for (const x264_nal_t& nal : std::span(nals, static_cast<std::size_t>(count))) {
    const auto bytes = std::as_bytes(std::span(nal.p_payload, static_cast<std::size_t>(nal.i_payload)));
    for (const Nal unit : h264::split_annex_b(bytes)) {
      const bool user_data =
          h264::nal_type(unit) == h264::NalType::Sei && unit.size() > 1 && unit[1] == kUserDataUnregistered;
      if (!user_data) out.push_back(unit);
    }
  }
  return out;
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return milliseconds(std::chrono::steady_clock::now() - start);
}

class X264Encoder final : public Encoder {
 public:
  X264Encoder(x264_param_t param, Handle handle, StreamConfig config)
      : param_(param), handle_(std::move(handle)), config_(std::move(config)), fitter_(config_.width, config_.height) {}

  std::string_view name() const override { return "x264"; }
  const StreamConfig& config() const override { return config_; }

  Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) override {
    EncodedFrame frame;
    const auto start = std::chrono::steady_clock::now();
    const I420Picture& coded = fitter_.fit(picture);
    frame.convert_ms = ms_since(start);

    ND_TRY(set_rate_factor(kind == FrameKind::Refine ? kRateFactorAtRest : kRateFactorMoving));
    const auto convert_end = std::chrono::steady_clock::now();
    x264_picture_t in;
    x264_picture_init(&in);
    in.img.i_csp = X264_CSP_I420;
    in.img.i_plane = 3;
    const std::pair<const std::uint8_t*, int> planes[] = {
        {coded.y.data(), coded.width}, {coded.u.data(), coded.chroma_width()}, {coded.v.data(), coded.chroma_width()}};
    for (std::size_t i = 0; i < 3; ++i) {
      in.img.plane[i] = const_cast<std::uint8_t*>(planes[i].first);  // which x264 does not write to
      in.img.i_stride[i] = planes[i].second;
    }
    in.i_type = kind == FrameKind::Key ? X264_TYPE_IDR : X264_TYPE_AUTO;
    in.i_pts = next_pts_++;
    x264_nal_t* nals = nullptr;
    int count = 0;
    x264_picture_t out;
    const int size = x264_encoder_encode(handle_.get(), &nals, &count, &in, &out);
    if (size <= 0) {
      return fail(ErrorCode::Internal, "x264 made {} bytes of a picture of {} × {}", size, coded.width, coded.height);
    }
    const std::vector<Nal> units = needed_nals(nals, count);
    frame.keyframe = h264::has_idr(units);
    frame.payload = h264::nals_to_avcc(units);
    frame.quantiser = out.i_qpplus1 - 1;
    frame.encode_ms = ms_since(convert_end);
    return frame;
  }

  Result<void> reconfigure(std::int64_t bitrate_bps, double fps) override {
    set_rate(param_, bitrate_bps, fps);
    if (x264_encoder_reconfig(handle_.get(), &param_) < 0) {
      return fail(ErrorCode::Internal, "x264 refused {} bit/s at {} frames a second", bitrate_bps, fps);
    }
    return {};
  }

 private:
  Result<void> set_rate_factor(float factor) {
    if (param_.rc.f_rf_constant == factor) return {};
    param_.rc.f_rf_constant = factor;
    if (x264_encoder_reconfig(handle_.get(), &param_) < 0) {
      return fail(ErrorCode::Internal, "x264 refused a rate factor of {}", factor);
    }
    return {};
  }

  x264_param_t param_;
  const Handle handle_;
  const StreamConfig config_;
  I420Fitter fitter_;
  std::int64_t next_pts_ = 0;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_x264_encoder(const EncoderSettings& settings) {
  x264_param_t param = parameters(settings);
  Handle handle(x264_encoder_open(&param));
  if (!handle) return fail(ErrorCode::Internal, "x264 refused {} × {}", settings.width, settings.height);
  x264_nal_t* nals = nullptr;
  int count = 0;
  if (x264_encoder_headers(handle.get(), &nals, &count) <= 0) return fail(ErrorCode::Internal, "x264 made no headers");
  const std::vector<Nal> units = needed_nals(nals, count);
  StreamConfig config{.codec = PixelCodec::H264, .width = settings.width, .height = settings.height};
  ND_ASSIGN(config.description, h264::make_avcc_record(units));
  const auto sps = std::ranges::find(units, h264::NalType::Sps, h264::nal_type);
  ND_ASSIGN(config.codec_string, h264::codec_string_of_sps(*sps));
  return std::make_unique<X264Encoder>(param, std::move(handle), std::move(config));
}

}  // namespace ndcast::stream

#endif  // NDCAST_HAVE_X264
