#pragma once
// What the answer to a client's frame has to be, as it was worked out when the server heard the frame.

#include <string>

#include "base/json.h"

namespace ndcast::sim {

struct Verdict {
  enum class Kind { Any, Accepted, Refused };
  Kind kind = Kind::Any;
  std::string code;      ///< of a refusal; empty: any but `not_code`
  std::string not_code;  ///< that a refusal, if it is one, must not have
  Json result;           ///< of a reply; null: any

  static Verdict any_but(std::string code) { return {Kind::Any, {}, std::move(code), {}}; }
  static Verdict accepted(Json result = nullptr) { return {Kind::Accepted, {}, {}, std::move(result)}; }
  static Verdict refused(std::string code) { return {Kind::Refused, std::move(code), {}, {}}; }
};

/// Why the answer is not that; empty when it is. `code` is empty for an acceptance.
inline std::string contradiction(const Verdict& verdict, const std::string& code, const Json& result) {
  const bool ok = code.empty();
  if (verdict.kind == Verdict::Kind::Accepted && !ok) return "refused with " + code;
  if (verdict.kind == Verdict::Kind::Refused && ok) return "accepted";
  if (!ok && !verdict.code.empty() && verdict.code != code) return "refused with " + code + " for " + verdict.code;
  if (!ok && !verdict.not_code.empty() && verdict.not_code == code) return "refused with " + code;
  if (!ok || verdict.result.is_null() || verdict.result == result) return {};
  return "answered with " + to_string(result).substr(0, 600) + ", should be " +
         to_string(verdict.result).substr(0, 600);
}

}  // namespace ndcast::sim
