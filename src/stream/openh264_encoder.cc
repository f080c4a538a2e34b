#ifdef NDCAST_HAVE_OPENH264

#include "stream/openh264_encoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <wels/codec_api.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/bitstream.h"
#include "stream/colour_convert.h"

namespace ndcast::stream {
namespace {

/// The library's own limits (codec_app_def.h).
constexpr double kMostFps = 30;
/// As fine as x264's rate factor of 18 gets: finer, viewers see no difference, and a bit rate would be filled for
/// nothing.
constexpr int kFinestQuantiser = 18;
constexpr int kCoarsestQuantiser = 51;

struct DestroyEncoder {
  void operator()(ISVCEncoder* encoder) const {
    encoder->Uninitialize();
    WelsDestroySVCEncoder(encoder);
  }
};
using Handle = std::unique_ptr<ISVCEncoder, DestroyEncoder>;

void log_line(void*, int level, const char* text) {
  if (level <= WELS_LOG_ERROR) log().error("openh264: {}", text);
}

void set_colours(SSpatialLayerConfig& layer) {
  layer.bVideoSignalTypePresent = true;
  layer.uiVideoFormat = VF_UNDEF;
  layer.bFullRange = false;
  layer.bColorDescriptionPresent = true;
  layer.uiColorPrimaries = CP_BT709;
  layer.uiTransferCharacteristics = TRC_BT709;
  layer.uiColorMatrix = CM_BT709;
}

float frame_rate(double fps) { return static_cast<float>(std::clamp(fps, 1.0, kMostFps)); }

SEncParamExt parameters(ISVCEncoder& encoder, const EncoderSettings& settings) {
  SEncParamExt param;
  encoder.GetDefaultParams(&param);
  param.iUsageType = CAMERA_VIDEO_REAL_TIME;
  param.iPicWidth = settings.width;
  param.iPicHeight = settings.height;
  param.fMaxFrameRate = frame_rate(settings.fps);
  param.iRCMode = RC_BITRATE_MODE;
  param.iTargetBitrate = static_cast<int>(settings.bitrate_bps);
  param.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  param.iMinQp = kFinestQuantiser;
  param.iMaxQp = kCoarsestQuantiser;
  param.iIdrBitrateRatio = 100;  // a keyframe takes no longer on the wire than another frame
  param.bEnableFrameSkip = false;
  param.iComplexityMode = LOW_COMPLEXITY;
  param.uiIntraPeriod = 0;
  param.iNumRefFrame = 1;
  param.eSpsPpsIdStrategy = CONSTANT_ID;   // one avcC record for the encoder's life
  param.iMultipleThreadIdc = 1;            // the renderer has the other cores
  param.bEnableSceneChangeDetect = false;  // it would make keyframes
  param.bEnableBackgroundDetection = false;
  param.bEnableAdaptiveQuant = false;
  SSpatialLayerConfig& layer = param.sSpatialLayers[0];
  layer.iVideoWidth = settings.width;
  layer.iVideoHeight = settings.height;
  layer.fFrameRate = param.fMaxFrameRate;
  layer.iSpatialBitrate = param.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
  set_colours(layer);
  return param;
}

/// All units of a frame, in order.
std::vector<Nal> nals_of(const SFrameBSInfo& frame) {
  std::vector<Nal> out;
  for (const SLayerBSInfo& layer : std::span(frame.sLayerInfo, static_cast<std::size_t>(frame.iLayerNum))) {
    const auto lengths = std::span(layer.pNalLengthInByte, static_cast<std::size_t>(layer.iNalCount));
    std::size_t size = 0;
    for (const int length : lengths) size += static_cast<std::size_t>(length);
    const auto units = h264::split_annex_b(std::as_bytes(std::span(layer.pBsBuf, size)));
    out.insert(out.end(), units.begin(), units.end());
  }
  return out;
}

class OpenH264Encoder final : public Encoder {
 public:
  OpenH264Encoder(Handle handle, StreamConfig config)
      : handle_(std::move(handle)), config_(std::move(config)), fitter_(config_.width, config_.height) {}

  std::string_view name() const override { return "openh264"; }
  const StreamConfig& config() const override { return config_; }

