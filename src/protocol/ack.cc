#include "protocol/ack.h"

#include <utility>

#include "protocol/frames.h"

namespace ndcast::protocol {

Json accepted_payload(std::string_view intent_id, std::string_view in_reply_to, Json applied_value,
                      std::uint64_t version) {
  return described::print(frames::AckAccepted{.intent_id = std::string(intent_id),
                                              .in_reply_to = std::string(in_reply_to),
                                              .applied_value = std::move(applied_value),
                                              .version = version});
}

Json rejected_payload(std::string_view intent_id, std::string_view in_reply_to, const scene::Refusal& refusal,
                      Json details) {
  return described::print(
      frames::AckRejected{.intent_id = std::string(intent_id),
                          .in_reply_to = std::string(in_reply_to),
                          .error = {refusal.code, refusal.message, frames::unless_null(std::move(details))}});
}

}  // namespace ndcast::protocol
