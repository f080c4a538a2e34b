#include "convert/tiff_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <tiffio.h>

#include "base/limits.h"
#include "convert/dense_source.h"
#include "convert/text_header.h"
#include "image/strided.h"

namespace ndcast::convert {

/// One libtiff handle, the directory it stands at, and room to decode one block.
struct TiffFile::Handle {
  TIFF* tiff = nullptr;
  std::string message;  ///< the last error
  std::uint64_t directory = 0;
  std::vector<std::byte> block;

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (tiff) TIFFClose(tiff);
  }

  static int on_error(TIFF*, void* self, const char* module, const char* format, va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    static_cast<Handle*>(self)->message =
        module && *module && !std::strchr(module, '/') ? fmt::format("{}: {}", module, text) : text;
    return 1;
  }
  static int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }
};

/// Gives the handle back.
struct TiffFile::Lease {
  TiffFile* file = nullptr;
  std::unique_ptr<Handle> handle;

  Lease(TiffFile& from, std::unique_ptr<Handle> of) : file(&from), handle(std::move(of)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (!handle) return;
    const std::lock_guard lock(file->mutex_);
    file->idle_.push_back(std::move(handle));
  }
};

namespace {

template <class T>
T field(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

std::string name_of_compression(int compression) {
  const TIFFCodec* codec = TIFFFindCODEC(static_cast<std::uint16_t>(compression));
  return codec ? fmt::format("{} ({})", compression, codec->name) : std::to_string(compression);
}

/// GDAL's word for "nothing here", which is also what its sparse files mean by a block that is not stored; else 0.
constexpr std::uint32_t kGdalNoData = 42113;

std::vector<std::byte> fill_of(TIFF* tiff, image::DType dtype) {
  std::vector<std::byte> fill(image::byte_size(dtype));
  std::uint32_t count = 0;
  const char* text = nullptr;
  // libtiff does not know the tag, so it hands out the count too.
  if (!TIFFGetField(tiff, kGdalNoData, &count, &text) || !text || count == 0) return fill;
  const std::string_view word = trimmed({text, strnlen(text, count)});
  image::visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<T, image::Half>) {
      if (const auto value = number_of<T>(word)) std::memcpy(fill.data(), &*value, sizeof *value);
    }
  });
  return fill;
}

std::int64_t blocks_across(const TiffPage& page) {
  return (page.layout.width + page.block_width - 1) / page.block_width;
}
std::int64_t blocks_down(const TiffPage& page) {
  return (page.layout.height + page.block_height - 1) / page.block_height;
}

/// Samples side by side in a stored row.
std::int64_t samples_in_row(const TiffPage& page) { return page.layout.separate ? 1 : page.layout.samples; }

std::uint32_t block_index(const TiffPage& page, std::int64_t column, std::int64_t row, int sample) {
  const std::int64_t plane = page.layout.separate ? sample * blocks_across(page) * blocks_down(page) : 0;
  return static_cast<std::uint32_t>(plane + row * blocks_across(page) + column);
}

/// Calls f(block index, part of `box` inside that block, block's x, block's y, rows the block has).
template <class F>
Result<void> for_each_block(const TiffPage& page, const PixelBox& box, F&& f) {
  for (std::int64_t row = box.y / page.block_height; row * page.block_height < box.y + box.height; ++row) {
    for (std::int64_t column = box.x / page.block_width; column * page.block_width < box.x + box.width; ++column) {
      const std::int64_t x0 = column * page.block_width;
      const std::int64_t y0 = row * page.block_height;
      PixelBox part = box;
      part.x = std::max(box.x, x0);
      part.y = std::max(box.y, y0);
      part.width = std::min(box.x + box.width, x0 + page.block_width) - part.x;
      part.height = std::min(box.y + box.height, y0 + page.block_height) - part.y;
      ND_TRY(f(block_index(page, column, row, box.sample), part, x0, y0));
    }
  }
  return {};
}

}  // namespace

std::uint64_t TiffPage::block_bytes() const {
  const auto row_samples = static_cast<std::uint64_t>(block_width) * static_cast<std::uint64_t>(samples_in_row(*this));
  return (row_samples * static_cast<std::uint64_t>(layout.bits) + 7) / 8 * static_cast<std::uint64_t>(block_height);
}