  Result<EncodedFrame> encode(const RgbaView& picture, FrameKind kind) override {
    const SystemClock clock;
    const MonotonicTime begin = clock.now();
    const I420Picture& coded = fitter_.fit(picture);
    const MonotonicTime converted = clock.now();
    if (kind == FrameKind::Key) handle_->ForceIntraFrame(true);
    SSourcePicture in{};
    in.iColorFormat = videoFormatI420;
    in.iPicWidth = coded.width;
    in.iPicHeight = coded.height;
    in.uiTimeStamp = next_timestamp_ms_;
    next_timestamp_ms_ += kTimestampStepMs;
    const std::pair<const std::uint8_t*, int> planes[] = {
        {coded.y.data(), coded.width}, {coded.u.data(), coded.chroma_width()}, {coded.v.data(), coded.chroma_width()}};
    for (std::size_t i = 0; i < std::size(planes); ++i) {
      in.pData[i] = const_cast<std::uint8_t*>(planes[i].first);  // which openh264 does not write to
      in.iStride[i] = planes[i].second;
    }
    SFrameBSInfo out{};
    const int failure = handle_->EncodeFrame(&in, &out);
    if (failure != 0 || out.iFrameSizeInBytes <= 0) {
      return fail(ErrorCode::Internal, "openh264 made {} bytes of a picture of {} × {} (code {})",
                  out.iFrameSizeInBytes, coded.width, coded.height, failure);
    }
    const std::vector<Nal> units = nals_of(out);
    EncodedFrame frame{.payload = h264::nals_to_avcc(units), .keyframe = h264::has_idr(units)};
    frame.convert_ms = milliseconds(converted - begin);
    frame.encode_ms = milliseconds(clock.now() - converted);
    return frame;
  }

  Result<void> reconfigure(std::int64_t bitrate_bps, double fps) override {
    float frames = frame_rate(fps);
    SBitrateInfo rate{.iLayer = SPATIAL_LAYER_ALL, .iBitrate = static_cast<int>(bitrate_bps)};
    if (handle_->SetOption(ENCODER_OPTION_FRAME_RATE, &frames) != 0 ||
        handle_->SetOption(ENCODER_OPTION_BITRATE, &rate) != 0) {
      return fail(ErrorCode::Internal, "openh264 refused {} bit/s at {} frames a second", bitrate_bps, fps);
    }
    return {};
  }

 private:
  /// Its rate control takes the frame rate from its settings; that time goes on is all it asks for.
  static constexpr long long kTimestampStepMs = 33;

  const Handle handle_;
  const StreamConfig config_;
  I420Fitter fitter_;
  long long next_timestamp_ms_ = 0;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_openh264_encoder(const EncoderSettings& settings) {
  ISVCEncoder* raw = nullptr;
  if (WelsCreateSVCEncoder(&raw) != 0 || raw == nullptr) {
    return fail(ErrorCode::Internal, "openh264 made no encoder");
  }
  Handle handle(raw);
  WelsTraceCallback trace = log_line;
  int level = WELS_LOG_ERROR;
  handle->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
  handle->SetOption(ENCODER_OPTION_TRACE_CALLBACK, reinterpret_cast<void*>(&trace));
  const SEncParamExt param = parameters(*handle, settings);
  if (const int failure = handle->InitializeExt(&param); failure != 0) {
    return fail(ErrorCode::Internal, "openh264 refused {} × {} (code {})", settings.width, settings.height, failure);
  }
  SFrameBSInfo sets{};
  if (handle->EncodeParameterSets(&sets) != 0) return fail(ErrorCode::Internal, "openh264 made no parameter sets");
  const std::vector<Nal> units = nals_of(sets);
  StreamConfig config{.codec = PixelCodec::H264, .width = settings.width, .height = settings.height};
  ND_ASSIGN(config.description, h264::make_avcc_record(units));
  ND_ASSIGN(config.codec_string, h264::codec_string_of_sps(units.front()));
  return std::make_unique<OpenH264Encoder>(std::move(handle), std::move(config));
}

}  // namespace ndcast::stream

#endif  // NDCAST_HAVE_OPENH264
