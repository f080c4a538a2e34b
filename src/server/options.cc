#include "server/options.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "base/limits.h"
#include "base/version.h"

namespace ndcast::server {
namespace {

void add_access(CLI::App& serve, ServeOptions& options) {
  serve.add_flag("--no-auth", options.no_auth, "ask for no token; only on a loopback address");
  serve.add_option("--token-key", options.token_key,
                   "secret that HS256 tokens are signed with (ndcast token create --new-key); mode 0600");
  serve.add_option("--jwks", options.jwks, "JSON Web Key Set with the public keys that RS256 tokens are signed with");
  serve.add_option("--token-issuer", options.token_issuer, "iss that signed tokens must have");
  serve.add_option("--tls-cert", options.tls_cert, "certificate chain, PEM; SIGHUP reads it again");
  serve.add_option("--tls-key", options.tls_key, "its private key, PEM");
  serve.add_option("--tls-client-ca", options.tls_client_ca,
                   "certificates, PEM: clients must have one that these signed");
  serve.add_option("--base-url", options.base_url, "path that everything is served below, behind a proxy: /a/b/")
      ->capture_default_str();
  serve.add_option("--allowed-host", options.allowed_hosts,
                   "name that this server answers as besides --host, NAME or NAME:PORT; repeatable");
  serve.add_option("--trusted-proxy", options.trusted_proxies,
                   "address or ADDRESS/BITS whose X-Forwarded-For, -Proto and -Host are believed; repeatable");
  serve.add_option("--max-updates", options.updates_per_second, "state updates per second, of a session and scope")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  serve.add_option("--max-sessions", options.sessions, "sessions of all rooms together")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  serve
      .add_option("--max-handshakes", options.handshakes_per_second,
                  "WebSockets that one address may open per second; ten times that at once")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  serve.add_option("--max-room-sessions", options.room_sessions, "sessions of one room")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  serve.add_option("--max-connections", options.connections, "open sockets; by default what the descriptors allow")
      ->check(CLI::Range(std::size_t{4}, limits::kConnectionsMax));
}

/// "8081,8082" → state and pixel port; CLI11 has already split at the comma.
std::string parse_napari_ports(const std::vector<std::uint16_t>& ports, ServeOptions& options) {
  if (ports.empty()) return {};
  if (ports.size() != 2 || (ports[0] == ports[1] && ports[0] != 0)) {
    return "--napari-ports: expected two different ports, STATE,PIXELS, for example 8081,8082";
  }
  options.napari_ports = {ports[0], ports[1]};
  return {};
}

struct ServeTexts {
  std::vector<std::uint16_t> napari_ports;
};

void add_serve(CLI::App& app, ServeOptions& options, ServeTexts& texts) {
  CLI::App* serve = app.add_subcommand("serve", "serve an image to browsers");
  serve->add_option(
      "uri", options.uris,
      "image to show: an OME-Zarr or zarr folder, zip archive, http(s):// or s3:// address, or a file that `ndcast "
      "import` reads; the folders of further ones are open to clients");
  serve->add_option("--host", options.host, "address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "port to listen on; 0 takes any free one")->capture_default_str();
  serve->add_option("--data-root", options.data_roots,
                    "folder that clients may browse and open images from; repeatable");
  serve->add_option("--data-host", options.data_hosts,
                    "host that clients may open images from: NAME, NAME:PORT, *.NAME, * (any, at public addresses); "
                    "ADDRESS or ADDRESS/BITS for private ones; s3://BUCKET; repeatable");
  add_buckets(*serve, options.buckets);
  serve->add_option("--room", options.room, "name of the room")->capture_default_str();
  serve->add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")->capture_default_str();
  serve->add_option("--renderer", options.renderer, "cpu or reference")->capture_default_str();
  serve
      ->add_option("--encoder", options.encoder,
                   "auto (the best that works), x264, openh264, jpeg or null; viewers without a video decoder get JPEG")
      ->capture_default_str();
  serve->add_flag("--no-prefetch", options.no_prefetch,
                  "read nothing before somebody looks at it: for stores where reading costs money");
  serve->add_option("--cache-mib", options.cache_mib, "memory for decoded chunks, MiB")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{16}, std::size_t{1} << 22));
  serve->add_option("--web-root", options.web_root,
                    "folder of the browser viewer; found beside the program by default");
  add_access(*serve, options);
  serve
      ->add_option("--napari-ports", texts.napari_ports,
                   "STATE,PIXELS: ports for the napari-cuda desktop client, which gives no token and is an editor")
      ->delimiter(',');
  serve->add_option("--napari-host", options.napari_host, "address of --napari-ports")->capture_default_str();
  serve->add_option("--state-dir", options.state_dir,
                    "folder of the journal; by default $XDG_STATE_HOME/ndcast or ~/.local/state/ndcast");
  serve->add_flag("--no-journal", options.no_journal, "keep nothing on disk: a restart begins anew");
  serve
      ->add_option(
          "--durability", options.durability,
          "what an acknowledged change survives: process (kill -9), disk (power loss), or relaxed (neither; at "
          "most 50 ms are lost)")
      ->capture_default_str()
      ->check(CLI::IsMember({"process", "disk", "relaxed"}));
  serve->add_option("--journal-mib", options.journal_mib, "rows to keep of a room, MiB; 0 for all")
      ->capture_default_str();
  serve->add_option("--journal-days", options.journal_days, "age of the oldest row to keep; 0 for any")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

void add_info(CLI::App& app, InfoOptions& options) {
  CLI::App* info = app.add_subcommand("info", "say what an image holds");
  info->add_option("uri", options.uri, "an OME-Zarr or zarr folder, zip archive, http(s):// or s3:// address")
      ->required();
  info->add_flag("--json", options.json, "print JSON");
  info->add_flag("--stats", options.stats, "read every voxel: minimum, maximum, mean, SHA-256");
  add_buckets(*info, options.buckets);
}

void add_validate(CLI::App& app, ValidateOptions& options) {
  CLI::App* validate =
      app.add_subcommand("validate", "say what is wrong with an image; the status is 1 if anything is");
  validate->add_option("uri", options.uri, "an OME-Zarr or zarr folder, or one metadata document")->required();
  validate->add_flag("--json", options.json, "print JSON");
}

void add_journal(CLI::App& app, JournalOptions& options) {
  using Action = JournalOptions::Action;
  CLI::App* journal = app.add_subcommand("journal", "look at what a server kept of its rooms");
  journal->require_subcommand(1);
  const auto add = [&](const char* name, Action action, const char* what) {
    CLI::App* command = journal->add_subcommand(name, what);
    command->add_option("--state-dir", options.state_dir,
                        "folder of the journal; by default $XDG_STATE_HOME/ndcast or ~/.local/state/ndcast");
    command->add_option("--room", options.room, "one room; by default all");
    command->callback([&options, action] { options.action = action; });
    return command;
  };
  CLI::App* show = add("show", Action::Show, "print the last rows");
  show->add_option("--last", options.last, "how many rows of a room")->capture_default_str();
  show->add_option("--actor", options.actor, "only what this one did");
  add("export", Action::Export, "print every row as a line of JSON");
  add("verify", Action::Verify, "check numbers, old against new values, and the database; 1 when something is wrong");
}

struct TokenTexts {
  std::string new_key;
  std::string role;
  std::string expires = "8h";
};

struct TokenApps {
  CLI::App* create;
  CLI::App* inspect;
};

TokenApps add_token(CLI::App& app, TokenCreateOptions& create, TokenTexts& texts, TokenInspectOptions& inspect) {
  CLI::App* token = app.add_subcommand("token", "make and look at signed tokens");
  token->require_subcommand(1);
  CLI::App* made = token->add_subcommand("create", "print a token signed with HS256");
  auto* key = made->add_option("--key", create.key, "file of the secret to sign with; mode 0600");
  made->add_option("--new-key", texts.new_key, "the same, made now: 256 random bits")->excludes(key);
  made->add_option("--role", texts.role, "viewer, editor or admin")
      ->required()
      ->check(CLI::IsMember({"viewer", "editor", "admin"}));
  made->add_option("--room", create.room, "the only room it opens; any by default");
  made->add_option("--expires", texts.expires, "how long it is good: 45s, 90m, 8h, 30d")->capture_default_str();
  made->add_option("--subject", create.subject, "who it is for, shown as the author of what is done with it");
  made->add_option("--issuer", create.issuer, "iss, for servers with --token-issuer");
  CLI::App* seen = token->add_subcommand("inspect", "say what a token grants, until when, and whether it is valid");
  seen->add_option("token", inspect.token, "the token")->required();
  seen->add_option("--key", inspect.key, "secret to check an HS256 signature with");
  seen->add_option("--jwks", inspect.jwks, "key set to check an RS256 signature with");
  return {made, seen};
}

std::string finish_token(const TokenTexts& texts, TokenCreateOptions& options) {
  options.make_key = !texts.new_key.empty();
  if (options.make_key) options.key = texts.new_key;
  if (options.key.empty()) return "token create: give --key FILE, or --new-key FILE to make one";
  const auto lifetime = parse_lifetime(texts.expires);
  if (!lifetime) {
    return "--expires " + texts.expires + ": expected a time such as 45s, 90m, 8h or 30d, of at most 366 days";
  }
  options.lifetime = *lifetime;
  options.role = auth::parse_role(texts.role).value_or(auth::Role::Viewer);
  return {};
}

}  // namespace

std::optional<std::chrono::seconds> parse_lifetime(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || end - stop != 1 || number <= 0) return std::nullopt;
  const std::int64_t unit_s = *stop == 's' ? 1 : *stop == 'm' ? 60 : *stop == 'h' ? 3600 : *stop == 'd' ? 86'400 : 0;
  const std::int64_t longest_s = std::chrono::seconds(limits::kTokenLifetime).count();
  if (unit_s == 0 || number > longest_s / unit_s) return std::nullopt;
  return std::chrono::seconds(number * unit_s);
}

