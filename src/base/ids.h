#pragma once
// Random and typed identifiers.

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace ndcast {

/// `bytes` bytes from the operating system's generator, as lower-case hexadecimal (so 2·bytes characters).
std::string random_hex(std::size_t bytes);

/// A random (version 4) UUID: "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".
std::string random_uuid();

/// A string that names one kind of thing: `using LayerId = NamedId<struct LayerIdTag>;`
template <class Tag>
struct NamedId {
  std::string value;
  friend auto operator<=>(const NamedId&, const NamedId&) = default;
};

}  // namespace ndcast

template <class Tag>
struct std::hash<ndcast::NamedId<Tag>> {
  std::size_t operator()(const ndcast::NamedId<Tag>& id) const noexcept { return std::hash<std::string>()(id.value); }
};
