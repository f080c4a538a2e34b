#pragma once
// A native session of the program under test, over a Wire.
//
//   Session session(server.port(), server.token());
//   EXPECT_EQ(session.update("dims", "z", "index", "3"), "accepted");

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/json.h"
#include "wire_client.h"

namespace ndcast::testing {

/// Text of the member at a path; other values as JSON, "" when there is none.
inline std::string at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* here = &json;
  for (const std::string_view member : path) {
    here = here->find(member);
    if (!here) return "";
  }
  return here->is_string() ? here->string() : to_string(*here);
}

/// `since` is the JSON of hello.nd.since.
inline std::string hello(std::string_view token = "", std::string_view since = "") {
  const std::string auth = token.empty() ? "" : fmt::format(R"(,"auth":{{"type":"bearer","token":"{}"}})", token);
  return R"({"type":"session.hello","version":2,"frame_id":"h","timestamp":1,"payload":{"protocols":[2],"client":{"name":"t","version":"1","platform":"x"},"features":{},"resume_tokens":{})" +
         auth + R"(},"nd":{"extensions":1,"actor":{"name":"t","kind":"human"})" +
         (since.empty() ? "" : fmt::format(R"(,"since":{})", since)) + "}}";
}

/// A state session over a Wire.
class Session {
 public:
  /// `receive_buffer_bytes`: see Wire.
  explicit Session(std::uint16_t port, std::string_view token, std::string_view since = "",
                   int receive_buffer_bytes = 0)
      : wire_(port, receive_buffer_bytes) {
    if (wire_.upgrade("/state") != 101) return;
    wire_.send_text(hello(token, since));
    first_ = next({"session.welcome", "session.reject"});
    id_ = at(first_, {"session"});
  }
  Wire& wire() { return wire_; }
  const Json& first() const { return first_; }
  bool is_open() const { return at(first_, {"type"}) == "session.welcome"; }

  /// The next frame of one of the types; null once the socket is closed.
  Json next(std::initializer_list<std::string_view> types) {
    while (const auto text = wire_.next_text()) {
      Result<Json> frame = parse_json(*text);
      if (frame && std::ranges::find(types, at(*frame, {"type"})) != types.end()) return *std::move(frame);
    }
    return nullptr;
  }
  bool send_update(std::string_view scope, std::string_view target, std::string_view key, std::string_view value) {
    ++number_;
    return wire_.send_text(fmt::format(
        R"({{"type":"state.update","version":2,"session":"{}","frame_id":"f{}","timestamp":1,"intent_id":"i{}","payload":{{"scope":"{}","target":"{}","key":"{}","value":{}}}}})",
        id_, number_, number_, scope, target, key, value));
  }
  /// "accepted", or the code of the refusal.
  std::string update(std::string_view scope, std::string_view target, std::string_view key, std::string_view value) {
    send_update(scope, target, key, value);
    const Json ack = next({"ack.state"});
    return at(ack, {"payload", "status"}) == "accepted" ? "accepted" : at(ack, {"payload", "error", "code"});
  }
  /// "ok", or the code of the error.
  std::string call(std::string_view command, const Json& kwargs = Json::make_object()) {
    ++number_;
    wire_.send_text(fmt::format(
        R"({{"type":"call.command","version":2,"session":"{}","frame_id":"c{}","timestamp":1,"payload":{{"command":"{}","args":[],"kwargs":{}}}}})",
        id_, number_, command, to_string(kwargs)));
    const Json reply = next({"reply.command", "error.command"});
    return at(reply, {"type"}) == "reply.command" ? "ok" : at(reply, {"payload", "code"});
  }

 private:
  Wire wire_;
  Json first_;
  std::string id_;
  int number_ = 0;
};

}  // namespace ndcast::testing
