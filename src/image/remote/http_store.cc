#include "image/remote/http_store.h"

#include <condition_variable>
#include <mutex>
#include <random>

#include "base/log.h"
#include "image/remote/http_retry.h"

namespace ndcast::image {
namespace {

double random_part() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(source);
}

/// False when stopped.
bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, stop, time, [&stop] { return stop.stop_requested(); });
}

/// AWS's name of the trouble in an error's body, "AccessDenied"; empty without one. Only letters are taken.
std::string_view aws_code(const Bytes& body) {
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  constexpr std::string_view kOpen = "<Code>";
  const std::size_t at = text.find(kOpen);
  if (at == std::string_view::npos) return {};
  const std::string_view code = text.substr(at + kOpen.size());
  return code.substr(0, code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"));
}

Version version_of(const HttpResponse& response) {
  if (!response.etag.empty()) return response.etag;
  if (response.last_modified.empty()) return {};
  return fmt::format("{}, {} bytes", response.last_modified, response.object_bytes.value_or(0));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

HttpStore::HttpStore(Options options) : options_(std::move(options)) {}

HttpUrl HttpStore::url_of(std::string_view key) const {
  HttpUrl url = options_.base;
  if (!url.path.ends_with('/')) url.path += '/';
  url.path += escape_key(key);
  return url;
}

std::string HttpStore::describe() const {
  return options_.shown.empty() ? options_.base.without_query() : options_.shown;
}

std::string HttpStore::uri_of(std::string_view key) const {
  if (!options_.shown.empty() || key.empty()) return join_key(describe(), key);
  return url_of(key).without_query();
}

Result<HttpResponse> HttpStore::ask_patiently(const HttpRequest& request, const std::stop_token& stop) const {
  for (int attempt = 1;; ++attempt) {
    auto response = options_.client->perform(request, stop);
    const bool passing = response ? is_passing_status(response->status) : response.error().may_pass;
    if (!passing) {
      if (!response) return std::unexpected(std::move(response).error().error);
      return *std::move(response);
    }
    const auto asked =
        response ? parse_retry_after(response->retry_after, std::chrono::system_clock::now()) : std::nullopt;
    const auto wait = retry_wait(attempt, asked, random_part());
    if (!wait) {
      if (!response) {
        Error error = std::move(response).error().error;
        return fail(error.code, "{} ({} tries)", error.message, attempt);
      }
      return fail(ErrorCode::Io, "{}: HTTP {} ({} {}{})", request.url.without_query(), response->status, attempt,
                  attempt == 1 ? "try" : "tries",
                  asked ? fmt::format("; it asks to come back in {} s", asked->count() / 1000) : "");
    }
    if (!wait_for(*wait, stop)) {
      return fail(ErrorCode::Cancelled, "{}: no longer wanted", request.url.without_query());
    }
  }
}

Result<HttpResponse> HttpStore::ask(HttpUrl url, ByteRange range, bool head, const std::stop_token& stop) const {
  const HttpUrl first = url;
  HttpRequest request{
      .url = std::move(url), .head = head, .range = range, .rules = options_.rules, .aws = options_.aws, .headers = {}};
  for (int redirects = 0;; ++redirects) {
    ND_ASSIGN(HttpResponse response, ask_patiently(request, stop));
    if (!is_redirect(response.status) || response.location.empty()) return response;
    if (redirects == limits::kHttpRedirects) {
      return fail(ErrorCode::Limit, "{}: more than {} redirects", first.without_query(), limits::kHttpRedirects);
    }
    ND_ASSIGN(HttpUrl next, resolve_http_url(request.url, response.location));
    if (request.url.scheme == "https" && next.scheme != "https") {
      return fail(ErrorCode::Forbidden, "{}: redirects from https to {}", first.without_query(), next.without_query());
    }
    // A signature is for one server.
    if (!next.same_origin(first)) request.aws.reset();
    request.url = std::move(next);
  }
}

Result<bool> HttpStore::is_missing(const HttpResponse& response, const HttpUrl& url) const {
  if (response.status >= 200 && response.status < 300) return false;
  if (response.status == 404 || response.status == 410) return true;
  const std::string_view code = aws_code(response.body);
  const std::string shown = code.empty() ? "" : fmt::format(" ({})", code);
  if (response.status == 403 && response.is_s3 && (code.empty() || code == "AccessDenied")) {
    if (!told_of_forbidden_.exchange(true)) {
      log().warn("{}: HTTP 403{}; taken as not there, as S3 says so of missing objects", url.without_query(), shown);
    }
    return true;
  }
  if (response.status == 401 || response.status == 403) {
    return fail(ErrorCode::Forbidden, "{}: HTTP {}{}", url.without_query(), response.status, shown);
  }
  return fail(ErrorCode::Io, "{}: HTTP {}{}", url.without_query(), response.status, shown);
}

Result<std::optional<StoredBytes>> HttpStore::take(HttpResponse response, const HttpUrl& url, ByteRange range) const {
  if (response.status == 416) {
    return fail(ErrorCode::Corrupt, "{}: bytes [{}, +{}) reach outside its {} bytes", url.without_query(),
                range.kind == ByteRange::Kind::Suffix ? "-" : std::to_string(range.offset), range.length,
                response.object_bytes ? std::to_string(*response.object_bytes) : "?");
  }
  ND_ASSIGN(const bool missing, is_missing(response, url));
  if (missing) return std::nullopt;
  if (response.object_bytes) {
    ND_TRY(range.resolve(*response.object_bytes, url.without_query()));
  }
  if (range.kind != ByteRange::Kind::Whole && response.body.size() != range.length) {
    return fail(ErrorCode::Corrupt, "{}: {} bytes came, asked for {}", url.without_query(), response.body.size(),
                range.length);
  }
  Version version = version_of(response);
  return StoredBytes{std::move(response.body), std::move(version)};
}

Result<std::optional<Bytes>> HttpStore::get(std::string_view key, ByteRange range) const {
  ND_ASSIGN(std::optional<StoredBytes> stored, read(key, range, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->bytes);
}

Result<std::optional<StoredBytes>> HttpStore::read(std::string_view key, ByteRange range,
                                                   const std::stop_token& stop) const {
  ND_TRY(check_key(key));
  const HttpUrl url = url_of(key);
  if (range.kind != ByteRange::Kind::Whole) {
    if (range.length > limits::kStoredObjectBytes && range.kind == ByteRange::Kind::Suffix) {
      return fail(ErrorCode::Limit, "{}: a read of {} bytes, at most {}", url.without_query(), range.length,
                  limits::kStoredObjectBytes);
    }
    // HTTP has no range of nothing, and none that passes 2^64; the object's size says whether this one is inside.
    std::uint64_t end = 0;
    if (range.length == 0 || __builtin_add_overflow(range.offset, range.length, &end) ||
        range.length > limits::kStoredObjectBytes) {
      ND_ASSIGN(std::optional<ObjectInfo> object, stat(key));
      if (!object) return std::nullopt;
      ND_TRY(range.resolve(object->size, url.without_query()));
      return StoredBytes{{}, std::move(object->version)};
    }
  }
  ND_ASSIGN(HttpResponse response, ask(url, range, false, stop));
  return take(std::move(response), url, range);
}

Result<std::optional<std::uint64_t>> HttpStore::size(std::string_view key) const {
  ND_ASSIGN(const std::optional<ObjectInfo> object, stat(key));
  if (!object) return std::nullopt;
  return object->size;
}

Result<std::optional<ObjectInfo>> HttpStore::stat(std::string_view key) const {
  ND_TRY(check_key(key));
  const HttpUrl url = url_of(key);
  ND_ASSIGN(HttpResponse response, ask(url, {}, true, {}));
  if (response.status == 405 || response.status == 501 || (response.status == 200 && !response.object_bytes)) {
    // A server without HEAD, or without lengths: the first byte tells both.
    ND_ASSIGN(response, ask(url, ByteRange::slice(0, 1), false, {}));
    if (response.status == 416) return ObjectInfo{0, version_of(response)};
  }
  ND_ASSIGN(const bool missing, is_missing(response, url));
  if (missing) return std::nullopt;
  if (!response.object_bytes) {
    return fail(ErrorCode::Unsupported, "{}: the server does not say how long it is", url.without_query());
  }
  return ObjectInfo{*response.object_bytes, version_of(response)};
}

}  // namespace ndcast::image
