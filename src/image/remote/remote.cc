#include "image/remote/remote.h"

#include <algorithm>

#include "image/zip_store.h"

namespace ndcast::image {
namespace {

bool is_below(std::string_view uri, std::string_view folder) {
  return uri.starts_with(folder) && (uri.size() == folder.size() || folder.ends_with('/') || uri[folder.size()] == '/');
}

/// One spelling of each place, so that it can be compared.
Result<std::string> normalised(std::string_view uri) {
  if (uri.starts_with("s3://")) {
    ND_ASSIGN(const S3Place place, parse_s3_uri(uri));
    return join_key("s3://" + place.bucket, place.prefix);
  }
  ND_ASSIGN(HttpUrl url, parse_http_url(uri));
  while (url.path.ends_with('/')) url.path.pop_back();
  return url.without_query();
}

/// Where a path leads into an archive: the position behind ".zip". A folder of such a name on a server is not known
/// from an archive, and none was seen.
std::size_t archive_end(std::string_view path) {
  for (std::size_t slash = 0; slash != std::string_view::npos;) {
    const std::size_t next = path.find('/', slash + 1);
    if (is_zip_name(path.substr(slash + 1, next == std::string_view::npos ? next : next - slash - 1))) {
      return next == std::string_view::npos ? path.size() : next;
    }
    slash = next;
  }
  return 0;
}

}  // namespace

bool is_remote_uri(std::string_view uri) {
  return uri.starts_with("http://") || uri.starts_with("https://") || uri.starts_with("s3://");
}

Result<std::shared_ptr<const Remote>> Remote::make(RemoteOptions options) {
  std::shared_ptr<Remote> out(new Remote);
  std::vector<std::string> hosts;
  for (std::string& rule : options.allowed) {
    if (rule.starts_with("s3://")) {
      ND_ASSIGN(std::string bucket, normalised(rule));
      out->buckets_.push_back(std::move(bucket));
    } else {
      hosts.push_back(std::move(rule));
    }
  }
  ND_ASSIGN(HostRules clients, HostRules::parse(hosts));
  out->for_clients_ = std::make_shared<const HostRules>(std::move(clients));
  out->for_operator_ = std::make_shared<const HostRules>(HostRules::for_operator());
  for (const std::string& uri : options.named) {
    if (!is_remote_uri(uri)) continue;
    ND_ASSIGN(std::string folder, normalised(uri));
    const std::size_t start = folder.find("://") + 3;
    const std::size_t slash = folder.rfind('/');
    // The folder of "s3://bucket" is the bucket, that of "https://host/a.zarr" the host.
    folder.resize(slash < start ? folder.size() : slash);
    out->folders_.push_back(folder + "/");
  }
  out->s3_ = std::move(options.s3);
  out->client_ = std::make_shared<const HttpClient>(std::move(options.http));
  return out;
}

bool Remote::beside_named(std::string_view uri) const {
  return std::ranges::any_of(folders_, [&](const std::string& folder) { return uri.starts_with(folder); });
}

Result<Place> Remote::open(std::string_view uri, Access::Who who) const {
  if (uri.starts_with("s3://")) return open_bucket(uri, who);
  return open_http(uri, who);
}

Result<Place> Remote::open_http(std::string_view uri, Access::Who who) const {
  ND_ASSIGN(HttpUrl url, parse_http_url(uri));
  if (!url.query.empty()) {
    return fail(ErrorCode::Invalid, "{}: a query behind it; expected the address of a folder or archive",
                url.without_query());
  }
  while (url.path.size() > 1 && url.path.ends_with('/')) url.path.pop_back();
  const bool trusted = who == Access::Who::Operator || beside_named(url.without_query());
  const auto& rules = trusted ? for_operator_ : for_clients_;
  if (!rules->allows_host(url.host, url.port)) {
    return fail(ErrorCode::Forbidden, "{}: {} is not among the hosts that may be reached; --data-host adds one",
                url.without_query(), url.host);
  }
  std::string inside;
  std::string archive;
  if (const std::size_t end = archive_end(url.path); end > 0) {
    const std::size_t slash = url.path.rfind('/', end - 1);
    archive = unescape_path(std::string_view(url.path).substr(slash + 1, end - slash - 1));
    inside = unescape_path(std::string_view(url.path).substr(std::min(end + 1, url.path.size())));
    url.path.resize(std::max<std::size_t>(slash, 1));
  }
  auto store = std::make_shared<const HttpStore>(HttpStore::Options{url, client_, rules, nullptr, {}});
  if (archive.empty()) return Place{std::move(store), ""};
  ND_ASSIGN(std::shared_ptr<const Store> zip, ZipStore::open(std::move(store), archive));
  if (!inside.empty()) ND_TRY(check_key(inside));
  return Place{std::move(zip), inside};
}

Result<Place> Remote::open_bucket(std::string_view uri, Access::Who who) const {
  ND_ASSIGN(const std::string place, normalised(uri));
  const bool trusted = who == Access::Who::Operator || beside_named(place) ||
                       std::ranges::any_of(buckets_, [&](const std::string& rule) { return is_below(place, rule); });
  if (!trusted) {
    return fail(ErrorCode::Forbidden, "{}: not among the buckets that may be read; --data-host s3://BUCKET adds one",
                place);
  }
  // The endpoint is the operator's choice, wherever it is.
  std::string folder = place;
  std::string archive;
  std::string inside;
  const std::size_t start = place.find('/', 5);
  if (start != std::string::npos) {
    if (const std::size_t end = archive_end(std::string_view(place).substr(start)); end > 0) {
      const std::size_t slash = place.rfind('/', start + end - 1);
      archive = place.substr(slash + 1, start + end - slash - 1);
      inside = place.substr(std::min(start + end + 1, place.size()));
      folder = place.substr(0, slash);
    }
  }
  ND_ASSIGN(std::shared_ptr<const Store> store, open_s3(folder, s3_, client_, for_operator_));
  if (archive.empty()) return Place{std::move(store), ""};
  ND_ASSIGN(std::shared_ptr<const Store> zip, ZipStore::open(std::move(store), archive));
  return Place{std::move(zip), inside};
}

}  // namespace ndcast::image
