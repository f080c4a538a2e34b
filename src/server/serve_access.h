#pragma once
// From the options of `ndcast serve` to who may come in: key files read, words checked, nothing listened on yet.

#include <memory>

#include "base/result.h"
#include "server/access.h"
#include "server/options.h"
#include "transport/tls.h"

namespace ndcast::server {

bool is_loopback(std::string_view host);

/// Errors name the option or the file that is wrong.
Result<AccessRules> access_rules(const ServeOptions& options);

/// The certificates to serve with; null without --tls-cert. Reads files.
Result<std::shared_ptr<const transport::TlsContext>> load_tls(const ServeOptions& options);

/// What the operator should know about how far the server is open; empty: nothing.
std::string exposure_warning(const ServeOptions& options);

}  // namespace ndcast::server