TiffFile::TiffFile(std::string path, std::unique_ptr<ByteInput> bytes)
    : path_(std::move(path)), bytes_(std::move(bytes)) {}
TiffFile::~TiffFile() = default;

Result<std::unique_ptr<TiffFile::Handle>> TiffFile::make_handle() const {
  auto handle = std::make_unique<Handle>();
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, &Handle::on_error, handle.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options, &Handle::on_warning, nullptr);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, static_cast<tmsize_t>(limits::kTiffAllocation));
  // m: no memory mapping, so that what is read counts once and where it is used.
  handle->tiff = TIFFOpenExt(path_.c_str(), "rm", options);
  TIFFOpenOptionsFree(options);
  if (!handle->tiff) {
    return fail(ErrorCode::Invalid, "{}: is no TIFF file that can be read ({})", path_, handle->message);
  }
  return handle;
}

Result<TiffFile::Lease> TiffFile::lease() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Lease out(*this, std::move(idle_.back()));
      idle_.pop_back();
      return out;
    }
  }
  ND_ASSIGN(std::unique_ptr<Handle> handle, make_handle());
  return Lease(*this, std::move(handle));
}

Result<std::shared_ptr<TiffFile>> TiffFile::open(const std::filesystem::path& path) {
  ND_ASSIGN(std::unique_ptr<ByteInput> bytes, open_file(path));
  std::shared_ptr<TiffFile> file(new TiffFile(path.string(), std::move(bytes)));
  ND_ASSIGN(std::unique_ptr<Handle> handle, file->make_handle());
  const char* description = nullptr;
  if (TIFFGetField(handle->tiff, TIFFTAG_IMAGEDESCRIPTION, &description) && description)
    file->description_ = description;
  file->swapped_ = TIFFIsByteSwapped(handle->tiff) != 0;
  file->idle_.push_back(std::move(handle));
  return file;
}

Result<TiffPage> TiffFile::read_page(Handle& handle) const {
  TIFF* const tiff = handle.tiff;
  TiffPage page;
  page.offset = TIFFCurrentDirOffset(tiff);
  TiffLayout& layout = page.layout;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height) ||
      width == 0 || height == 0) {
    return fail(ErrorCode::Invalid, "{}: a directory without width and height", path_);
  }
  layout.width = width;
  layout.height = height;
  layout.samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  layout.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  layout.compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  layout.photometric = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  layout.separate = layout.samples > 1 &&
                    field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  const int format = field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (format == SAMPLEFORMAT_COMPLEXINT || format == SAMPLEFORMAT_COMPLEXIEEEFP) {
    return fail(ErrorCode::Unsupported,
                "{}: complex samples (SampleFormat {}) are not supported, expected real numbers", path_, format);
  }
  if (layout.photometric == PHOTOMETRIC_LOGL || layout.photometric == PHOTOMETRIC_LOGLUV ||
      layout.photometric == PHOTOMETRIC_CFA) {
    return fail(ErrorCode::Unsupported, "{}: PhotometricInterpretation {} is not supported", path_, layout.photometric);
  }
  layout.kind = format == SAMPLEFORMAT_INT      ? SampleKind::Signed
                : format == SAMPLEFORMAT_IEEEFP ? SampleKind::Float
                                                : SampleKind::Unsigned;
  const auto dtype = dtype_of_samples(layout.bits, layout.kind);
  if (!dtype || layout.samples < 1) {
    return fail(ErrorCode::Unsupported, "{}: {} samples of {} bits in format {} are not supported", path_,
                layout.samples, layout.bits, format);
  }
  layout.dtype = *dtype;
  if (!TIFFIsCODECConfigured(static_cast<std::uint16_t>(layout.compression))) {
    return fail(ErrorCode::Unsupported, "{}: compression {} is not one that libtiff decodes here", path_,
                name_of_compression(layout.compression));
  }
  if (layout.photometric == PHOTOMETRIC_YCBCR) {
    if (layout.compression != COMPRESSION_JPEG) {
      return fail(ErrorCode::Unsupported, "{}: YCbCr with compression {} is not supported, expected JPEG", path_,
                  name_of_compression(layout.compression));
    }
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  page.tiled = TIFFIsTiled(tiff) != 0;
  if (page.tiled) {
    page.block_width = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
    page.block_height = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
  } else {
    page.block_width = layout.width;
    page.block_height = std::min<std::int64_t>(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, height), height);
  }
  if (page.block_width <= 0 || page.block_height <= 0)
    return fail(ErrorCode::Invalid, "{}: tiles or strips without extent", path_);
  page.fill = fill_of(tiff, layout.dtype);
  page.reduced = (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0) & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
  page.x_resolution = field<float>(tiff, TIFFTAG_XRESOLUTION, 0);
  page.y_resolution = field<float>(tiff, TIFFTAG_YRESOLUTION, 0);
  page.resolution_unit = field<std::uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  return page;
}

