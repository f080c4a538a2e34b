#pragma once
// Streaming decompression, one library behind each: zlib for gzip and zlib streams, libbz2 for bzip2.

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"
#include "convert/byte_input.h"

namespace ndcast::convert {

class Decompressor {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };

  virtual ~Decompressor() = default;
  /// As far as one of both goes. Errors: Corrupt.
  virtual Result<Step> run(std::span<const std::byte> packed, std::span<std::byte> out) = 0;
  /// The stream is complete; bytes after it belong to another member of a gzip file, or to nobody.
  virtual bool ended() const = 0;
};

/// Not for Compression::None.
std::unique_ptr<Decompressor> make_decompressor(Compression compression);

}  // namespace ndcast::convert
