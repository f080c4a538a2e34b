#include "session/arguments.h"

#include <cmath>

#include "base/limits.h"
#include "protocol/native.h"

namespace ndcast::session {
namespace {

/// The argument, or null when its default is meant.
const Json* find_argument(const protocol::CallCommand& call, std::string_view name) {
  const Json* value = call.kwargs.find(name);
  return value && !value->is_null() ? value : nullptr;
}

std::unexpected<Error> wrong_kind(std::string_view name, std::string_view expected, const Json& found) {
  return fail(ErrorCode::Invalid, "{}: expected {}, found {}", name, expected, found.kind_name());
}

}  // namespace

Result<std::string> string_argument(const protocol::CallCommand& call, std::string_view name, std::string fallback,
                                    std::size_t max_bytes) {
  const Json* value = find_argument(call, name);
  if (!value) return fallback;
  if (!value->is_string()) return wrong_kind(name, "a string", *value);
  if (value->string().size() > max_bytes) {
    return fail(ErrorCode::Invalid, "{}: {} bytes, expected at most {}", name, value->string().size(), max_bytes);
  }
  if (value->string().find('\0') != std::string::npos) {
    return fail(ErrorCode::Invalid, "{}: expected no NUL character", name);
  }
  return value->string();
}

Result<bool> bool_argument(const protocol::CallCommand& call, std::string_view name, bool fallback) {
  const Json* value = find_argument(call, name);
  if (!value) return fallback;
  if (!value->is_bool()) return wrong_kind(name, "true or false", *value);
  return value->boolean();
}

Result<std::uint64_t> count_argument(const protocol::CallCommand& call, std::string_view name, std::uint64_t fallback) {
  const Json* value = find_argument(call, name);
  if (!value) return fallback;
  if (const auto count = value->as_uint64()) return *count;
  return wrong_kind(name, "a whole number of 0 or more", *value);
}

Result<double> number_argument(const protocol::CallCommand& call, std::string_view name, double fallback) {
  const Json* value = find_argument(call, name);
  if (!value) return fallback;
  const auto number = value->as_double();
  if (!number || !std::isfinite(*number)) return wrong_kind(name, "a number", *value);
  return *number;
}

Result<std::vector<std::string>> strings_argument(const protocol::CallCommand& call, std::string_view name,
                                                  std::vector<std::string> fallback) {
  const Json* value = find_argument(call, name);
  if (!value) return fallback;
  if (!value->is_array()) return wrong_kind(name, "a list of strings", *value);
  std::vector<std::string> strings;
  for (const Json& element : value->array()) {
    if (!element.is_string()) return wrong_kind(name, "a list of strings", element);
    strings.push_back(element.string());
  }
  return strings;
}

Result<scene::ViewId> view_argument(const CommandContext& context, std::string_view name) {
  ND_ASSIGN(const std::string word, string_argument(context.call, name, "", limits::kNameBytes));
  scene::ViewId view = protocol::view_from_wire(word, context.session.view);
  if (view == context.session.view || context.hub.services().ledger().snapshot()->find_view(view)) return view;
  return fail(ErrorCode::Invalid, "{}: there is no view {}", name, word);
}

}  // namespace ndcast::session
