#include "render/stills/png.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include <spng.h>

#include "base/limits.h"

namespace ndcast::render {
namespace {

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

struct FreeBuffer {
  void operator()(void* buffer) const { std::free(buffer); }
};

constexpr int kFastDeflate = 1;

Result<void> check_size(const Picture& picture) {
  const auto pixels = static_cast<std::int64_t>(picture.width) * picture.height;
  if (picture.width <= 0 || picture.height <= 0 || picture.rgba.size() != static_cast<std::size_t>(pixels) * 4) {
    return fail(ErrorCode::Invalid, "a picture of {} × {} pixels with {} bytes is not a PNG", picture.width,
                picture.height, picture.rgba.size());
  }
  if (pixels > limits::kStillPixels) {
    return fail(ErrorCode::Limit, "a picture of {} × {} pixels is larger than {} pixels", picture.width, picture.height,
                limits::kStillPixels);
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> encode_png(const Picture& picture) {
  ND_TRY(check_size(picture));
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (!context) return fail(ErrorCode::Internal, "libspng gave no encoder");
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, kFastDeflate);
  spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_DISABLE_FILTERING);
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(picture.width);
  header.height = static_cast<std::uint32_t>(picture.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  spng_set_ihdr(context.get(), &header);
  if (const int error = spng_encode_image(context.get(), picture.rgba.data(), picture.rgba.size(), SPNG_FMT_PNG,
                                          SPNG_ENCODE_FINALIZE)) {
    return fail(ErrorCode::Internal, "PNG: {}", spng_strerror(error));
  }
  std::size_t size = 0;
  int error = 0;
  const std::unique_ptr<void, FreeBuffer> buffer(spng_get_png_buffer(context.get(), &size, &error));
  if (!buffer) return fail(ErrorCode::Internal, "PNG: {}", spng_strerror(error));
  const auto* const begin = static_cast<const std::byte*>(buffer.get());
  return std::vector<std::byte>(begin, begin + size);
}

Result<Picture> decode_png(std::span<const std::byte> bytes) {
  const Context context(spng_ctx_new(0));
  if (!context) return fail(ErrorCode::Internal, "libspng gave no decoder");
  spng_ihdr header{};
  int error = spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  if (error == 0) error = spng_get_ihdr(context.get(), &header);
  if (error != 0) return fail(ErrorCode::Corrupt, "PNG: {}", spng_strerror(error));
  if (static_cast<std::int64_t>(header.width) * header.height > limits::kStillPixels) {
    return fail(ErrorCode::Limit, "a PNG of {} × {} pixels is larger than {} pixels", header.width, header.height,
                limits::kStillPixels);
  }
  Picture picture;
  picture.resize(static_cast<int>(header.width), static_cast<int>(header.height));
  error = spng_decode_image(context.get(), picture.rgba.data(), picture.rgba.size(), SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
  if (error != 0) return fail(ErrorCode::Corrupt, "PNG: {}", spng_strerror(error));
  return picture;
}

Result<void> write_png(const std::filesystem::path& path, const Picture& picture) {
  ND_ASSIGN(const std::vector<std::byte> bytes, encode_png(picture));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return fail(ErrorCode::Io, "{}: cannot be written", path.string());
  return {};
}

Result<Picture> read_png(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::NotFound, "{}: no such file", path.string());
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(ErrorCode::Io, "{}: cannot be read", path.string());
  return decode_png(std::as_bytes(std::span(bytes)));
}

}  // namespace ndcast::render
