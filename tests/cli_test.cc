// The program as people start it: help, mistakes, a port in use, a clean stop; and how much it reads and keeps of
// images far larger than memory.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string output;  ///< standard output and error
};

Outcome run(const std::string& arguments) {
  Outcome outcome;
  FILE* pipe = ::popen((std::string(NDCAST_PROGRAM) + " " + arguments + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) outcome.output.append(buffer, n);
  const int raw = ::pclose(pipe);
  outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  return outcome;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kMri = std::string(NDCAST_SOURCE_DIR) + "/samples/mri-stack.ome.zarr";

TEST(Cli, HelpNamesEveryCommandAndVersionIsOneLine) {
  const Outcome help = run("--help");
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"serve", "info", "validate", "render", "schema", "journal"})
    EXPECT_TRUE(contains(help.output, command)) << help.output;
  EXPECT_TRUE(contains(run("serve --help").output, "--data-root"));
  const Outcome version = run("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.output.rfind("ndcast ", 0), 0U) << version.output;
}

TEST(Cli, MistakesGetASentenceAndAFailure) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "subcommand"},
      {"serv", "serv"},
      {"info /no/such/image", "/no/such/image"},
      {"validate /no/such/image", "/no/such/image"},
      {"render --out /tmp/x.png", "name an image"},
      {"render x --out /tmp/x.png --size 12", "WIDTHxHEIGHT"},
      {"render x --out /tmp/x.png --size 0x5", "WIDTHxHEIGHT"},
      {"render x --out /tmp/x.png --index z", "AXIS=NUMBER"},
      {"render x --out /tmp/x.png --ndisplay 4", "ndisplay"},
      {"render x --out /tmp/x.png --turntable 9", "frame-%04d.png"},
      {"render x --out /tmp/x.mp4", "--turntable or --along"},
      {"render x --out /tmp/x.mp4 --turntable 9 --along z", "one of them"},
      {"render x --out /tmp/x.mp4 --turntable 9 --ndisplay 2", "--ndisplay 3"},
      {"render x --out /tmp/x.mp4 --turntable 9 --from 2", "--along"},
      {"render " + kMri + " --out /tmp/x.mp4 --along q", "no such axis"},
      {"render " + kMri + " --out /tmp/x.mp4 --along x", "is displayed"},
      {"render " + kMri + " --out /tmp/x.mp4 --along z --to 99", "positions 0 to"},
      {"render " + kMri + " --out /tmp/x.mp4 --along z --size 101x100", "even"},
      {"serve --port 70000", "70000"},
      {"serve --log-level loud", "loud"},
      {"serve --napari-ports 8081", "STATE,PIXELS"},
      {"serve --napari-ports 8081,8081", "STATE,PIXELS"},
      {"serve --no-auth --host 0.0.0.0", "--no-auth"},
      {"serve --token-key /no/such/key", "/no/such/key"},
      {"serve --token-key " + kMri, "not a regular file"},
      {"serve --jwks /no/such/keys", "/no/such/keys"},
      {"serve --no-auth --token-key /no/such/key", "--no-auth"},
      {"serve --tls-cert /no/such/cert", "go together"},
      {"serve --tls-client-ca /no/such/ca", "--tls-cert"},
      {"serve --tls-cert /no/such/cert --tls-key /no/such/key", "/no/such/cert"},
      {"serve --base-url /a/../b", "--base-url"},
      {"serve --trusted-proxy proxy", "ADDRESS/BITS"},
      {"serve --max-updates 0", "--max-updates"},
      {"token", "subcommand"},
      {"token create --role viewer", "--new-key"},
      {"token create --role root --key /no/such/key", "root"},
      {"token create --role viewer --key /no/such/key", "/no/such/key"},
      {"token create --role viewer --key /no/such/key --expires 8w", "--expires"},
      {"token inspect a.b.c", "base64url"},
      {"schema --json", "--roles"},
      {"serve /no/such/image --port 0 --log-level off --no-journal", "/no/such/image"},
      {"serve --durability perhaps", "perhaps"},
      {"journal", "subcommand"},
      {"journal show --state-dir /no/such/place", "no journal at /no/such/place"},
  };
  for (const auto& [arguments, expected] : cases) {
    const Outcome outcome = run(arguments);
    EXPECT_NE(outcome.status, 0) << arguments;
    EXPECT_TRUE(contains(outcome.output, expected)) << arguments << " said: " << outcome.output;
  }
  EXPECT_TRUE(contains(run("render " + kMri + " --out /tmp/x.png --index q=3").output, "the axes are z, y, x"));
}

