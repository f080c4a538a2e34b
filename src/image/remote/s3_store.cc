#include "image/remote/s3_store.h"

#include <algorithm>

#include <pugixml.hpp>

#include "image/store_entries.h"

namespace ndcast::image {
namespace {

constexpr std::string_view kScheme = "s3://";

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; old buckets have capitals and "_".
bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 255 && name != ".." && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

}  // namespace

S3Settings s3_settings_from(const std::function<std::optional<std::string>(const char*)>& variable) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (auto value = variable(name); value && !value->empty()) return *value;
    }
    return std::string();
  };
  S3Settings out;
  out.endpoint = first({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  if (const std::string region = first({"AWS_REGION", "AWS_DEFAULT_REGION"}); !region.empty()) out.region = region;
  const std::string unsigned_wish = first({"AWS_NO_SIGN_REQUEST"});
  AwsCredentials credentials{first({"AWS_ACCESS_KEY_ID"}), first({"AWS_SECRET_ACCESS_KEY"}),
                             first({"AWS_SESSION_TOKEN"}), out.region};
  const bool wants_none = !unsigned_wish.empty() && unsigned_wish != "0" && unsigned_wish != "false";
  if (!wants_none && !credentials.key_id.empty() && !credentials.secret.empty()) {
    out.credentials = std::make_shared<const AwsCredentials>(std::move(credentials));
  }
  return out;
}

Result<S3Place> parse_s3_uri(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return fail(ErrorCode::Invalid, "{}: expected s3://BUCKET/PREFIX", uri);
  std::string_view rest = uri.substr(kScheme.size());
  S3Place out;
  out.bucket = rest.substr(0, rest.find('/'));
  rest.remove_prefix(out.bucket.size());
  while (rest.starts_with('/')) rest.remove_prefix(1);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  out.prefix = rest;
  if (!is_bucket(out.bucket)) return fail(ErrorCode::Invalid, "{}: \"{}\" is no bucket's name", uri, out.bucket);
  if (!out.prefix.empty()) ND_TRY(check_key(out.prefix));
  return out;
}

Result<S3Listing> parse_s3_listing(std::string_view xml, std::string_view prefix) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_minimal | pugi::parse_escapes);
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!parsed || !root) return fail(ErrorCode::Corrupt, "a listing that is no ListBucketResult");
  S3Listing out;
  const auto add = [&](std::string_view key, bool is_directory) {
    if (!key.starts_with(prefix)) return;
    std::string name(key.substr(prefix.size()));
    if (is_directory && name.ends_with('/')) name.pop_back();
    if (name.find('/') == std::string::npos && check_key(name)) out.entries.push_back({std::move(name), is_directory});
  };
  for (const pugi::xml_node node : root.children("Contents")) add(node.child_value("Key"), false);
  for (const pugi::xml_node node : root.children("CommonPrefixes")) add(node.child_value("Prefix"), true);
  if (std::string_view(root.child_value("IsTruncated")) == "true") out.next = root.child_value("NextContinuationToken");
  return out;
}

Result<std::vector<StoreEntry>> S3Store::list(std::string_view prefix, std::size_t at_most) const {
  if (!prefix.empty()) ND_TRY(check_key(prefix));
  const std::string below = join_key(prefix_, prefix);
  const std::string folder = below.empty() ? "" : below + "/";
  std::vector<StoreEntry> out;
  std::string next;
  do {
    HttpUrl url = bucket_;
    // In the order that SigV4 wants, which this libcurl signs as it stands.
    url.query = next.empty() ? "" : fmt::format("continuation-token={}&", escape_value(next));
    url.query += fmt::format("delimiter=%2F&list-type=2&max-keys={}&prefix={}", std::min<std::size_t>(at_most, 1000),
                             escape_value(folder));
    ND_ASSIGN(const HttpResponse response, ask(url, ByteRange::whole(limits::kListingBytes), false, {}));
    if (response.status != 200) {
      return fail(response.status == 403 ? ErrorCode::Forbidden : ErrorCode::Io, "{}: cannot list \"{}\": HTTP {}",
                  describe(), prefix, response.status);
    }
    const std::string_view xml(reinterpret_cast<const char*>(response.body.data()), response.body.size());
    auto page = parse_s3_listing(xml, folder);
    if (!page) return fail(page.error().code, "{}: {}", describe(), page.error().message);
    std::ranges::move(page->entries, std::back_inserter(out));
    if (page->next == next) break;
    next = std::move(page->next);
  } while (!next.empty() && out.size() < at_most);
  tidy_entries(out, at_most);
  return out;
}

Result<std::shared_ptr<const Store>> open_s3(std::string_view uri, const S3Settings& settings,
                                             std::shared_ptr<const HttpClient> client,
                                             std::shared_ptr<const HostRules> rules) {
  ND_ASSIGN(const S3Place place, parse_s3_uri(uri));
  HttpUrl bucket;
  // A dot in a bucket's name has no certificate under AWS's; capitals have no host name at all.
  const bool as_host = settings.endpoint.empty() && std::ranges::all_of(place.bucket, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  if (as_host) {
    ND_ASSIGN(bucket, parse_http_url(fmt::format("https://{}.s3.{}.amazonaws.com/", place.bucket, settings.region)));
  } else {
    const std::string endpoint =
        settings.endpoint.empty() ? fmt::format("https://s3.{}.amazonaws.com", settings.region) : settings.endpoint;
    ND_ASSIGN(bucket, parse_http_url(endpoint));
    while (bucket.path.ends_with('/')) bucket.path.pop_back();
    bucket.path += "/" + place.bucket;
  }
  HttpUrl base = bucket;
  if (!base.path.ends_with('/')) base.path += '/';
  base.path += escape_key(place.prefix);
  HttpStore::Options options{.base = std::move(base),
                             .client = std::move(client),
                             .rules = std::move(rules),
                             .aws = settings.credentials,
                             .shown = join_key(fmt::format("s3://{}", place.bucket), place.prefix)};
  return std::make_shared<const S3Store>(std::move(options), std::move(bucket), place.prefix);
}

}  // namespace ndcast::image
