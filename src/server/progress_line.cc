#include "server/progress_line.h"

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

std::string time_left(double amount, double rate) { return rate > 0 ? clock_time(amount / rate) + " left" : ""; }

/// "[######------]  48.3 %".
std::string bar(double share) {
  constexpr int kWidth = 30;
  const int filled = std::clamp(static_cast<int>(share * kWidth), 0, kWidth);
  return fmt::format("[{}{}] {:5.1f} %", std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(kWidth - filled), '-'), 100 * share);
}

}  // namespace

ProgressPrinter::ProgressPrinter(std::FILE* out)
    : out_(out), terminal_(::isatty(::fileno(out)) == 1), start_(std::chrono::steady_clock::now()), last_(start_) {}

void ProgressPrinter::update(const std::function<std::string(double)>& line) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (terminal_ ? std::chrono::steady_clock::duration(kTerminalInterval) : kLineInterval)) return;
  last_ = now;
  printed_ = true;
  const std::string text = line(std::chrono::duration<double>(now - start_).count());
  terminal_ ? fmt::print(out_, "\r{}\x1b[K", text) : fmt::print(out_, "{}\n", text);
  std::fflush(out_);
}

void ProgressPrinter::finish() {
  if (terminal_ && printed_) fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
}

std::string import_line(const convert::ImportProgress& progress, double elapsed_s) {
  const auto total = static_cast<double>(std::max<std::uint64_t>(progress.bytes_total, 1));
  const auto done = static_cast<double>(progress.bytes_done);
  const double rate = static_cast<double>(progress.bytes_done - progress.bytes_skipped) / std::max(elapsed_s, 1e-3);
  return fmt::format("{}  {:.2f} of {:.2f} GB  {:.0f} MB/s  {}", bar(done / total), done / 1e9, total / 1e9, rate / 1e6,
                     time_left(total - done, rate));
}

std::string frames_line(std::int64_t done, std::int64_t total, double elapsed_s) {
  const double rate = static_cast<double>(done) / std::max(elapsed_s, 1e-3);
  return fmt::format("{}  {} of {} pictures  {:.1f} / s  {}",
                     bar(static_cast<double>(done) / static_cast<double>(total)), done, total, rate,
                     time_left(static_cast<double>(total - done), rate));
}

}  // namespace ndcast::server
