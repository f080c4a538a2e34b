#include <csetjmp>
#include <cstdio>
#include <memory>

#include <jpeglib.h>

#include "base/limits.h"
#include "convert/byte_input.h"
#include "convert/picture_source.h"

namespace ndcast::convert {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// libjpeg reports errors by a call that must not return: it jumps to decode(), whose frame holds nothing to destroy.
struct Failure {
  jpeg_error_mgr manager{};
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = {};
};

extern "C" void fail_jpeg(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);  // the manager is its first member
  info->err->format_message(info, failure->message);
  std::longjmp(failure->back, 1);
}
extern "C" void ignore_jpeg_message(j_common_ptr, int) {}

struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t samples = 0;
};

/// Reads the header, and with `out` the pixels too, as far as `out_bytes` allows. False with failure.message.
bool decode(std::FILE* file, Failure& failure, Picture& picture, std::byte* out, std::size_t out_bytes) {
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = fail_jpeg;
  failure.manager.emit_message = ignore_jpeg_message;
  if (setjmp(failure.back) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  info.mem->max_memory_to_use = static_cast<long>(limits::kTiffAllocation);
  jpeg_stdio_src(&info, file);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  picture = {info.image_width, info.image_height, info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3};
  const std::size_t row = static_cast<std::size_t>(picture.width * picture.samples);
  if (out && row * static_cast<std::size_t>(picture.height) == out_bytes) {
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
      JSAMPROW to = reinterpret_cast<JSAMPROW>(out + info.output_scanline * row);
      jpeg_read_scanlines(&info, &to, 1);
    }
    // A file cut short decodes with grey below the cut, and only counts a warning.
    if (failure.manager.num_warnings > 0) {
      failure.manager.format_message(reinterpret_cast<j_common_ptr>(&info), failure.message);
      jpeg_destroy_decompress(&info);
      return false;
    }
  }
  jpeg_destroy_decompress(&info);
  return true;
}

Result<Picture> decode_file(const std::string& path, std::byte* out, std::size_t out_bytes) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return fail(ErrorCode::NotFound, "{}: cannot be opened", path);
  const auto failure = std::make_unique<Failure>();
  Picture picture;
  if (!decode(file.get(), *failure, picture, out, out_bytes)) {
    return fail(out ? ErrorCode::Corrupt : ErrorCode::Invalid, "{}: is no JPEG that decodes ({})", path,
                failure->message);
  }
  return picture;
}

class JpegSource final : public Source {
 public:
  explicit JpegSource(SourceInfo info) { info_ = std::move(info); }

  Result<void> read(const Box& box, const Target& target) override {
    std::vector<std::byte> pixels(info_.scratch_bytes);
    ND_ASSIGN(const Picture picture, decode_file(info_.path, pixels.data(), pixels.size()));
    if (static_cast<std::size_t>(picture.width * picture.height * picture.samples) != pixels.size()) {
      return fail(ErrorCode::Corrupt, "{}: became another picture while it was read", info_.path);
    }
    copy_picture(info_, pixels, box, target);
    return {};
  }
};

}  // namespace

Result<std::unique_ptr<Source>> open_jpeg(const std::filesystem::path& path) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_file(path));
  ND_ASSIGN(const Picture picture, decode_file(path.string(), nullptr, 0));  // 65,500 x 65,500 at most, by the format
  if (picture.width * picture.height * picture.samples > static_cast<std::int64_t>(limits::kChunkBytes)) {
    return fail(ErrorCode::Limit, "{}: {} x {} pixels, a JPEG may decode to {} bytes", path.string(), picture.width,
                picture.height, limits::kChunkBytes);
  }
  SourceInfo info = picture_info("JPEG", path, picture.width, picture.height, picture.samples, image::DType::UInt8);
  info.identity = file->identity();
  return std::make_unique<JpegSource>(std::move(info));
}

}  // namespace ndcast::convert
