#include "auth/key_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"

namespace ndcast::auth {
namespace {

namespace fs = std::filesystem;

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() { fs::create_directories(folder_); }
  ~KeyFile() override { fs::remove_all(folder_); }
  fs::path write(const std::string& text, mode_t mode = 0600) {
    const fs::path file = folder_ / random_hex(4);
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }
  ErrorCode error(const fs::path& file) {
    const auto secret = read_secret(file);
    EXPECT_FALSE(secret) << file;
    return secret ? ErrorCode::Internal : secret.error().code;
  }
  const fs::path folder_ = fs::temp_directory_path() / ("ndcast-key-" + random_hex(8));
  const std::string kText = std::string(64, 'k');
};

TEST_F(KeyFile, ANewSecretIsPrivateAndReadsBack) {
  const fs::path file = folder_ / "key";
  ASSERT_TRUE(write_new_secret(file));
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto secret = read_secret(file);
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->size(), 64U);
  EXPECT_FALSE(write_new_secret(file)) << "a key that is in use is not written over";
}

TEST_F(KeyFile, TheLinesEndIsNotPartOfIt) { EXPECT_EQ(read_secret(write(kText + "\r\n")), kText); }

TEST_F(KeyFile, OthersMayNotHaveAnyRightToIt) {
  for (const mode_t mode : {0644, 0640, 0604, 0660, 0601}) {
    EXPECT_EQ(error(write(kText, mode)), ErrorCode::Forbidden) << std::oct << mode;
  }
  EXPECT_TRUE(read_secret(write(kText, 0400)));
}

TEST_F(KeyFile, WhatIsNoKeyIsRefused) {
  EXPECT_EQ(error(folder_ / "none"), ErrorCode::NotFound);
  EXPECT_EQ(error(folder_), ErrorCode::Forbidden);
  EXPECT_EQ(error(write("too short")), ErrorCode::Invalid);
  EXPECT_EQ(error(write("-----BEGIN PUBLIC KEY-----\n" + kText)), ErrorCode::Invalid);
  EXPECT_EQ(error(write(std::string(300'000, 'x'))), ErrorCode::Limit);
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error(pipe), ErrorCode::Forbidden) << "and it is not waited for";
}

}  // namespace
}  // namespace ndcast::auth
