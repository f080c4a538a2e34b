#include "tests/sim/tampering.h"

#include <utility>

#include "protocol/native.h"
#include "session/testing.h"

namespace ndcast::sim {
namespace {

using session::testing::at;

std::vector<std::shared_ptr<const std::string>> halves(const std::shared_ptr<const std::string>& text) {
  Json frame = *parse_json(*text);
  const Json payload = at(frame, {"payload"});
  const Json::Array& rows = payload.find("registers")->array();
  const std::uint64_t from = *at(payload, {"from"}).as_uint64();
  const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
  if (rows.size() < 2) return {text};
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  const auto piece = [&](std::uint64_t begin, std::uint64_t end, Json::Array part) {
    frame.set("payload", protocol::commit_payload(begin, end, std::move(part)));
    return std::make_shared<const std::string>(to_string(frame));
  };
  return {piece(from, to, {rows.begin(), middle}), piece(to, to, {middle, rows.end()})};
}

}  // namespace

std::vector<std::shared_ptr<const std::string>> tampered(Planted planted, Seat& seat,
                                                         std::shared_ptr<const std::string> text, const Dice& pick) {
  const bool is_commit = text->starts_with("{\"type\":\"nd.commit\"");
  if (planted == Planted::LostCommit && is_commit && pick(50) == 0) return {};
  if (planted == Planted::SwappedAck) {
    if (text->starts_with("{\"type\":\"ack.state\"") && !seat.delayed_ack) {
      seat.delayed_ack = std::move(text);
      return {};
    }
    if (seat.delayed_ack) return {std::move(text), std::exchange(seat.delayed_ack, nullptr)};
  }
  if (planted == Planted::HalfTransaction && is_commit) return halves(text);
  return {std::move(text)};
}

}  // namespace ndcast::sim
