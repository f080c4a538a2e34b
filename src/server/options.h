#pragma once
// The command line, parsed into one value per command. Words and ranges are checked here; what they mean is the
// commands'.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "auth/roles.h"
#include "base/limits.h"
#include "server/bucket_options.h"
#include "server/import_options.h"
#include "server/render_options.h"

namespace ndcast::server {

struct ServeOptions {
  std::vector<std::string> uris;  ///< the first is shown; the folders of all are open to clients
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;
  std::vector<std::filesystem::path> data_roots;
  std::vector<std::string> data_hosts;  ///< rules of image::RemoteOptions::allowed
  BucketOptions buckets;
  std::string room = "main";
  std::string log_level = "info";
  std::string renderer = "cpu";
  std::string encoder = "auto";
  std::size_t cache_mib = 256;
  bool no_prefetch = false;
  std::filesystem::path web_root;  ///< empty: beside the program
  bool no_auth = false;
  std::filesystem::path token_key;  ///< secret for HS256 tokens; empty: none are accepted
  std::filesystem::path jwks;       ///< public keys for RS256 tokens; empty: none are accepted
  std::string token_issuer;         ///< "iss" that signed tokens must have; empty: any
  std::filesystem::path tls_cert;   ///< empty: no TLS
  std::filesystem::path tls_key;
  std::filesystem::path tls_client_ca;  ///< empty: clients need no certificate
  std::string base_url = "/";
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> trusted_proxies;
  double handshakes_per_second = limits::kHandshakesPerSecond;  ///< of one address; ten times that at once
  double updates_per_second = limits::kUpdatesPerSecond;
  std::size_t sessions = limits::kSessionsPerProcess;
  std::size_t room_sessions = limits::kSessionsPerRoom;
  std::size_t connections = 0;  ///< 0: as many as the process may have descriptors for
  /// State and pixel port of the original client; 0 takes any free one. Unset: not opened.
  std::optional<std::pair<std::uint16_t, std::uint16_t>> napari_ports;
  std::string napari_host = "127.0.0.1";
  std::filesystem::path state_dir;  ///< empty: the default (state_dir.h), and go without when another process has it
  bool no_journal = false;
  std::string durability = "process";
  std::uint64_t journal_mib = 256;  ///< of rows, one room; 0: no limit
  double journal_days = 90;         ///< 0: no limit
};

struct InfoOptions {
  std::string uri;
  bool json = false;
  bool stats = false;
  BucketOptions buckets;
};

struct ValidateOptions {
  std::string uri;
  bool json = false;
};

struct SchemaOptions {
  enum class What { Protocol, RolesText, RolesJson, Keys };
  What what = What::Protocol;
};

struct TokenCreateOptions {
  std::filesystem::path key;
  bool make_key = false;  ///< `key` does not exist yet
  auth::Role role = auth::Role::Viewer;
  std::string room;  ///< empty: any
  std::string subject;
  std::string issuer;
  std::chrono::seconds lifetime = std::chrono::hours(8);
};

struct TokenInspectOptions {
  std::string token;
  std::filesystem::path key;
  std::filesystem::path jwks;
};

struct JournalOptions {
  enum class Action { Show, Export, Verify };
  Action action = Action::Show;
  std::filesystem::path state_dir;  ///< empty: the default
  std::string room;                 ///< empty: every room
  std::string actor;                ///< show: only rows of this one
  std::size_t last = 20;            ///< show: rows a room
};

using Command = std::variant<ServeOptions, InfoOptions, ValidateOptions, RenderOptions, SchemaOptions, JournalOptions,
                             TokenCreateOptions, TokenInspectOptions, ImportCommandOptions>;

/// "8h", "90m", "30d", "45s" → seconds; nothing for anything else, zero, or more than limits::kTokenLifetime.
std::optional<std::chrono::seconds> parse_lifetime(std::string_view text);

/// The command, or the exit status after --help, --version or a mistake was answered on the terminal.
std::variant<Command, int> parse_command_line(int argc, char** argv);

}  // namespace ndcast::server
