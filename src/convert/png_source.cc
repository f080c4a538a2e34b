#include <bit>
#include <cstdio>
#include <memory>

#include <spng.h>

#include "base/limits.h"
#include "convert/byte_input.h"
#include "convert/picture_source.h"
#include "convert/sample_bits.h"

namespace ndcast::convert {
namespace {

struct CloseContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// A file at the end of its header.
struct OpenPng {
  std::unique_ptr<std::FILE, CloseFile> file;
  std::unique_ptr<spng_ctx, CloseContext> context;
  spng_ihdr header{};
  int format = SPNG_FMT_PNG;
  std::int64_t samples = 1;
};

Result<OpenPng> open_header(const std::string& path) {
  OpenPng out;
  out.file.reset(std::fopen(path.c_str(), "rbe"));
  if (!out.file) return fail(ErrorCode::NotFound, "{}: cannot be opened", path);
  out.context.reset(spng_ctx_new(0));
  // Text and colour profiles may be as large as they like, to be skipped.
  spng_set_chunk_limits(out.context.get(), limits::kTiffAllocation, limits::kTiffAllocation);
  spng_set_png_file(out.context.get(), out.file.get());
  if (const int error = spng_get_ihdr(out.context.get(), &out.header)) {
    return fail(ErrorCode::Invalid, "{}: is no PNG that can be read ({})", path, spng_strerror(error));
  }
  switch (out.header.color_type) {
    case SPNG_COLOR_TYPE_INDEXED:
      out.format = SPNG_FMT_RGB8;
      out.samples = 3;
      break;
    case SPNG_COLOR_TYPE_TRUECOLOR:
      out.samples = 3;
      break;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      out.samples = 4;
      break;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      out.samples = 2;
      break;
    default:
      break;
  }
  return out;
}

class PngSource final : public Source {
 public:
  explicit PngSource(SourceInfo info) { info_ = std::move(info); }

  Result<void> read(const Box& box, const Target& target) override {
    ND_ASSIGN(const OpenPng png, open_header(info_.path));
    std::size_t bytes = 0;
    int error = spng_decoded_image_size(png.context.get(), png.format, &bytes);
    std::vector<std::byte> pixels(!error && bytes <= limits::kChunkBytes ? bytes : 0);
    if (!error) error = spng_decode_image(png.context.get(), pixels.data(), pixels.size(), png.format, 0);
    if (error) return fail(ErrorCode::Corrupt, "{}: does not decode ({})", info_.path, spng_strerror(error));
    if (png.format == SPNG_FMT_PNG && png.header.bit_depth < 8) pixels = unpack(pixels, png.header.bit_depth);
    if (pixels.size() != info_.scratch_bytes) {
      return fail(ErrorCode::Corrupt, "{}: decodes to {} bytes, expected {}", info_.path, pixels.size(),
                  info_.scratch_bytes);
    }
    copy_picture(info_, pixels, box, target);
    return {};
  }

 private:
  std::vector<std::byte> unpack(const std::vector<std::byte>& packed, int bits) const {
    const auto height = static_cast<std::size_t>(info_.shape[0]);
    const auto width = static_cast<std::size_t>(info_.shape[1]);
    const std::size_t row = packed.size() / height;
    std::vector<std::byte> out(height * width);
    for (std::size_t y = 0; y < height; ++y) {
      unpack_row(std::span(packed).subspan(y * row, row), bits, SampleKind::Unsigned, width, out.data() + y * width);
    }
    return out;
  }
};

}  // namespace

Result<std::unique_ptr<Source>> open_png(const std::filesystem::path& path) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_file(path));
  ND_ASSIGN(const OpenPng png, open_header(path.string()));
  const int bits = png.format == SPNG_FMT_RGB8 ? 8 : png.header.bit_depth;
  const auto pixels = std::uint64_t{png.header.width} * png.header.height * static_cast<std::uint64_t>(png.samples);
  if (pixels > limits::kChunkBytes / 2) {
    return fail(ErrorCode::Limit, "{}: {} x {} pixels, a PNG may decode to {} bytes", path.string(), png.header.width,
                png.header.height, limits::kChunkBytes);
  }
  SourceInfo info = picture_info("PNG", path, png.header.width, png.header.height, png.samples,
                                 *dtype_of_samples(bits, SampleKind::Unsigned));
  info.identity = file->identity();
  return std::make_unique<PngSource>(std::move(info));
}

}  // namespace ndcast::convert
