#pragma once
// Which hosts we answer as, and whose pages may talk to us: the first look at every request (WP1). An unknown Host
// stops DNS rebinding, a foreign Origin stops other sites' pages from riding on the cookie.
//
//   const HostPolicy policy{.names = {"127.0.0.1", "images.example.org"}};
//   if (admit(policy, request.header("Host"), request.header("Origin")) != Admission::Allowed) → 403

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ndcast::auth {

/// localhost, 127.0.0.1 and [::1] are always known, with any port (SSH forwards change it).
struct HostPolicy {
  /// Further names: the bound address, --allowed-host. "name" matches with any port, "name:port" only that one; IPv6
  /// in brackets. Case-insensitive.
  std::vector<std::string> names;
};

enum class Admission {
  Allowed,
  UnknownHost,    ///< no Host, a malformed one, or one that is not ours
  ForeignOrigin,  ///< an Origin that is not the host asked for, or "null"
};

/// Whether the browser reached us through TLS, ours or a trusted proxy's.
enum class Channel { Plain, Secure };

/// `host` and `origin` are the headers' values, absent ones nullopt. An absent Origin is allowed (not a browser, or a
/// plain navigation); one that is there must be http(s) and name exactly the authority in `host`, and over a secure
/// channel must be https itself.
Admission admit(const HostPolicy& policy, std::optional<std::string_view> host, std::optional<std::string_view> origin,
                Channel channel = Channel::Plain);

/// A sentence for the 403's body and the log, quoting what was sent.
std::string explain(Admission admission, std::optional<std::string_view> host, std::optional<std::string_view> origin);

}  // namespace ndcast::auth
