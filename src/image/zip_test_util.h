#pragma once
// Zip archives made for tests: stored or deflated entries, Zip64 fields on demand, and mistakes.

#include <cstdint>
#include <string>
#include <vector>

#include <libdeflate.h>

#include "image/testing.h"

namespace ndcast::image::testing {

class ZipWriter {
 public:
  struct Options {
    bool deflate = false;
    bool zip64 = false;  ///< sizes and places in Zip64 fields, whatever they are
    std::uint16_t method = 0xffff;
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> crc;
  };

  explicit ZipWriter(std::string before = "") : out_(std::move(before)), start_(out_.size()) {}

  void add(const std::string& name, const std::string& content, Options options) {
    std::string stored = content;
    if (options.deflate) {
      libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
      stored.resize(libdeflate_deflate_compress_bound(compressor, content.size()));
      stored.resize(
          libdeflate_deflate_compress(compressor, content.data(), content.size(), stored.data(), stored.size()));
      libdeflate_free_compressor(compressor);
    }
    const std::uint64_t offset = out_.size() - start_;
    const std::uint16_t method = options.method != 0xffff ? options.method : options.deflate ? 8 : 0;
    const std::uint32_t crc = options.crc.value_or(libdeflate_crc32(0, content.data(), content.size()));
    out_ +=
        text(std::uint32_t{0x04034b50}, std::uint16_t{45}, options.flags, method, std::uint32_t{0}, crc,
             std::uint32_t(stored.size()), std::uint32_t(content.size()), std::uint16_t(name.size()), std::uint16_t{4});
    out_ += name + text(std::uint16_t{0x7777}, std::uint16_t{0}) + stored;  // an extra field that says nothing
    const std::string extra = options.zip64 ? text(std::uint16_t{1}, std::uint16_t{24}, std::uint64_t{content.size()},
                                                   std::uint64_t{stored.size()}, std::uint64_t{offset})
                                            : "";
    const auto narrow = [&](std::uint64_t value) { return options.zip64 ? 0xffffffffU : std::uint32_t(value); };
    directory_ += text(std::uint32_t{0x02014b50}, std::uint16_t{45}, std::uint16_t{45}, options.flags, method,
                       std::uint32_t{0}, crc, narrow(stored.size()), narrow(content.size()), std::uint16_t(name.size()),
                       std::uint16_t(extra.size()), std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0},
                       std::uint32_t{0}, narrow(offset));
    directory_ += name + extra;
    ++entries_;
  }
  void add(const std::string& name, const std::string& content) { add(name, content, Options{}); }

  /// The archive. `zip64`: with the larger end record.
  std::string finish(bool zip64 = false, const std::string& comment = "") {
    const std::uint64_t at = out_.size() - start_;
    std::string out = out_ + directory_;
    if (zip64) {
      const std::uint64_t record = out.size() - start_;
      out += text(std::uint32_t{0x06064b50}, std::uint64_t{44}, std::uint16_t{45}, std::uint16_t{45}, std::uint32_t{0},
                  std::uint32_t{0}, entries_, entries_, std::uint64_t{directory_.size()}, at);
      out += text(std::uint32_t{0x07064b50}, std::uint32_t{0}, record, std::uint32_t{1});
    }
    out += text(std::uint32_t{0x06054b50}, std::uint16_t{0}, std::uint16_t{0},
                zip64 ? std::uint16_t{0xffff} : std::uint16_t(entries_),
                zip64 ? std::uint16_t{0xffff} : std::uint16_t(entries_),
                zip64 ? 0xffffffffU : std::uint32_t(directory_.size()), zip64 ? 0xffffffffU : std::uint32_t(at),
                std::uint16_t(comment.size()));
    return out + comment;
  }

 private:
  template <class... Ints>
  static std::string text(Ints... values) {
    std::string out;
    const auto append = [&out](auto value) {
      for (std::size_t i = 0; i < sizeof value; ++i) {
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
      }
    };
    (append(values), ...);
    return out;
  }

  std::string out_;
  std::size_t start_;
  std::string directory_;
  std::uint64_t entries_ = 0;
};

}  // namespace ndcast::image::testing
