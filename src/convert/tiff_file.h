#pragma once
// TIFF and BigTIFF through libtiff: its directories, and boxes of one directory's pixels. tiff_source.h makes images of
// them. libtiff's handles belong to one thread at a time, so a file keeps as many as threads read at once.
//
//   ND_ASSIGN(const std::shared_ptr<TiffFile> file, TiffFile::open("cells.tif"));
//   ND_ASSIGN(const std::vector<TiffPage> pages, file->pages());

#include <bit>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "convert/byte_input.h"
#include "convert/sample_bits.h"
#include "image/dtype.h"

namespace ndcast::convert {

/// How one directory's pixels are stored. Two with the same layout are planes of one image.
struct TiffLayout {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int samples = 1;        ///< of a pixel
  bool separate = false;  ///< a plane of its own for each sample
  int bits = 8;
  SampleKind kind = SampleKind::Unsigned;
  image::DType dtype = image::DType::UInt8;
  int compression = 1;
  int photometric = 1;

  bool operator==(const TiffLayout&) const = default;
};

struct TiffPage {
  std::uint64_t offset = 0;  ///< of the directory in the file
  TiffLayout layout;
  bool tiled = false;
  std::int64_t block_width = 0;  ///< of a tile, or a strip
  std::int64_t block_height = 0;
  bool reduced = false;     ///< a smaller version of another, or a mask
  double x_resolution = 0;  ///< pixels a unit; 0 when not given
  double y_resolution = 0;
  std::vector<std::byte> fill;  ///< one element: what a block that is not stored means
  int resolution_unit = 2;      ///< 1 none, 2 inch, 3 centimetre

  /// Decoded bytes of one strip or tile.
  std::uint64_t block_bytes() const;
};

/// A box of pixels of one plane.
struct PixelBox {
  std::int64_t x = 0, y = 0, width = 0, height = 0;
  int sample = 0;  ///< which one, when they are stored apart; else all
};

/// Thread-safe.
class TiffFile {
 public:
  /// Errors: NotFound, Io, Invalid (no TIFF).
  static Result<std::shared_ptr<TiffFile>> open(const std::filesystem::path& path);
  ~TiffFile();

  /// Every directory in the file's order, without sub-directories; at most limits::kImportPlanes. One that cannot be
  /// used ends the list when it is not the first. Errors: Unsupported (the feature, by name), Invalid, Limit.
  Result<std::vector<TiffPage>> pages();
  /// ImageDescription of the first directory, "" without one.
  const std::string& description() const { return description_; }
  const std::string& path() const { return path_; }
  std::endian byte_order() const {
    constexpr std::endian kOther = std::endian::native == std::endian::little ? std::endian::big : std::endian::little;
    return swapped_ ? kOther : std::endian::native;
  }
  /// Where the first strip or tile of a directory lies.
  Result<std::uint64_t> first_block_offset(const TiffPage& page);
  std::string identity() const { return bytes_->identity(); }
  /// Closes what is open and not in use: for one of very many.
  void let_go();
  /// The same for its bytes, for good; not while it is read.
  void keep_closed() { bytes_->let_go(); }

  /// Pixels in rows of `row_bytes`, samples of a pixel side by side, native endian. Blocks that are not stored are 0.
  /// Errors: Corrupt, Io.
  Result<void> read(const TiffPage& page, const PixelBox& box, std::byte* out, std::size_t row_bytes);

 private:
  struct Handle;
  struct Lease;

  TiffFile(std::string path, std::unique_ptr<ByteInput> bytes);
  Result<std::unique_ptr<Handle>> make_handle() const;
  Result<Lease> lease();
  Result<void> select(Handle& handle, const TiffPage& page) const;
  Result<void> read_stored(Handle& handle, const TiffPage& page, const PixelBox& box, std::byte* out,
                           std::size_t row_bytes);
  Result<void> read_decoded(Handle& handle, const TiffPage& page, const PixelBox& box, std::byte* out,
                            std::size_t row_bytes);
  Result<void> decode_block(Handle& handle, const TiffPage& page, std::uint32_t block, std::size_t row_bytes,
                            std::int64_t rows_inside) const;
  Result<TiffPage> read_page(Handle& handle) const;

  std::string path_;
  std::unique_ptr<ByteInput> bytes_;
  std::string description_;
  bool swapped_ = false;  ///< the file's byte order is not ours
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;
};

}  // namespace ndcast::convert
