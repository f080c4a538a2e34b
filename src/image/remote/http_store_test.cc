// What only web servers do: lie about ranges, redirect, fail for a while, refuse, stop in the middle.

#include "image/remote/http_store.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>

#include "image/discover.h"
#include "image/image.h"
#include "image/info.h"
#include "image/remote/http_test_util.h"
#include "image/remote/remote.h"
#include "image/remote/s3_store.h"

namespace ndcast::image {
namespace {

using testing::Answer;
using testing::Ask;
using testing::error_of;
using testing::http_store;
using testing::ObjectHandler;
using testing::rules_of;
using testing::TestServer;

std::string text_of(const Result<std::optional<Bytes>>& got) {
  if (!got) return "error: " + got.error().message;
  if (!*got) return "missing";
  return {reinterpret_cast<const char*>((*got)->data()), (*got)->size()};
}

const std::string kDigits = "0123456789";

TEST(HttpStore, KeepsConnectionsOpen) {
  ObjectHandler objects;
  objects.put("/a/b", kDigits);
  const TestServer server(objects);
  const auto store = http_store(server.url("/a/"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(text_of(store->get("b", ByteRange::slice(2, 3))), "234");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.asked().size(), 20U);
  EXPECT_EQ(server.asked()[0].headers.at("range"), "bytes=2-4");
}

TEST(HttpStore, EscapesKeys) {
  ObjectHandler objects;
  objects.put("/root%20dir/a%20b/%C3%BC%3F%23%25", kDigits);
  const TestServer server(objects);
  const auto store = http_store(server.url("/root dir"));
  EXPECT_EQ(text_of(store->get("a b/ü?#%")), kDigits);
  EXPECT_EQ(store->uri_of("a b"), server.url("/root%20dir/a%20b"));
  EXPECT_EQ(error_of(store->get("../x")).code, ErrorCode::Invalid);
}

TEST(HttpStore, ReadsOverServersWithoutRanges) {
  for (const bool with_length : {true, false}) {
    const TestServer server(
        [&](const Ask&) { return Answer{.headers = {}, .body = kDigits, .no_length = !with_length}; });
    const auto store = http_store(server.url());
    EXPECT_EQ(text_of(store->get("b", ByteRange::slice(2, 3))), "234");
    EXPECT_EQ(text_of(store->get("b")), kDigits);
    if (with_length) {
      EXPECT_EQ(text_of(store->get("b", ByteRange::suffix(3))), "789");
      EXPECT_EQ(error_of(store->get("b", ByteRange::slice(8, 3))).code, ErrorCode::Corrupt);
      EXPECT_EQ(error_of(store->get("b", ByteRange::suffix(11))).code, ErrorCode::Corrupt);
    } else {
      const Error error = error_of(store->get("b", ByteRange::suffix(3)));
      EXPECT_EQ(error.code, ErrorCode::Unsupported);
      EXPECT_NE(error.message.find("ignores Range"), std::string::npos) << error.message;
    }
    const Error far = error_of(store->get("b", ByteRange::slice(limits::kIgnoredRangeBytes + 1, 3)));
    EXPECT_EQ(far.code, with_length ? ErrorCode::Unsupported : ErrorCode::Unsupported) << far.message;
  }
}

TEST(HttpStore, RefusesLyingRanges) {
  Answer answer{.status = 206, .headers = {{"Content-Range", "bytes 5-7/10"}}, .body = "567"};
  const TestServer server([&](const Ask&) { return answer; });
  const auto store = http_store(server.url());
  EXPECT_EQ(error_of(store->get("b", ByteRange::slice(2, 3))).code, ErrorCode::Corrupt);
  EXPECT_EQ(text_of(store->get("b", ByteRange::slice(5, 3))), "567");
  answer.headers.clear();
  EXPECT_EQ(error_of(store->get("b", ByteRange::slice(5, 3))).code, ErrorCode::Corrupt);
  answer.headers = {{"Content-Range", "bytes 5-6/7"}};
  answer.body = "56";
  EXPECT_EQ(error_of(store->get("b", ByteRange::slice(5, 3))).code, ErrorCode::Corrupt);
}

TEST(HttpStore, TakesNoMoreThanAskedFor) {
  const TestServer server([](const Ask& ask) {
    return Answer{.headers = {}, .body = std::string(1 << 20, 'x'), .no_length = ask.target == "/unsaid"};
  });
  const auto store = http_store(server.url());
  for (const char* key : {"said", "unsaid"}) {
    EXPECT_EQ(error_of(store->get(key, ByteRange::whole(1000))).code, ErrorCode::Limit) << key;
  }
}

TEST(HttpStore, RefusesEncodingsThatWereNotAskedFor) {
  const TestServer server([](const Ask&) { return Answer{.headers = {{"Content-Encoding", "gzip"}}, .body = "xx"}; });
  EXPECT_EQ(error_of(http_store(server.url())->get("a")).code, ErrorCode::Unsupported);
}

TEST(HttpStore, TriesAgainWhatMayPass) {
  int failures = 3;
  const TestServer server([&](const Ask&) {
    if (failures-- > 0)
      return Answer{.status = failures == 1 ? 429 : 503, .headers = {{"Retry-After", "0"}}, .body = ""};
    return Answer{.headers = {}, .body = kDigits};
  });
  EXPECT_EQ(text_of(http_store(server.url())->get("a")), kDigits);
  EXPECT_EQ(server.asked().size(), 4U);
}

TEST(HttpStore, TriesLostConnectionsAgain) {
  int losses = 2;
  const TestServer server(
      [&](const Ask&) { return Answer{.headers = {}, .body = kDigits, .drop_after = losses-- > 0 ? 4U : SIZE_MAX}; });
  EXPECT_EQ(text_of(http_store(server.url())->get("a")), kDigits);
  EXPECT_EQ(server.connections(), 3);
}

TEST(HttpStore, GivesUpWithASentence) {
  const TestServer server([](const Ask& ask) {
    if (ask.target == "/long") return Answer{.status = 429, .headers = {{"Retry-After", "3600"}}, .body = ""};
    if (ask.target == "/bad") return Answer{.status = 400, .headers = {}, .body = ""};
    return Answer{.status = ask.target == "/secret" ? 403 : 500, .headers = {}, .body = ""};
  });
  const auto store = http_store(server.url());
  EXPECT_EQ(text_of(store->get("down")), fmt::format("error: {}: HTTP 500 (5 tries)", server.url("/down")));
  EXPECT_EQ(text_of(store->get("long")),
            fmt::format("error: {}: HTTP 429 (1 try; it asks to come back in 3600 s)", server.url("/long")));
  EXPECT_EQ(text_of(store->get("bad")), fmt::format("error: {}: HTTP 400", server.url("/bad")));
  const Error secret = error_of(store->get("secret"));
  EXPECT_EQ(secret.code, ErrorCode::Forbidden);
  EXPECT_EQ(secret.message, fmt::format("{}: HTTP 403", server.url("/secret")));
}

TEST(HttpStore, NobodyThere) {
  std::string url;
  {
    const TestServer server([](const Ask&) { return Answer{}; });
    url = server.url();
  }
  const Error error = error_of(http_store(url)->get("a"));
  EXPECT_EQ(error.code, ErrorCode::Io);
  EXPECT_NE(error.message.find(url + "/a"), std::string::npos) << error.message;
}

TEST(HttpStore, AServerThatStallsTimesOut) {
  std::atomic<bool> never{false};
  const TestServer server([&](const Ask&) { return Answer{.headers = {}, .body = "x", .hold = &never}; });
  const HttpClient client({.stall_timeout = std::chrono::seconds(1)});
  const auto response =
      client.perform({.url = *parse_http_url(server.url("/a")), .rules = rules_of({"127.0.0.1"})}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error.code, ErrorCode::Timeout);
  EXPECT_TRUE(response.error().may_pass);
}

TEST(HttpStore, AStoppedReadClosesItsRequest) {
  std::atomic<bool> never{false};
  const TestServer server([&](const Ask&) { return Answer{.headers = {}, .body = "x", .hold = &never}; });
  const auto store = http_store(server.url());
  std::stop_source stop;
  std::jthread reader([&] {
    const auto read = store->read("a", {}, stop.get_token());
    EXPECT_EQ(error_of(read).code, ErrorCode::Cancelled);
  });
  while (server.asked().empty()) std::this_thread::yield();
  stop.request_stop();
  reader.join();
  while (server.aborted() == 0) std::this_thread::yield();
}

TEST(HttpStore, ForbiddenIsMissingOnlyAtS3) {
  const TestServer server([](const Ask& ask) {
    Answer answer{
        .status = 403, .headers = {{"x-amz-request-id", "1"}}, .body = "<Error><Code>AccessDenied</Code></Error>"};
    if (ask.target == "/wrong") answer.body = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
    if (ask.target == "/plain") answer.headers.clear();
    return answer;
  });
  const auto store = http_store(server.url());
  EXPECT_EQ(text_of(store->get("none")), "missing");
  EXPECT_EQ(*store->size("none"), std::nullopt);
  EXPECT_EQ(error_of(store->get("plain")).code, ErrorCode::Forbidden);
  EXPECT_EQ(error_of(store->get("wrong")).message, server.url("/wrong") + ": HTTP 403 (SignatureDoesNotMatch)");
}

TEST(HttpStore, ServersWithoutHead) {
  ObjectHandler objects;
  objects.put("/a", kDigits);
  objects.put("/empty", "");
  const TestServer server([&](const Ask& ask) {
    if (ask.method == "HEAD") return Answer{.status = 405, .headers = {}, .body = ""};
    return objects(ask);
  });
  const auto store = http_store(server.url());
  EXPECT_EQ(*store->size("a"), 10U);
  EXPECT_EQ(*store->size("empty"), 0U);
  EXPECT_EQ(*store->size("none"), std::nullopt);
}

TEST(HttpStore, FollowsRedirectsAndChecksEach) {
  ObjectHandler objects;
  objects.put("/there", kDigits);
  const TestServer target(objects);
  std::string location = target.url("/there");
  const TestServer server(
      [&](const Ask&) { return Answer{.status = 302, .headers = {{"Location", location}}, .body = ""}; });
  const auto store = http_store(server.url());
  EXPECT_EQ(text_of(store->get("a", ByteRange::slice(1, 2))), "12");
  for (const char* outside : {"http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://localhost:1/x"}) {
    location = outside;
    EXPECT_EQ(error_of(store->get("a")).code, ErrorCode::Forbidden) << outside;
  }
  location = "file:///etc/passwd";
  EXPECT_EQ(error_of(store->get("a")).code, ErrorCode::Invalid);
  location = server.url("/again");
  EXPECT_EQ(error_of(store->get("a")).code, ErrorCode::Limit);
}

/// The name is allowed; what it leads to is not. Also with a connection that somebody else was allowed to make.
TEST(HttpStore, NamesThatLeadInsideAreRefused) {
  ObjectHandler objects;
  objects.put("/a", kDigits);
  const TestServer server(objects);
  const auto client = std::make_shared<const HttpClient>();
  const std::string url = fmt::format("http://localhost:{}", server.port());
  const auto open = [&](const std::vector<std::string>& rules) {
    return HttpStore({*parse_http_url(url), client, rules_of(rules), nullptr, {}});
  };
  EXPECT_EQ(error_of(open({"localhost"}).get("a")).code, ErrorCode::Forbidden);
  EXPECT_EQ(server.connections(), 0);
  EXPECT_EQ(text_of(open({"localhost", "127.0.0.0/8"}).get("a")), kDigits);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(error_of(open({"localhost"}).get("a")).code, ErrorCode::Forbidden) << "over the connection that is open";
  EXPECT_EQ(error_of(open({"*"}).get("a")).code, ErrorCode::Forbidden);
  EXPECT_EQ(error_of(open({"127.0.0.1"}).get("a")).code, ErrorCode::Forbidden) << "the name itself is not allowed";
  EXPECT_EQ(server.asked().size(), 1U);
}

TEST(HttpStore, NewGenerationsHaveAnotherVersion) {
  ObjectHandler objects;
  objects.put("/a", kDigits);
  const TestServer server(objects);
  const auto store = http_store(server.url());
  const Version first = (*store->read("a", ByteRange::slice(0, 2), {}))->version;
  EXPECT_EQ((*store->stat("a"))->version, first);
  objects.put("/a", kDigits);
  EXPECT_NE((*store->read("a", ByteRange::slice(0, 2), {}))->version, first);
}

/// A whole image through a server reads as from its folder: metadata, levels found without a listing, every voxel.
TEST(HttpStore, ImagesReadAsFromTheirFolder) {
  const std::filesystem::path folder = std::filesystem::path(NDCAST_SOURCE_DIR) / "samples/mri-stack.ome.zarr";
  ObjectHandler objects;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    objects.put("/lab/mri.zarr/" + entry.path().lexically_relative(folder).string(),
                {std::istreambuf_iterator<char>(stream), {}});
  }
  const TestServer server(objects);
  const std::string url = server.url("/lab/mri.zarr");
  const auto remote = *Remote::make({.allowed = {}, .named = {url}, .s3 = {}, .http = {}});
  const Access access({}, remote, Access::Who::Client);
  const auto here = info_json(folder.string(), {.with_stats = true, .access = {}});
  const auto there = info_json(url, {.with_stats = true, .access = access});
  ASSERT_TRUE(here && there) << there.error().message;
  EXPECT_GE(here->find("arrays")->array().size(), 2U);
  EXPECT_EQ(to_string(*there), to_string(*here));
  const auto found = find_images(url, access);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->options, std::vector<std::string>{url});
  const auto image = open_image(url, access);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE((*image)->watch->is_remote());
  EXPECT_FALSE((*image)->watch->changed());
}

TEST(Remote, ClientsOpenWhatTheOperatorOpened) {
  const auto remote = *Remote::make({.allowed = {"data.example.org", "s3://open-bucket/images"},
                                     .named = {"http://127.0.0.1:9000/lab/a.zarr", "s3://mine/x/y.zarr", "/local/path"},
                                     .s3 = {},
                                     .http = {}});
  using Who = Access::Who;
  for (const char* fine : {"https://data.example.org/any/where", "http://127.0.0.1:9000/lab/b.zarr",
                           "s3://open-bucket/images/1", "s3://open-bucket/images", "s3://mine/x/z"}) {
    EXPECT_TRUE(remote->open(fine, Who::Client)) << fine;
  }
  for (const char* not_so :
       {"https://example.org/x", "http://127.0.0.1:9000/other/b.zarr", "http://127.0.0.1:9000/lab/../other",
        "http://127.0.0.1:9001/lab/b.zarr", "s3://open-bucket/imagesecret", "s3://open-bucket", "s3://mine/w",
        "https://127.0.0.1:9000/lab/b.zarr", "http://169.254.169.254/latest"}) {
    EXPECT_EQ(error_of(remote->open(not_so, Who::Client)).code, ErrorCode::Forbidden) << not_so;
  }
  EXPECT_TRUE(remote->open("http://10.0.0.1/x", Who::Operator));
  EXPECT_EQ(error_of(remote->open("http://169.254.169.254/x", Who::Operator)).code, ErrorCode::Forbidden);
  EXPECT_EQ(error_of(remote->open("https://data.example.org/x?sig=SECRET", Who::Client)).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(open_store("https://data.example.org/x")).code, ErrorCode::Unsupported);
}

TEST(Remote, SettingsComeFromTheEnvironment) {
  std::map<std::string, std::string> variables = {{"AWS_ACCESS_KEY_ID", "id"},
                                                  {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                  {"AWS_REGION", "eu-west-1"},
                                                  {"AWS_ENDPOINT_URL", "http://minio:9000"}};
  const auto read = [&](const char* name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  };
  const S3Settings settings = s3_settings_from(read);
  EXPECT_EQ(settings.endpoint, "http://minio:9000");
  ASSERT_TRUE(settings.credentials);
  EXPECT_EQ(settings.credentials->region, "eu-west-1");
  variables["AWS_NO_SIGN_REQUEST"] = "true";
  EXPECT_FALSE(s3_settings_from(read).credentials);
}

TEST(S3Store, ParsesListings) {
  const auto page = parse_s3_listing(
      R"(<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>
         <Contents><Key>a/zarr.json</Key></Contents><Contents><Key>a/</Key></Contents><Contents><Key>a/&amp;x</Key></Contents>
         <CommonPrefixes><Prefix>a/0/</Prefix></CommonPrefixes><NextContinuationToken>t+/=</NextContinuationToken>
         </ListBucketResult>)",
      "a/");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->entries.size(), 3U);
  EXPECT_EQ(page->entries[1].name, "&x");
  EXPECT_TRUE(page->entries[2].is_directory);
  EXPECT_EQ(page->next, "t+/=");
  EXPECT_EQ(error_of(parse_s3_listing("<html>", "")).code, ErrorCode::Corrupt);
}

