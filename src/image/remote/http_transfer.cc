#include "image/remote/http_transfer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

#include "base/store_limits.h"

namespace ndcast::image {
namespace {

/// Of an error's body: AWS's XML names the trouble in its first hundred bytes.
constexpr std::uint64_t kErrorBytes = 4096;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::strchr(" \t\r\n", text.front())) text.remove_prefix(1);
  while (!text.empty() && std::strchr(" \t\r\n", text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return true;
    default:
      return false;
  }
}

}  // namespace

HttpTransfer::HttpTransfer(const HttpRequest& request, const HttpClientOptions& options)
    : request_(request), easy_(curl_easy_init()), url_(request.url.text()) {
  set_up(options);
  set_range();
  if (request_.aws) sign();
  for (const std::string& header : request_.headers) {
    headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
  }
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void HttpTransfer::set_up(const HttpClientOptions& options) {
  CURL* const easy = easy_.get();
  const auto connect_timeout =
      options.connect_timeout.count() > 0 ? options.connect_timeout : limits::kHttpConnectTimeout;
  const auto stall_timeout = options.stall_timeout.count() > 0 ? options.stall_timeout : limits::kHttpStallTimeout;
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  // A proxy from the environment would hide the address from the rules.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "ndcast");
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::chrono::milliseconds(connect_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::chrono::seconds(stall_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(std::chrono::seconds(limits::kHttpObjectTimeout).count()));
  if (request_.url.scheme == "https") {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  }
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  for (const std::string& to : options.connect_to) {
    connect_to_.reset(curl_slist_append(connect_to_.release(), to.c_str()));
  }
  if (connect_to_) curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  if (request_.head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::on_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &HttpTransfer::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
}

void HttpTransfer::set_range() {
  const ByteRange& range = request_.range;
  if (request_.head || range.kind == ByteRange::Kind::Whole) return;
  range_ = range.kind == ByteRange::Kind::Suffix ? fmt::format("-{}", range.length)
                                                 : fmt::format("{}-{}", range.offset, range.offset + range.length - 1);
  curl_easy_setopt(easy_.get(), CURLOPT_RANGE, range_.c_str());
}

void HttpTransfer::sign() {
  const AwsCredentials& aws = *request_.aws;
  sigv4_ = fmt::format("aws:amz:{}:s3", aws.region);
  user_ = fmt::format("{}:{}", aws.key_id, aws.secret);
  curl_easy_setopt(easy_.get(), CURLOPT_AWS_SIGV4, sigv4_.c_str());
  // Apart: a secret may hold a colon.
  curl_easy_setopt(easy_.get(), CURLOPT_USERNAME, aws.key_id.c_str());
  curl_easy_setopt(easy_.get(), CURLOPT_PASSWORD, aws.secret.c_str());
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(request_.headers, [&](const std::string& header) { return header.starts_with(name); });
  };
  // A request without a body; the digest of nothing.
  if (!has("x-amz-content-sha256")) {
    headers_.reset(curl_slist_append(
        headers_.release(), "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  }
  if (!aws.session_token.empty()) {
    const std::string token = "x-amz-security-token: " + aws.session_token;
    headers_.reset(curl_slist_append(headers_.release(), token.c_str()));
  }
}

bool HttpTransfer::refuse(ErrorCode code, std::string message) {
  if (!refused_) refused_ = Error{code, fmt::format("{}: {}", request_.url.without_query(), message)};
  return false;
}

curl_socket_t HttpTransfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const auto ip = IpAddress::of(&address->addr);
  if (!ip || !transfer.request_.rules || !transfer.request_.rules->allows_address(*ip)) {
    // Not which address: that would tell of networks behind the server.
    transfer.refuse(ErrorCode::Forbidden, "its address is on a network that may not be reached; --data-host opens it");
    return CURL_SOCKET_BAD;
  }
  transfer.made_connection_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int HttpTransfer::on_connected(void* self, char* ip, char*, int, int) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const auto address = IpAddress::parse(ip ? ip : "");
  if (address && transfer.request_.rules && transfer.request_.rules->allows_address(*address)) {
    // An earlier address of the same name may have been refused; this one is good.
    transfer.refused_.reset();
    return CURL_PREREQFUNC_OK;
  }
  transfer.refuse(ErrorCode::Forbidden, "its address is on a network that may not be reached; --data-host opens it");
  return CURL_PREREQFUNC_ABORT;
}

std::size_t HttpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::size_t bytes = size * count;
  transfer.header_bytes_ += bytes;
  if (transfer.header_bytes_ > limits::kHttpResponseHeaderBytes) {
    transfer.refuse(ErrorCode::Limit, fmt::format("more than {} bytes of headers", limits::kHttpResponseHeaderBytes));
    return 0;
  }
  transfer.take_header({data, bytes});
  return bytes;
}

void HttpTransfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    // Of the response that counts: 100 and 103 come before it.
    response_ = {};
    content_length_.reset();
    first_byte_.reset();
    content_encoding_.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "etag")) response_.etag = value.substr(0, limits::kNameBytes);
  if (same_word(name, "last-modified")) response_.last_modified = value.substr(0, limits::kNameBytes);
  if (same_word(name, "location")) response_.location = value;
  if (same_word(name, "retry-after")) response_.retry_after = value.substr(0, limits::kNameBytes);
  if (same_word(name, "content-encoding")) content_encoding_ = value.substr(0, limits::kNameBytes);
  if (same_word(name, "content-length")) content_length_ = number(value);
  if (same_word(name, "content-range") && value.size() > 6 && same_word(value.substr(0, 6), "bytes ")) {
    const std::string_view range = value.substr(6);
    const std::size_t slash = range.find('/');
    first_byte_ = number(range.substr(0, range.find('-')));
    if (slash != std::string_view::npos) response_.object_bytes = number(range.substr(slash + 1));
  }
  const bool amazon = name.size() > 6 && same_word(name.substr(0, 6), "x-amz-");
  const bool google = name.size() > 7 && same_word(name.substr(0, 7), "x-goog-");
  response_.is_s3 = response_.is_s3 || amazon || google || same_word(name, "x-minio-deployment-id");
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::size_t bytes = size * count;
  if (!transfer.placed_ && !transfer.place_body()) return bytes + 1;
  return transfer.take_body({data, bytes}) ? bytes : bytes + 1;
}

