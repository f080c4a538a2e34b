#include "server/serve_access.h"

#include "auth/key_file.h"
#include "auth/token.h"

namespace ndcast::server {

bool is_loopback(std::string_view host) { return host == "localhost" || host.starts_with("127.") || host == "::1"; }

Result<AccessRules> access_rules(const ServeOptions& options) {
  if (options.no_auth && !is_loopback(options.host)) {
    return fail(ErrorCode::Invalid,
                "--no-auth opens this machine to everybody who reaches it, so it is only for a loopback address; "
                "--host is {}",
                options.host);
  }
  if (options.no_auth && (!options.token_key.empty() || !options.jwks.empty())) {
    return fail(ErrorCode::Invalid, "--no-auth asks for no token, so --token-key and --jwks have nothing to check");
  }
  AccessRules rules{.authority = auth::Authority(options.no_auth ? "" : auth::make_token())};
  if (!options.token_key.empty()) {
    ND_ASSIGN(std::string secret, auth::read_secret(options.token_key));
    rules.authority.set_secret(std::move(secret));
  }
  if (!options.jwks.empty()) {
    ND_ASSIGN(const std::string text, auth::read_public_file(options.jwks));
    auto keys = auth::parse_jwks(text);
    if (!keys) return fail(keys.error().code, "{}: {}", options.jwks.string(), keys.error().message);
    rules.authority.set_key_set(*std::move(keys));
  }
  rules.authority.set_issuer(options.token_issuer);
  rules.handshakes = {.per_second = options.handshakes_per_second, .burst = 10 * options.handshakes_per_second};
  rules.hosts.names = options.allowed_hosts;
  const auto add_name = [&](const std::string& host) {
    rules.hosts.names.push_back(host.contains(':') ? "[" + host + "]" : host);
  };
  add_name(options.host);
  if (options.napari_ports) add_name(options.napari_host);
  ND_ASSIGN(rules.proxies, transport::TrustedProxies::parse(options.trusted_proxies));
  ND_ASSIGN(rules.base_path, parse_base_path(options.base_url));
  return rules;
}

Result<std::shared_ptr<const transport::TlsContext>> load_tls(const ServeOptions& options) {
  if (options.tls_cert.empty() && options.tls_key.empty()) {
    if (!options.tls_client_ca.empty())
      return fail(ErrorCode::Invalid, "--tls-client-ca needs --tls-cert and --tls-key");
    return std::shared_ptr<const transport::TlsContext>();
  }
  if (options.tls_cert.empty() || options.tls_key.empty()) {
    return fail(ErrorCode::Invalid, "--tls-cert and --tls-key go together");
  }
  return transport::TlsContext::load({options.tls_cert, options.tls_key, options.tls_client_ca});
}

std::string exposure_warning(const ServeOptions& options) {
  if (is_loopback(options.host) || !options.tls_cert.empty()) return {};
  return fmt::format(
      "--host {} without TLS: whoever is on the way can read the token, the data and the pictures. Use --tls-cert and "
      "--tls-key, or listen on 127.0.0.1 behind a proxy or an SSH tunnel.",
      options.host);
}

}  // namespace ndcast::server
