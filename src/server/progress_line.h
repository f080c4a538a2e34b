#pragma once
// How far an import is, for a person: one line that changes on a terminal, a line now and then elsewhere.

#include <chrono>
#include <cstdio>
#include <string>

#include "convert/import.h"

namespace ndcast::server {

/// One thread at a time, as convert::ImportOptions::on_progress calls it.
class ImportProgressPrinter {
 public:
  explicit ImportProgressPrinter(std::FILE* out);
  void update(const convert::ImportProgress& progress);
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
std::string progress_line(const convert::ImportProgress& progress, double elapsed_s);

}  // namespace ndcast::server
