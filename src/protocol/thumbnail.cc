#include "protocol/thumbnail.h"

#include "protocol/describe_thumbnail.h"

namespace ndcast::protocol {

Json to_payload(const ThumbnailNotice& notice) { return described::print(notice); }

}  // namespace ndcast::protocol