/// AWS's published example: "GET Object" of
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
TEST(S3Store, SignsAsAwsPublished) {
  const TestServer server([](const Ask&) { return Answer{}; });
  const HttpClient client(
      {.connect_to = {fmt::format("examplebucket.s3.amazonaws.com:80:127.0.0.1:{}", server.port())}});
  const auto credentials = std::make_shared<const AwsCredentials>(
      AwsCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1"});
  const auto signature_of = [&](const std::string& url, const std::vector<std::string>& headers) {
    const auto response = client.perform({.url = *parse_http_url(url),
                                          .rules = rules_of({"examplebucket.s3.amazonaws.com", "127.0.0.1"}),
                                          .aws = credentials,
                                          .headers = headers},
                                         {});
    EXPECT_TRUE(response) << response.error().error.message;
    return server.asked().empty() ? std::string() : server.asked().back().headers.at("authorization");
  };
  const std::string date = "X-Amz-Date: 20130524T000000Z";
  EXPECT_EQ(signature_of("http://examplebucket.s3.amazonaws.com/test.txt", {"Range: bytes=0-9", date}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  // "GET Bucket Lifecycle" and "Get Bucket (List Objects)" of the same page: a query is signed too.
  EXPECT_NE(signature_of("http://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", {date})
                .find("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            std::string::npos);
}

/// A program that serves until it is destroyed; skipped where it is not installed.
class Program {
 public:
  explicit Program(std::vector<std::string> words) : pid_(::fork()) {
    if (pid_ == 0) {
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~Program() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  const pid_t pid_;
};

TEST(HttpClient, SharesOneHttp2Connection) {
  if (std::system("command -v nghttpd openssl >/dev/null") != 0) GTEST_SKIP() << "nghttpd or openssl is not installed";
  std::string pattern = (std::filesystem::temp_directory_path() / "ndcast_h2_XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  std::filesystem::create_directory(folder / "www");
  std::ofstream(folder / "www/a") << kDigits;
  const std::string key = (folder / "key.pem").string();
  const std::string certificate = (folder / "cert.pem").string();
  const std::string make = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test "
      "-addext subjectAltName=IP:127.0.0.1 -keyout {} -out {} 2>/dev/null",
      key, certificate);
  ASSERT_EQ(std::system(make.c_str()), 0);
  std::uint16_t port = 0;
  {
    const TestServer free([](const Ask&) { return Answer{}; });
    port = free.port();
  }
  const Program server(
      {"nghttpd", "--address=127.0.0.1", "-d", (folder / "www").string(), std::to_string(port), key, certificate});
  const auto client = std::make_shared<const HttpClient>(HttpClientOptions{.ca_file = certificate});
  const std::string url = fmt::format("https://127.0.0.1:{}", port);
  const HttpStore store({*parse_http_url(url), client, rules_of({"127.0.0.1"}), nullptr, {}});
  ASSERT_EQ(text_of(store.get("a")), kDigits) << "the tries wait until it is up";
  const auto one = client->perform({.url = *parse_http_url(url + "/a"), .rules = rules_of({"127.0.0.1"})}, {});
  ASSERT_TRUE(one) << one.error().error.message;
  EXPECT_EQ(one->http_major, 2);
  const std::uint64_t before = client->counters().connections;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_EQ(text_of(store.get("a", ByteRange::whole(100))), kDigits);
    });
  }
  readers.clear();
  EXPECT_EQ(client->counters().connections, before) << "320 requests over the connection that was open";
  EXPECT_EQ(*store.size("a"), 10U);
  EXPECT_EQ(text_of(store.get("none")), "missing");
  // A certificate that nobody vouches for is no server.
  const HttpStore stranger(
      {*parse_http_url(url), std::make_shared<const HttpClient>(), rules_of({"127.0.0.1"}), nullptr, {}});
  EXPECT_EQ(error_of(stranger.get("a")).code, ErrorCode::Io);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ndcast::image
