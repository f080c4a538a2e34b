#include "auth/key_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/limits.h"

namespace ndcast::auth {
namespace {

constexpr std::size_t kSecretBytes = 32;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> cannot(const char* verb, const std::filesystem::path& file) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
  return fail(code, "cannot {} {}: {}", verb, file.string(), std::strerror(errno));
}

Result<std::string> read_all(int descriptor, const std::filesystem::path& file) {
  std::string text(limits::kKeyFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", file);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limits::kKeyFileBytes) {
    return fail(ErrorCode::Limit, "{} is larger than {} bytes; is it a key file?", file.string(),
                limits::kKeyFileBytes);
  }
  text.resize(size);
  return text;
}

Result<void> check_private(int descriptor, const std::filesystem::path& file) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return cannot("look at", file);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::Forbidden, "{} is not a regular file", file.string());
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fail(ErrorCode::Forbidden, "{} belongs to another user", file.string());
  }
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::Forbidden, "{} has mode {:04o}: others may use it; chmod 600 it", file.string(),
                status.st_mode & 07777);
  }
  return {};
}

}  // namespace

Result<std::string> read_secret(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) return cannot("open", file);
  ND_TRY(check_private(descriptor.get(), file));
  ND_ASSIGN(std::string secret, read_all(descriptor.get(), file));
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.contains("-----BEGIN")) {
    return fail(ErrorCode::Invalid,
                "{} holds a PEM key, expected a secret of random text (ndcast token create --new-key)", file.string());
  }
  if (secret.size() < kSecretBytes) {
    return fail(ErrorCode::Invalid, "{} holds {} bytes, expected at least {}", file.string(), secret.size(),
                kSecretBytes);
  }
  return secret;
}

Result<void> write_new_secret(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (descriptor.get() < 0) return cannot("create", file);
  const std::string text = random_hex(kSecretBytes) + "\n";
  if (::write(descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(descriptor.get()) != 0) {
    return cannot("write", file);
  }
  return {};
}

Result<std::string> read_public_file(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) return cannot("open", file);
  return read_all(descriptor.get(), file);
}

}  // namespace ndcast::auth
