#pragma once
// One side of a row, in a process of its own: the engine, the bare codec, or another program. It is started with
//
//   FOLDER LAYOUT CODEC THREADS LAYERS     (LAYOUT: v2, v3, sharded; LAYERS: how many layers of chunks a pass decodes)
//
// prints one line "check NUMBER WAY" once it has decoded all of it (check_of() over the layers, and in which of its
// ways it is fastest), or "absent WHY" when it cannot run here, and then, for each line that it is sent, decodes it
// all again and prints "SECONDS PROCESSOR_SECONDS", the second of all its threads: what a loaded machine changes
// little.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/decode/volume.h"

namespace ndcast::bench {

struct SideTask {
  std::filesystem::path folder;
  std::string layout;
  Codec codec = Codec::Raw;
  std::size_t threads = 1;
  std::int64_t layers = 0;

  std::size_t chunks() const { return static_cast<std::size_t>(layers) * kLayerChunks; }
};

/// A side that lives in this program.
class Side {
 public:
  virtual ~Side() = default;
  virtual std::uint64_t check() = 0;
  /// Decodes everything once; the seconds it took.
  virtual double pass() = 0;
};

enum class Bare {
  Codec,  ///< from memory into memory of the whole volume
  Hot,    ///< into one buffer a thread, which stays in the processor's cache: out of reach of who keeps what it decodes
  Read,   ///< open, pread and close alone, of raw chunks into memory of the whole volume
};
std::unique_ptr<Side> make_bare(const SideTask& task, Bare kind);
std::unique_ptr<Side> make_engine(const SideTask& task);

struct Pass {
  double seconds = 0;
  double processor_s = 0;
};

/// Speaks for `side` on standard input and output until the input ends.
void serve_side(Side& side);

/// A running side, seen from the benchmark. Throws std::runtime_error when it breaks off.
class SideProcess {
 public:
  SideProcess(const std::vector<std::string>& command, const SideTask& task);
  ~SideProcess();
  SideProcess(const SideProcess&) = delete;
  SideProcess& operator=(const SideProcess&) = delete;

  /// Empty when it runs.
  const std::string& absent() const { return absent_; }
  std::uint64_t check() const { return check_; }
  const std::string& way() const { return way_; }
  Pass pass();

 private:
  std::string read_line();

  std::string name_;
  pid_t child_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
  std::string absent_;
  std::uint64_t check_ = 0;
  std::string way_;
};

}  // namespace ndcast::bench
