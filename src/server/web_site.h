#pragma once
// The browser viewer's files, read once at start and served from memory.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http.h"

namespace ndcast::server {

/// Immutable after load(); control thread.
class WebSite {
 public:
  /// Reads every file below `root`. Errors: NotFound (no index.html there), Io, Limit.
  static Result<WebSite> load(const std::filesystem::path& root);

  /// The file of a request path ("/" is index.html), with its type and security headers; null when there is none.
  const transport::HttpResponse* find(std::string_view path) const;

 private:
  std::map<std::string, transport::HttpResponse, std::less<>> files_;
};

/// Where the viewer lies beside this program: ../../web/dist of a build tree, ../share/ndcast/web of an installation.
/// Empty when neither is there.
std::filesystem::path find_web_root();

}  // namespace ndcast::server