std::variant<Command, int> parse_command_line(int argc, char** argv) {
  CLI::App app{"ndcast shows n-D images too large to move: the data stays here, pictures go to browsers.", "ndcast"};
  app.set_version_flag("--version", std::string("ndcast ") + kVersion);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  ServeOptions serve;
  InfoOptions info;
  RenderOptions render;
  JournalOptions journal;
  RenderTexts texts;
  ServeTexts serve_texts;
  add_serve(app, serve, serve_texts);
  add_info(app, info);
  ValidateOptions validate;
  add_validate(app, validate);
  CLI::App* const render_app = add_render(app, render, texts);
  add_journal(app, journal);
  CLI::App* const schema_app =
      app.add_subcommand("schema", "print the JSON Schema of the wire protocol and of scene files");
  bool roles = false;
  bool keys = false;
  bool as_json = false;
  auto* const roles_flag = schema_app->add_flag("--roles", roles, "print who may do what instead");
  schema_app->add_flag("--json", as_json, "the roles as JSON")->needs(roles_flag);
  schema_app->add_flag("--keys", keys, "print the table of state keys instead")->excludes(roles_flag);
  ImportCommandOptions import;
  ImportTexts import_texts;
  CLI::App* const import_app = add_import(app, import, import_texts);
  TokenCreateOptions token_create;
  TokenInspectOptions token_inspect;
  TokenTexts token_texts;
  const TokenApps token_apps = add_token(app, token_create, token_texts, token_inspect);
  try {
    app.parse(argc, argv);
    std::string problem = parse_napari_ports(serve_texts.napari_ports, serve);
    if (problem.empty() && render_app->parsed()) problem = finish_render(texts, render);
    if (problem.empty() && token_apps.create->parsed()) problem = finish_token(token_texts, token_create);
    if (problem.empty() && import_app->parsed()) problem = finish_import(import_texts, import);
    if (!problem.empty()) throw CLI::ValidationError(problem);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (app.got_subcommand("serve")) return Command(std::move(serve));
  if (app.got_subcommand("info")) return Command(std::move(info));
  if (app.got_subcommand("validate")) return Command(std::move(validate));
  if (app.got_subcommand("render")) return Command(std::move(render));
  if (app.got_subcommand("journal")) return Command(std::move(journal));
  if (import_app->parsed()) return Command(std::move(import));
  if (token_apps.create->parsed()) return Command(std::move(token_create));
  if (token_apps.inspect->parsed()) return Command(std::move(token_inspect));
  using enum SchemaOptions::What;
  return Command(SchemaOptions{keys ? Keys : !roles ? Protocol : as_json ? RolesJson : RolesText});
}

}  // namespace ndcast::server