TEST(Cli, ValidateSaysWhatIsWrongAndFails) {
  const std::string sample = std::string(NDCAST_SOURCE_DIR) + "/samples/blastocyst.ome.zarr";
  const Outcome good = run("validate " + sample);
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_TRUE(contains(good.output, ": valid (")) << good.output;
  const std::string broken = "/tmp/ndcast_cli_validate_" + std::to_string(::getpid());
  fs::copy(kMri, broken, fs::copy_options::recursive);
  fs::remove_all(broken + "/s1");
  const Outcome bad = run("validate " + broken);
  EXPECT_EQ(bad.status, 1);
  EXPECT_TRUE(contains(bad.output, "multiscales[0].datasets[1].path: no array at \"s1\" (OME-NGFF 0.4")) << bad.output;
  const Outcome json = run("validate --json " + broken);
  EXPECT_EQ(json.status, 1);
  EXPECT_TRUE(contains(json.output, "\"valid\": false")) << json.output;
  fs::remove_all(broken);
}

TEST(Cli, APortInUseIsOneClearLine) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(socket, 1), 0);
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const Outcome outcome = run("serve --log-level off --no-journal --port " + port);
  ::close(socket);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.output, port) && contains(outcome.output, "in use")) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
}

/// A started server; its first line is the link.
class Server {
 public:
  explicit Server(const std::string& uri, const std::string& option = "--no-journal") {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(NDCAST_PROGRAM, "ndcast", "serve", uri.c_str(), "--port", "0", "--log-level", "warn", option.c_str(),
              static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ::fdopen(ends[0], "r");
    char line[512] = "";
    if (std::fgets(line, sizeof line, out_)) link_ = line;
  }
  ~Server() {
    if (pid_ > 0) stop(SIGKILL);
    std::fclose(out_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& link() const { return link_; }
  int stop(int signal) {
    ::kill(pid_, signal);
    int raw = 0;
    ::waitpid(pid_, &raw, 0);
    pid_ = -1;
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  }

 private:
  pid_t pid_ = -1;
  FILE* out_ = nullptr;
  std::string link_;
};

TEST(Cli, ServePrintsALinkAndStopsCleanlyOnEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Server server(kMri);
    EXPECT_TRUE(contains(server.link(), "http://127.0.0.1:")) << server.link();
    EXPECT_TRUE(contains(server.link(), "/?token="));
    EXPECT_EQ(server.stop(signal), 0);
  }
}

TEST(Cli, JournalIsShownExportedAndVerified) {
  const fs::path directory = fs::temp_directory_path() / ("ndcast-cli-journal-" + std::to_string(::getpid()));
  {
    Server server(kMri, "--state-dir=" + directory.string());
    EXPECT_EQ(server.stop(SIGTERM), 0);
  }
  const std::string where = " --state-dir " + directory.string();
  const Outcome show = run("journal show" + where);
  EXPECT_EQ(show.status, 0) << show.output;
  EXPECT_TRUE(contains(show.output, "room main: history ")) << show.output;
  EXPECT_TRUE(contains(show.output, "operator")) << show.output;
  const Outcome exported = run("journal export --room main" + where);
  EXPECT_EQ(exported.output.front(), '{') << exported.output;
  EXPECT_TRUE(contains(exported.output, "mri-stack.ome.zarr"));
  EXPECT_NE(run("journal show --room other" + where).status, 0);
  EXPECT_EQ(run("journal verify" + where).status, 0) << run("journal verify" + where).output;

  const fs::path file = directory / "journal.sqlite";
  std::string bytes(fs::file_size(file), '\0');
  std::ifstream(file, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const std::size_t at = bytes.find(R"("scope":"scene")");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 15, R"("scope":"scenf")");
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const Outcome damaged = run("journal verify" + where);
  EXPECT_EQ(damaged.status, 1);
  EXPECT_TRUE(contains(damaged.output, "scenf")) << damaged.output;
  fs::remove_all(directory);
}

TEST(Cli, RenderWritesAPng) {
  const fs::path picture = fs::temp_directory_path() / ("ndcast-cli-" + std::to_string(::getpid()) + ".png");
  EXPECT_EQ(run("render " + kMri + " --index z=14 --size 200x200 --out " + picture.string()).status, 0);
  std::ifstream stream(picture, std::ios::binary);
  std::string magic(8, '\0');
  stream.read(magic.data(), 8);
  EXPECT_EQ(magic, "\x89PNG\r\n\x1a\n");
  fs::remove(picture);
}

/// What ffprobe says of a movie: "codec,width,height,colours,frames".
std::string probe(const fs::path& movie) {
  const std::string command =
      "ffprobe -v error -select_streams v -count_frames -show_entries "
      "stream=codec_name,width,height,color_space,nb_read_frames -of csv=p=0 " +
      movie.string();
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::array<char, 256> line{};
  const std::size_t length = std::fread(line.data(), 1, line.size(), pipe);
  ::pclose(pipe);
  return {line.data(), length == 0 ? 0 : length - 1};
}

TEST(Cli, RenderMakesMovies) {
  const fs::path folder = fs::temp_directory_path() / ("ndcast-movies-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string scene = "render " + kMri + " --size 160x120 --quiet ";
  EXPECT_EQ(run(scene + "--turntable 6 --out " + (folder / "turn.mp4").string()).output, "");
  EXPECT_EQ(probe(folder / "turn.mp4"), "h264,160,120,bt709,6");
  EXPECT_EQ(run(scene + "--along z --from 12 --to 3 --every 3 --out " + (folder / "scan.webm").string()).output, "");
  EXPECT_EQ(probe(folder / "scan.webm"), "vp9,160,120,bt709,4");
  EXPECT_EQ(run(scene + "--along z --to 16 --every 8 --out " + (folder / "scan-%03d.png").string()).output, "");
  EXPECT_EQ(run(scene + "--index z=8 --out " + (folder / "still.png").string()).output, "");
  const auto bytes = [&](const char* name) {
    std::ifstream stream(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  EXPECT_TRUE(bytes("scan-001.png") == bytes("still.png")) << "each picture is a still";
  EXPECT_FALSE(bytes("scan-000.png") == bytes("scan-001.png"));
  const Outcome blocked = run(scene + "--turntable 6 --out " + (folder / "nowhere" / "turn.mp4").string());
  EXPECT_EQ(blocked.status, 1);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, 6U) << "nothing unfinished is left";
  fs::remove_all(folder);
}

/// What is printed on standard output comes after what is said on standard error.
std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of('\n') + 1;
  return output.substr(0, end).substr(output.substr(0, end).rfind('\n') + 1);
}

TEST(Cli, TokensAreMadeAndInspected) {
  const fs::path key = fs::temp_directory_path() / ("ndcast-cli-key-" + std::to_string(::getpid()));
  fs::remove(key);
  const Outcome made = run("token create --new-key " + key.string() + " --role editor --room lab --subject ada");
  ASSERT_EQ(made.status, 0) << made.output;
  EXPECT_EQ(fs::status(key).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const std::string token = last_line(made.output);
  EXPECT_EQ(std::count(token.begin(), token.end(), '.'), 2) << token;

  const Outcome valid = run("token inspect " + token + " --key " + key.string());
  EXPECT_EQ(valid.status, 0);
  for (const char* part : {"HS256", "editor", "lab", "ada", "in 8 hours", "\nvalid\n"}) {
    EXPECT_TRUE(contains(valid.output, part)) << part << " in " << valid.output;
  }
  EXPECT_TRUE(contains(run("token inspect " + token).output, "not checked"));

  const Outcome brief = run("token create --key " + key.string() + " --role viewer --expires 1s");
  std::string forged = last_line(brief.output);
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  const Outcome invalid = run("token inspect " + forged + " --key " + key.string());
  EXPECT_EQ(invalid.status, 1);
  EXPECT_TRUE(contains(invalid.output, "auth.invalid")) << invalid.output;
  EXPECT_FALSE(run("token create --new-key " + key.string() + " --role viewer").status == 0) << "a key in use";
  fs::permissions(key, fs::perms::others_read, fs::perm_options::add);
  EXPECT_TRUE(contains(run("token create --key " + key.string() + " --role viewer").output, "chmod 600"));
  fs::remove(key);
}

TEST(Cli, TheRoleTableIsPrinted) {
  const Outcome text = run("schema --roles");
  for (const char* part : {"layer opacity", "fs.listdir", "/api/v1/scene", "own view"}) {
    EXPECT_TRUE(contains(text.output, part)) << text.output;
  }
  EXPECT_EQ(run("schema --roles --json").output.front(), '{');
}

TEST(Cli, SchemaAndInfoAreJson) {
  EXPECT_EQ(run("schema").output.front(), '{');
  const Outcome info = run("info --json --stats " + kMri);
  EXPECT_TRUE(contains(info.output, "0d5d732dfa19e4b526a5ccd7bf3eb9169bf1b939636c1de0ea7fa9a1ae1f6ae2")) << info.output;
}

}  // namespace
