#include "convert/import_log.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/digest.h"
#include "convert/text_header.h"

namespace ndcast::convert {
namespace {

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string first_line(const std::string& job) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(job)));
  return fmt::format("ndcast import 1 {} {}", boot_id(), digest.hex());
}

}  // namespace

std::string to_line(const FinishedObject& object) {
  std::string out = fmt::format("{} {}", object.level, object.object);
  for (const auto& [channel, range] : object.ranges) out += fmt::format(" {} {} {}", channel, range.min, range.max);
  return out + " .";  // so that a line cut short is seen
}

std::optional<FinishedObject> parse_line(std::string_view line) {
  const auto words = words_of(line);
  // LEVEL OBJECT, three words a channel, and the full stop.
  if (words.size() % 3 != 0 || words.empty() || words.back() != ".") return std::nullopt;
  const auto level = number_of<std::size_t>(words[0]);
  const auto object = number_of<std::uint64_t>(words[1]);
  if (!level || !object) return std::nullopt;
  FinishedObject out{*level, *object, {}};
  for (std::size_t i = 2; i + 1 < words.size(); i += 3) {
    const auto channel = number_of<std::size_t>(words[i]);
    const auto min = number_of<double>(words[i + 1]);
    const auto max = number_of<double>(words[i + 2]);
    if (!channel || !min || !max) return std::nullopt;
    out.ranges.push_back({*channel, {*min, *max}});
  }
  return out;
}

ImportLog::~ImportLog() { ::close(descriptor_); }

Result<std::unique_ptr<ImportLog>> ImportLog::open(const std::filesystem::path& path, const std::string& job) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0644);
  if (descriptor < 0) return fail(ErrorCode::Io, "{}: {}", path.string(), std::strerror(errno));
  std::unique_ptr<ImportLog> log(new ImportLog(descriptor, path.string()));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::Forbidden, "{}: another process is importing into this folder", path.parent_path().string());
  }
  ND_TRY(log->load(first_line(job)));
  return log;
}

Result<void> ImportLog::load(const std::string& head) {
  std::ifstream file(path_);
  std::string line;
  if (std::getline(file, line) && line == head) {
    continued_ = true;
    while (std::getline(file, line)) {
      if (auto object = parse_line(line)) finished_.push_back(*std::move(object));
    }
    return write("\n");  // ends the line that a kill may have cut short
  }
  if (::ftruncate(descriptor_, 0) != 0) return fail(ErrorCode::Io, "{}: {}", path_, std::strerror(errno));
  return write(head + "\n");
}

Result<void> ImportLog::add(const FinishedObject& object) { return write(to_line(object) + "\n"); }

/// One write: with O_APPEND lines of several threads do not mix.
Result<void> ImportLog::write(std::string_view text) const {
  if (::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  return fail(ErrorCode::Io, "{}: {}", path_, std::strerror(errno));
}

}  // namespace ndcast::convert
