#pragma once
// Trouble from outside (client, file, network, driver) travels as a value. Each error is handled once, at the edge that
// can act on it: the protocol turns it into a refusal, a command line tool prints it.
//
//   Result<Image> image = open_image(uri);
//   if (!image) return std::unexpected(image.error());

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace ndcast {

/// What kind of trouble; every place that acts on an error switches over this list.
enum class ErrorCode {
  Invalid,      ///< the input breaks a rule; the message quotes what was found and what was expected
  NotFound,     ///< no such file, key, layer, command
  Forbidden,    ///< outside the data roots, or the role does not allow it
  Unsupported,  ///< well-formed, but not something that this build does; named in the message
  Corrupt,      ///< stored bytes do not decode
  Io,           ///< the operating system or the network failed
  Limit,        ///< larger than a limit of base/limits.h
  Cancelled,    ///< nobody wants the answer any more
  Timeout,
  Internal,  ///< ours; carries a trace in the message
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  ///< a sentence for the person who caused it
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::Invalid, "{}: dtype {} is not numeric", key, dtype);`
template <class... Args>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace ndcast

/// Evaluates a Result and returns its error from the enclosing function if it has one.
#define ND_TRY(expression)                                                                                           \
  do {                                                                                                               \
    if (auto nd_try_result = (expression); !nd_try_result) return std::unexpected(std::move(nd_try_result).error()); \
  } while (false)

#define ND_CONCAT_INNER(a, b) a##b
#define ND_CONCAT(a, b) ND_CONCAT_INNER(a, b)

/// ND_ASSIGN(auto x, f()): declares or assigns from a Result, or returns its error.
#define ND_ASSIGN(target, expression) ND_ASSIGN_IMPL(ND_CONCAT(nd_result_, __LINE__), target, expression)
#define ND_ASSIGN_IMPL(temporary, target, expression)                   \
  auto temporary = (expression);                                        \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  target = std::move(*temporary)
