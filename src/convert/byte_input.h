#pragma once
// Bytes of voxels wherever a header says they are: a file, a compressed stream, text, or a list of files.
// dense_source.h turns them into voxels.
//
//   ND_ASSIGN(auto file, open_file("brain.raw"));
//   ND_ASSIGN(auto input, open_stream("brain.raw.gz", Compression::Deflate, 0));
//   ND_TRY(input->read_at(352, row));

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/dtype.h"

namespace ndcast::convert {

enum class Compression {
  None,
  Deflate,     ///< gzip or zlib, whichever the bytes say
  RawDeflate,  ///< without either's header, as in a zip
  Bzip2,
};

class ByteInput {
 public:
  virtual ~ByteInput() = default;
  /// Exactly out.size() bytes from `offset` on. Any thread unless sequential(). Errors: Corrupt (it ends earlier, or
  /// does not decompress), Io.
  virtual Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
  /// Nothing while it is not known without decompressing.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// The most bytes it can possibly hold: what a declared size is held against before anything is allocated.
  virtual std::uint64_t size_at_most() const = 0;
  /// Reads have to go forward; one that goes back starts again.
  virtual bool sequential() const { return false; }
  /// Keeps no descriptor open from here on: for one of very many. Not while it is read.
  virtual void let_go() {}
  /// Path, size and time of change.
  virtual std::string identity() const = 0;
};

/// Errors: NotFound, Io; a directory is Invalid.
Result<std::unique_ptr<ByteInput>> open_file(const std::filesystem::path& path);

/// `offset`: where in the file the compressed stream begins. None is open_file() from there on.
Result<std::unique_ptr<ByteInput>> open_stream(const std::filesystem::path& path, Compression compression,
                                               std::uint64_t offset = 0);

/// Numbers in text, blanks or commas between them, as native elements. The text is read when opened. Errors: Limit
/// (more than limits::kImportTextBytes), Corrupt (fewer than `count`, a word that is no such number).
Result<std::unique_ptr<ByteInput>> open_text(const std::filesystem::path& path, std::uint64_t offset,
                                             image::DType dtype, std::uint64_t count);

/// Inputs one after the other, `part_bytes` of each.
std::unique_ptr<ByteInput> concatenate(std::vector<std::unique_ptr<ByteInput>> parts, std::uint64_t part_bytes);

/// The first `count` bytes of a file, or of what it decompresses to when it is a gzip. Errors: Corrupt (shorter), Io.
Result<std::vector<std::byte>> read_head(const std::filesystem::path& path, std::size_t count);

/// Deflate when the file begins as a gzip.
Result<Compression> sniff_compression(const std::filesystem::path& path);

}  // namespace ndcast::convert
