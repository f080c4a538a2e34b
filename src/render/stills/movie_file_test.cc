// What ndcast says to the ffmpeg program and hears from it, with a program of the test's own in its place.

#include "render/stills/movie_file.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ndcast::render {
namespace {

namespace fs = std::filesystem;

class MovieFileTest : public ::testing::Test {
 protected:
  MovieFileTest() : path_(std::getenv("PATH")) {
    fs::create_directories(folder_);
    ::setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }
  ~MovieFileTest() override {
    ::setenv("PATH", path_.c_str(), 1);
    fs::remove_all(folder_);
  }
  /// Runs in ffmpeg's place; its last argument is the file to write.
  void be_ffmpeg(const std::string& script) const {
    std::ofstream(folder_ / "ffmpeg") << "#!/bin/sh\n" << script << '\n';
    fs::permissions(folder_ / "ffmpeg", fs::perms::owner_all);
  }
  Result<void> make() const {
    ND_ASSIGN(const auto movie, open_movie(folder_ / "a.mp4", 2, 2, 30));
    ND_TRY(movie->add({.width = 2, .height = 2, .rgba = std::vector<std::uint8_t>(16)}));
    return movie->finish();
  }
  std::string text_of(const char* name) const {
    std::ifstream stream(folder_ / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const fs::path folder_ = fs::temp_directory_path() / ("ndcast-movie-test-" + std::to_string(::getpid()));
  const std::string path_;
};

/// Writes what came in where ffmpeg would.
constexpr const char* kCopy = "for last; do :; done; cat > \"${last#file:}\"";

TEST_F(MovieFileTest, TheProgramHoldsNoneOfTheServersFiles) {
  be_ffmpeg("ls -l /proc/self/fd > " + (folder_ / "held").string() + "\n" + kCopy);
  const int mine = ::open((folder_ / "mine").c_str(), O_CREAT | O_RDWR, 0600);
  const auto made = make();
  ::close(mine);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(text_of("a.mp4").size(), 16U);
  const std::string held = text_of("held");
  EXPECT_NE(held.find(" 0 -> pipe:"), std::string::npos) << held;
  EXPECT_EQ(held.find((folder_ / "mine").string()), std::string::npos) << held;
  // 0, 1, 2 and the folder that ls reads.
  EXPECT_EQ(held.find(" 4 -> "), std::string::npos) << held;
}

TEST_F(MovieFileTest, AProgramThatFailsOrWhoseEndIsUnknownMadeNoMovie) {
  be_ffmpeg("cat > /dev/null; exit 3");
  EXPECT_EQ(make().error().message, (folder_ / "a.mp4").string() + ": ffmpeg ended with status 3");
  be_ffmpeg(kCopy);
  // The kernel takes the child's end away: waitpid() finds no child.
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const auto made = make();
  std::signal(SIGCHLD, before);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::Io);
  EXPECT_FALSE(fs::exists(folder_ / "a.mp4"));
  EXPECT_FALSE(fs::exists(folder_ / "a.mp4.part"));
}

}  // namespace
}  // namespace ndcast::render
