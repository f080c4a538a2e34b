#include "server/import_progress.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unistd.h>

namespace ndcast::server {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::min(std::ceil(seconds), 1e9));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_line(const convert::ImportProgress& progress, double elapsed_s) {
  const auto total = static_cast<double>(std::max<std::uint64_t>(progress.bytes_total, 1));
  const auto done = static_cast<double>(progress.bytes_done);
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(done / total * kWidth);
  const double rate = static_cast<double>(progress.bytes_done - progress.bytes_skipped) / std::max(elapsed_s, 1e-3);
  const std::string left = rate > 0 ? clock_time((total - done) / rate) + " left" : "";
  return fmt::format("[{}{}] {:5.1f} %  {:.2f} of {:.2f} GB  {:.0f} MB/s  {}",
                     std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(kWidth - filled), '-'), 100 * done / total, done / 1e9,
                     total / 1e9, rate / 1e6, left);
}

ImportProgressPrinter::ImportProgressPrinter(std::FILE* out)
    : out_(out), terminal_(::isatty(::fileno(out)) == 1), start_(std::chrono::steady_clock::now()), last_(start_) {}

void ImportProgressPrinter::update(const convert::ImportProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (terminal_ ? std::chrono::steady_clock::duration(kTerminalInterval) : kLineInterval)) return;
  last_ = now;
  printed_ = true;
  const std::string line = progress_line(progress, std::chrono::duration<double>(now - start_).count());
  terminal_ ? fmt::print(out_, "\r{}\x1b[K", line) : fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

void ImportProgressPrinter::finish() {
  if (terminal_ && printed_) fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
}

}  // namespace ndcast::server
