#pragma once
// Payload of nd.thumbnail (docs/protocol.md WP34): a layer in small, for lists of layers.

#include <cstdint>
#include <string>

#include "base/json.h"

namespace ndcast::protocol {

struct ThumbnailNotice {
  std::string layer_id;
  std::int64_t server_seq = 0;  ///< the state that it shows
  std::int64_t width = 0;       ///< pixels
  std::int64_t height = 0;
  std::string png;  ///< base64
};

Json to_payload(const ThumbnailNotice& notice);

}  // namespace ndcast::protocol
