#include "server/web_site.h"

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

namespace ndcast::server {
namespace {

namespace fs = std::filesystem;

/// The viewer is some 150 KB; anything this large is another folder.
constexpr std::uintmax_t kSiteBytes = std::uintmax_t{64} << 20;

std::string_view type_of(const fs::path& file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".wasm", "application/wasm"},
  }};
  const std::string extension = file.extension().string();
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return type;
  }
  return "application/octet-stream";
}

transport::HttpResponse response_for(const fs::path& file, std::string body) {
  transport::HttpResponse response;
  response.content_type = type_of(file);
  response.shared_body = std::make_shared<const std::string>(std::move(body));
  // Scripts and styles carry a hash of their content in their name, so only the page itself is asked for again.
  const bool is_page = file.extension() == ".html";
  response.headers = {
      {"Cache-Control", is_page ? "no-cache" : "public, max-age=31536000, immutable"},
      {"Content-Security-Policy",
       "default-src 'self'; connect-src 'self' ws: wss:; worker-src 'self' blob:; img-src 'self' data: blob:; "
       "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
  return response;
}

}  // namespace

Result<WebSite> WebSite::load(const fs::path& root) {
  std::error_code error;
  if (!fs::exists(root / "index.html", error)) {
    return fail(
        ErrorCode::NotFound,
        "no index.html in {}; build the viewer with \"npm --prefix web run build\" or name its folder with --web-root",
        root.empty() ? "(nowhere beside the program)" : root.string());
  }
  WebSite site;
  std::uintmax_t total = 0;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    total += it->file_size(error);
    if (total > kSiteBytes)
      return fail(ErrorCode::Limit, "{}: more than {} MiB of files; is this the viewer?", root.string(),
                  kSiteBytes >> 20);
    std::ifstream stream(it->path(), std::ios::binary);
    std::string body{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) return fail(ErrorCode::Io, "cannot read {}", it->path().string());
    const std::string name = fmt::format("/{}", it->path().lexically_relative(root).generic_string());
    site.files_[name] = response_for(it->path(), std::move(body));
  }
  if (error) return fail(ErrorCode::Io, "cannot read {}: {}", root.string(), error.message());
  return site;
}

const transport::HttpResponse* WebSite::find(std::string_view path) const {
  const auto it = files_.find(path == "/" ? std::string_view("/index.html") : path);
  return it == files_.end() ? nullptr : &it->second;
}

fs::path find_web_root() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  for (const char* candidate : {"../../web/dist", "../share/ndcast/web"}) {
    fs::path root = (program.parent_path() / candidate).lexically_normal();
    if (fs::exists(root / "index.html", error)) return root;
  }
  return {};
}

}  // namespace ndcast::server
