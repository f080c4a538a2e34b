#pragma once
// What messages quote of foreign input: enough to recognise it, never all of it.
//
//   fmt::format("expected an integer, found {}", describe_found(json));    // … found string "five"

#include <string>
#include <string_view>

#include "base/json.h"

namespace ndcast::protocol {

/// Kind and a short excerpt: `string "abc"`, `number 3.5`, `null`, `array of 3`, `object`.
std::string describe_found(const Json& json);

/// At most 64 bytes of a foreign text, cut at a character's border, marked when cut; control characters become blanks.
std::string excerpt(std::string_view text);

/// Without surrounding ASCII blanks.
std::string_view trimmed(std::string_view text);
/// ASCII letters in lower case.
std::string lower(std::string_view text);

}  // namespace ndcast::protocol
