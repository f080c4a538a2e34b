#pragma once
// The documents of an imported image: zarr.json of OME-Zarr 0.5, or .zattrs, .zgroup and .zarray of 0.4.
//
//   for (const Document& document : array_documents(source, pyramid, 0, encoding)) write(document.key, document.text);

#include <optional>
#include <string>
#include <vector>

#include "convert/pyramid.h"

namespace ndcast::convert {

enum class OmeZarr { V04, V05 };

struct Encoding {
  OmeZarr format = OmeZarr::V05;
  int level = 1;  ///< blosc's clevel, 1 to 9
};

/// Contrast of one channel.
struct ChannelWindow {
  double min = 0;  ///< of the voxels that occur
  double max = 1;
  double start = 0;
  double end = 1;
};

struct Document {
  std::string key;  ///< below the image
  std::string text;
};

/// What makes level `level` an array.
std::vector<Document> array_documents(const SourceInfo& source, const Pyramid& pyramid, std::size_t level,
                                      const Encoding& encoding);

struct GroupContents {
  std::string name;
  bool labels = false;
  std::vector<ChannelWindow> windows;  ///< one a channel; empty for label images
};

/// What makes the folder an image.
std::vector<Document> group_documents(const SourceInfo& source, const Pyramid& pyramid, const Encoding& encoding,
                                      const GroupContents& contents);

/// Key of the object at a position of its grid: "0/c/1/2/3" (v3) or "0/1/2/3" (v2).
std::string object_key(OmeZarr format, std::size_t level, const Shape& position);

/// The position of the channel axis, and how many channels there are (1 without one).
std::optional<std::size_t> channel_axis(const SourceInfo& source);
std::int64_t channel_count(const SourceInfo& source);

}  // namespace ndcast::convert
