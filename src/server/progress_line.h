#pragma once
// How far something is, for a person: one line that changes on a terminal, a line now and then elsewhere.
//
//   ProgressPrinter printer(stderr);
//   printer.update([&](double elapsed_s) { return frames_line(done, total, elapsed_s); });
//   printer.finish();

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "convert/import.h"

namespace ndcast::server {

/// One thread at a time.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(std::FILE* out);
  /// Prints line(seconds since the start) when it is time for one.
  void update(const std::function<std::string(double elapsed_s)>& line);
  /// Ends the line.
  void finish();

 private:
  std::FILE* out_;
  bool terminal_;
  bool printed_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

/// "[######------]  48.3 %  1.2 of 2.4 GB  312 MB/s  0:04 left".
std::string import_line(const convert::ImportProgress& progress, double elapsed_s);
/// "[######------]  48.3 %  58 of 120 pictures  9.7 / s  0:06 left".
std::string frames_line(std::int64_t done, std::int64_t total, double elapsed_s);

}  // namespace ndcast::server
