#include "image/codecs/zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "image/codecs/growing.h"

namespace ndcast::image {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> instance(ZSTD_createDCtx());
  return instance.get();
}

class Zstd final : public BytesCodec {
 public:
  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    return decode_growing("zstd", stored.size(), size,
                          [&](std::span<std::byte> out) -> Result<std::optional<std::size_t>> {
                            const std::size_t result =
                                ZSTD_decompressDCtx(context(), out.data(), out.size(), stored.data(), stored.size());
                            if (!ZSTD_isError(result)) return result;
                            if (ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall) return std::nullopt;
                            return fail(ErrorCode::Corrupt, "zstd: {}", ZSTD_getErrorName(result));
                          });
  }
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_zstd(const Json&, std::string_view) { return std::make_unique<Zstd>(); }

}  // namespace ndcast::image
