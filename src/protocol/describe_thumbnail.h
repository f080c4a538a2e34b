#pragma once
// nd.thumbnail as it stands on the wire.

#include "protocol/described.h"
#include "protocol/thumbnail.h"

namespace ndcast::protocol {

NDCAST_DESCRIBE(ThumbnailNotice, (layer_id, server_seq, width, height, png))

}  // namespace ndcast::protocol