Result<std::vector<TiffPage>> TiffFile::pages() {
  ND_ASSIGN(const Lease leased, lease());
  Handle& handle = *leased.handle;
  std::vector<TiffPage> pages;
  if (!TIFFSetDirectory(handle.tiff, 0)) {
    return fail(ErrorCode::Invalid, "{}: the first directory cannot be read ({})", path_, handle.message);
  }
  do {
    if (pages.size() == limits::kImportPlanes) {
      return fail(ErrorCode::Limit, "{}: more than {} directories", path_, limits::kImportPlanes);
    }
    auto page = read_page(handle);
    if (!page && pages.empty()) return std::unexpected(std::move(page).error());
    if (!page) break;
    pages.push_back(*std::move(page));
  } while (TIFFReadDirectory(handle.tiff));
  handle.directory = 0;
  return pages;
}

Result<void> TiffFile::select(Handle& handle, const TiffPage& page) const {
  if (handle.directory == page.offset) return {};
  if (!TIFFSetSubDirectory(handle.tiff, page.offset)) {
    return fail(ErrorCode::Corrupt, "{}: the directory at byte {} cannot be read ({})", path_, page.offset,
                handle.message);
  }
  if (page.layout.photometric == PHOTOMETRIC_YCBCR) TIFFSetField(handle.tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  handle.directory = page.offset;
  return {};
}

void TiffFile::let_go() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

Result<std::uint64_t> TiffFile::first_block_offset(const TiffPage& page) {
  ND_ASSIGN(const Lease leased, lease());
  ND_TRY(select(*leased.handle, page));
  return TIFFGetStrileOffset(leased.handle->tiff, 0);
}

Result<void> TiffFile::read(const TiffPage& page, const PixelBox& box, std::byte* out, std::size_t row_bytes) {
  ND_ASSIGN(const Lease leased, lease());
  Handle& handle = *leased.handle;
  ND_TRY(select(handle, page));
  const bool stored = page.layout.compression == COMPRESSION_NONE && is_whole(page.layout.bits) &&
                      field<std::uint16_t>(handle.tiff, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  return stored ? read_stored(handle, page, box, out, row_bytes) : read_decoded(handle, page, box, out, row_bytes);
}

/// Uncompressed rows straight from the file: a strip may be as large as the plane, and only part of it be wanted.
Result<void> TiffFile::read_stored(Handle& handle, const TiffPage& page, const PixelBox& box, std::byte* out,
                                   std::size_t row_bytes) {
  const std::size_t element = image::byte_size(page.layout.dtype);
  const std::size_t pixel = element * static_cast<std::size_t>(samples_in_row(page));
  const std::uint64_t stored_row = static_cast<std::uint64_t>(page.block_width) * pixel;
  return for_each_block(
      page, box, [&](std::uint32_t block, const PixelBox& part, std::int64_t x0, std::int64_t y0) -> Result<void> {
        int error = 0;
        const std::uint64_t offset = TIFFGetStrileOffsetWithErr(handle.tiff, block, &error);
        if (error)
          return fail(ErrorCode::Corrupt, "{}: block {} has no place in the file ({})", path_, block, handle.message);
        const std::uint64_t count = TIFFGetStrileByteCount(handle.tiff, block);
        const std::size_t bytes = static_cast<std::size_t>(part.width) * pixel;
        const auto row_out = [&](std::int64_t y) {
          return out + static_cast<std::size_t>(part.y + y - box.y) * row_bytes +
                 static_cast<std::size_t>(part.x - box.x) * pixel;
        };
        const auto row_at = [&](std::int64_t y) {
          return static_cast<std::uint64_t>(part.y + y - y0) * stored_row +
                 static_cast<std::uint64_t>(part.x - x0) * pixel;
        };
        if (offset == 0 && count == 0) {  // sparse
          for (std::int64_t y = 0; y < part.height; ++y) image::fill_elements({row_out(y), bytes}, page.fill);
          return {};
        }
        if (row_at(part.height - 1) + bytes > count) {
          return fail(ErrorCode::Corrupt, "{}: block {} has {} bytes, expected at least {}", path_, block, count,
                      row_at(part.height - 1) + bytes);
        }
        if (bytes == stored_row && bytes == row_bytes) {
          const std::span all(row_out(0), bytes * static_cast<std::size_t>(part.height));
          ND_TRY(bytes_->read_at(offset + row_at(0), all));
          if (swapped_) swap_bytes(all, element);
          return {};
        }
        for (std::int64_t y = 0; y < part.height; ++y) {
          const std::span row(row_out(y), bytes);
          ND_TRY(bytes_->read_at(offset + row_at(y), row));
          if (swapped_) swap_bytes(row, element);
        }
        return {};
      });
}

/// A whole block into handle.block, in rows of `row_bytes`. A tile at the bottom may have been written without the rows
/// that lie outside of the image; `rows_inside` are inside.
Result<void> TiffFile::decode_block(Handle& handle, const TiffPage& page, std::uint32_t block, std::size_t row_bytes,
                                    std::int64_t rows_inside) const {
  handle.block.resize(page.block_bytes());
  if (TIFFGetStrileByteCount(handle.tiff, block) == 0 && TIFFGetStrileOffset(handle.tiff, block) == 0) {
    // Of samples that are unpacked here only 0 can be missing.
    const std::vector<std::byte> zero(1);
    image::fill_elements(handle.block, is_whole(page.layout.bits) ? page.fill : zero);
    return {};
  }
  tmsize_t got = 0;
  tmsize_t expected = 0;
  const std::int64_t least = std::min(page.block_height, rows_inside);
  for (const std::int64_t rows : {page.tiled ? page.block_height : least, least}) {
    expected = static_cast<tmsize_t>(row_bytes * static_cast<std::size_t>(rows));
    handle.message.clear();
    got = page.tiled ? TIFFReadEncodedTile(handle.tiff, block, handle.block.data(), expected)
                     : TIFFReadEncodedStrip(handle.tiff, block, handle.block.data(), expected);
    if (got >= expected) return {};
  }
  return fail(ErrorCode::Corrupt, "{}: {} {} does not decode ({})", path_, page.tiled ? "tile" : "strip", block,
              handle.message.empty() ? fmt::format("{} bytes, expected {}", got, expected) : handle.message);
}

Result<void> TiffFile::read_decoded(Handle& handle, const TiffPage& page, const PixelBox& box, std::byte* out,
                                    std::size_t row_bytes) {
  const auto samples = static_cast<std::size_t>(samples_in_row(page));
  const std::size_t pixel = image::byte_size(page.layout.dtype) * samples;
  const std::size_t stored_samples = static_cast<std::size_t>(page.block_width) * samples;
  const std::size_t stored_row = (stored_samples * static_cast<std::size_t>(page.layout.bits) + 7) / 8;
  const bool whole = is_whole(page.layout.bits) || page.layout.kind == SampleKind::Float;
  std::vector<std::byte> unpacked(whole ? 0 : stored_samples * image::byte_size(page.layout.dtype));
  const auto copy = [&](std::uint32_t block, const PixelBox& part, std::int64_t x0, std::int64_t y0) -> Result<void> {
    ND_TRY(decode_block(handle, page, block, stored_row, page.layout.height - y0));
    for (std::int64_t y = part.y; y < part.y + part.height; ++y) {
      const std::byte* row = handle.block.data() + static_cast<std::size_t>(y - y0) * stored_row;
      if (!whole) {
        unpack_row({row, stored_row}, page.layout.bits, page.layout.kind, stored_samples, unpacked.data());
        row = unpacked.data();
      }
      std::memcpy(
          out + static_cast<std::size_t>(y - box.y) * row_bytes + static_cast<std::size_t>(part.x - box.x) * pixel,
          row + static_cast<std::size_t>(part.x - x0) * pixel, static_cast<std::size_t>(part.width) * pixel);
    }
    return {};
  };
  return for_each_block(page, box, copy);
}

}  // namespace ndcast::convert
