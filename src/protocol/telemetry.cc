#include "protocol/describe_telemetry.h"

namespace ndcast::protocol {

Json to_payload(const TelemetryNotice& notice) { return described::print(notice); }

}  // namespace ndcast::protocol
