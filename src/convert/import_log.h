#pragma once
// What an import has finished, on disk beside what it wrote: a line for each object that is complete, so that the same
// import goes on after a kill. The file belongs to one process at a time.
//
//   ND_ASSIGN(auto log, ImportLog::open(folder / "import.log", job));   // empty when another job or boot wrote it
//   log->add({.level = 0, .object = 17, .ranges = {{0, {3, 4095}}}});

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "convert/value_range.h"

namespace ndcast::convert {

struct FinishedObject {
  std::size_t level = 0;
  std::uint64_t object = 0;  ///< C-order index in the level's grid of objects
  /// Level 0: what occurs in it, by channel.
  std::vector<std::pair<std::size_t, ValueRange>> ranges;
};

class ImportLog {
 public:
  /// `job`: everything that the result depends on. A log of the same job in the same boot is continued (after a crash
  /// of the machine, files may lack what was written to them); another's is begun anew. Errors: Io; Forbidden while
  /// another process has it.
  static Result<std::unique_ptr<ImportLog>> open(const std::filesystem::path& path, const std::string& job);
  ~ImportLog();
  ImportLog(const ImportLog&) = delete;
  ImportLog& operator=(const ImportLog&) = delete;

  /// What was there when it was opened; false: nothing of this job.
  bool continued() const { return continued_; }
  const std::vector<FinishedObject>& finished() const { return finished_; }
  /// Any thread. Call when the object's file has its name. Errors: Io.
  Result<void> add(const FinishedObject& object);

 private:
  ImportLog(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  Result<void> load(const std::string& head);
  Result<void> write(std::string_view text) const;

  int descriptor_;
  std::string path_;
  bool continued_ = false;
  std::vector<FinishedObject> finished_;
};

/// One line without its end, and back; nothing for a line that is none (the last one of a killed process).
std::string to_line(const FinishedObject& object);
std::optional<FinishedObject> parse_line(std::string_view line);

}  // namespace ndcast::convert