bool HttpTransfer::place_body() {
  placed_ = true;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  const ByteRange& range = request_.range;
  if (status >= 300) {
    is_error_ = true;
    to_ = kErrorBytes;
    return true;
  }
  if (!content_encoding_.empty() && !same_word(content_encoding_, "identity")) {
    return refuse(ErrorCode::Unsupported,
                  fmt::format("the server sends it encoded as \"{}\", which was not asked for", content_encoding_));
  }
  if (status == 206) {
    if (range.kind == ByteRange::Kind::Whole || !first_byte_) {
      return refuse(ErrorCode::Corrupt, "part of it (206) without saying which; expected a Content-Range");
    }
    position_ = *first_byte_;
    from_ = range.kind == ByteRange::Kind::Slice ? range.offset : position_;
    to_ = from_ + range.length;
    if (position_ > from_)
      return refuse(ErrorCode::Corrupt, fmt::format("bytes from {}, asked for {}", position_, from_));
    return true;
  }
  response_.object_bytes = content_length_;
  to_ = range.length;
  if (range.kind == ByteRange::Kind::Whole) {
    if (content_length_.value_or(0) <= range.length) return true;
    return refuse(ErrorCode::Limit, fmt::format("{} bytes, at most {}", *content_length_, range.length));
  }
  // The server does not know ranges: what was asked for is picked out of the whole.
  if (range.kind == ByteRange::Kind::Slice) from_ = range.offset;
  if (range.kind == ByteRange::Kind::Suffix) {
    if (!content_length_) {
      return refuse(ErrorCode::Unsupported, "the server ignores Range and does not say how long the object is");
    }
    from_ = *content_length_ - std::min(*content_length_, range.length);
  }
  to_ = from_ + range.length;
  if (from_ > limits::kIgnoredRangeBytes) {
    return refuse(ErrorCode::Unsupported,
                  fmt::format("the server ignores Range: {} bytes would come before those asked for, at most {}", from_,
                              limits::kIgnoredRangeBytes));
  }
  return true;
}

bool HttpTransfer::take_body(std::string_view bytes) {
  const std::uint64_t end = position_ + bytes.size();
  const std::uint64_t first = std::clamp(from_, position_, end) - position_;
  const std::uint64_t last = std::clamp(to_, position_, end) - position_;
  const auto* const data = reinterpret_cast<const std::byte*>(bytes.data());
  if (first < last) response_.body.insert(response_.body.end(), data + first, data + last);
  position_ = end;
  if (position_ <= to_ || is_error_) return true;
  if (request_.range.kind == ByteRange::Kind::Whole) {
    return refuse(ErrorCode::Limit, fmt::format("more than {} bytes", request_.range.length));
  }
  complete_ = true;  // the rest is not wanted: the connection is closed
  return false;
}

std::optional<HttpFailure> HttpTransfer::judge(CURLcode code) {
  long status = 0;
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  response_.status = static_cast<int>(status);
  response_.http_major = version == CURL_HTTP_VERSION_2_0 ? 2 : 1;
  if (request_.head && !response_.object_bytes) response_.object_bytes = content_length_;
  if (code == CURLE_OK || complete_) return std::nullopt;
  if (refused_) return HttpFailure{*refused_, false};
  const ErrorCode kind = code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::Timeout : ErrorCode::Io;
  return HttpFailure{{kind, fmt::format("{}: {}", request_.url.without_query(), curl_easy_strerror(code))},
                     is_passing(code)};
}

void HttpTransfer::finish(CURLcode code) { done(judge(code)); }

void HttpTransfer::cancel() {
  done(HttpFailure{{ErrorCode::Cancelled, fmt::format("{}: no longer wanted", request_.url.without_query())}, false});
}

void HttpTransfer::done(std::optional<HttpFailure> failure) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    done_ = true;
  }
  changed_.notify_all();
}

std::expected<HttpResponse, HttpFailure> HttpTransfer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_; });
  if (failure_) return std::unexpected(std::move(*failure_));
  return std::move(response_);
}

}  // namespace ndcast::image
