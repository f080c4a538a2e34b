#pragma once
// Large results on their way to whoever asked for them (movies, screenshots): files in a folder of the process' own,
// under names that nobody guesses, until they are too old or newer ones need their place.
//
//   ND_ASSIGN(const std::filesystem::path file, shelf.make_place(".mp4"));   // write it
//   ND_ASSIGN(const std::string id, shelf.keep(file, {.room = "main", .content_type = "video/mp4", .name =
//   "turn.mp4"})); shelf.find(id, "main")                                                  // GET /api/v1/blob/ID
//
// The folder is made when it is first needed, readable to this user alone, and removed at the end; one that a killed
// process left behind is removed when the next one starts.

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/taking_away_limits.h"

namespace ndcast::room {

struct BlobLabel {
  std::string room;  ///< whose tokens open it
  std::string content_type;
  std::string name;  ///< of the file that a browser saves; printable ASCII without quotes
};

struct Blob {
  BlobLabel label;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
};

struct BlobLimits {
  std::uint64_t bytes_each = limits::kBlobBytes;
  std::uint64_t bytes = limits::kBlobsBytes;
  std::size_t count = limits::kBlobs;
  std::uint64_t bytes_in_memory = limits::kBlobBytesInMemory;
  std::chrono::nanoseconds lifetime = limits::kBlobLifetime;
};

/// Thread-safe.
class BlobShelf {
 public:
  explicit BlobShelf(const Clock& clock, std::filesystem::path parent = std::filesystem::temp_directory_path(),
                     BlobLimits limits = {});
  ~BlobShelf();
  BlobShelf(const BlobShelf&) = delete;
  BlobShelf& operator=(const BlobShelf&) = delete;

  /// Where to write one that is to be kept; whoever does not keep it removes it. Errors: Io.
  Result<std::filesystem::path> make_place(std::string_view extension);
  /// Takes the file over and gives it a name of 128 random bits. Old ones make place: first those of its room, oldest
  /// first, then those of others, but no movie for a picture of another room. Errors: Invalid (it is too large), Limit
  /// (no place now), Io; whoever made the file removes it then.
  Result<std::string> keep(const std::filesystem::path& file, BlobLabel label);
  /// Nothing when there is none of that name for the room, any more. Its file stays for as long as somebody has it
  /// open.
  std::optional<Blob> find(std::string_view id, std::string_view room);
  /// All of it, in memory; those who ask for one at the same time share a copy. Blocks. Errors: NotFound (gone
  /// meanwhile), Limit (too much is in memory now).
  Result<std::shared_ptr<const std::string>> read(const Blob& blob);
  const BlobLimits& limits() const { return limits_; }
  /// Removes those that are too old.
  void expire();

 private:
  struct Held {
    std::string id;
    Blob blob;
    MonotonicTime until;
  };

  Result<void> make_folder();
  /// With mutex_ held.
  void drop_old();
  Result<void> make_room(std::uint64_t bytes, const BlobLabel& label);

  const Clock& clock_;
  const std::filesystem::path parent_;
  const BlobLimits limits_;
  std::mutex mutex_;              ///< guards what follows
  std::filesystem::path folder_;  ///< empty until it is made
  int lock_ = -1;                 ///< held as long as the folder is ours
  std::uint64_t places_ = 0;
  std::deque<Held> held_;  ///< oldest first
  std::mutex reading_;     ///< one is read at a time; guards what follows
  std::map<std::filesystem::path, std::weak_ptr<const std::string>> copies_;
};

}  // namespace ndcast::room
