#pragma once
// Files that hold keys: read only when nobody else may, written so that nobody else can.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace ndcast::auth {

/// The secret in a file: its text without the line's end. 32 bytes at least (RFC 7518 §3.2), so `openssl rand -hex 32`
/// makes one as well as write_new_secret(). Errors: NotFound, Io; Forbidden when the file is not regular, is another
/// user's, or its group or others have any right to it; Invalid when it is too short or is a PEM key (a public key used
/// as a secret would let everybody sign); Limit.
Result<std::string> read_secret(const std::filesystem::path& file);

/// Writes a fresh 256-bit secret, mode 0600. Errors: Io, also when the file exists already.
Result<void> write_new_secret(const std::filesystem::path& file);

/// A file that is no secret (JWKS, certificates), whole. Errors: NotFound, Io, Limit.
Result<std::string> read_public_file(const std::filesystem::path& file);

}  // namespace ndcast::auth
