#include "convert/import.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/thread_pool.h"
#include "convert/cascade.h"
#include "convert/import_log.h"
#include "convert/level_writer.h"
#include "convert/windows.h"
#include "convert/work_plan.h"
#include "image/file_store.h"
#include "image/read_region.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLogName = ".ndcast-import.log";

/// The whole text under its name, or nothing.
Result<void> write_document(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  fs::path part = path;
  part += ".part";
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << text << '\n';
    file.close();
    if (!file) return fail(ErrorCode::Io, "{}: cannot be written", part.string());
  }
  fs::rename(part, path, error);
  if (error) return fail(ErrorCode::Io, "{}: {}", path.string(), error.message());
  return {};
}

bool looks_like_zarr(const fs::path& path) {
  std::error_code error;
  for (const char* name : {"zarr.json", ".zgroup", ".zattrs", ".zarray"}) {
    if (fs::exists(path / name, error)) return true;
  }
  return false;
}

std::string stem_of(const fs::path& destination) {
  fs::path name = fs::absolute(destination).lexically_normal();
  if (!name.has_filename()) name = name.parent_path();
  std::string text = name.filename().string();
  for (const std::string_view ending : {".zarr", ".ome"}) {
    if (text.size() > ending.size() && text.ends_with(ending)) text.resize(text.size() - ending.size());
  }
  return text;
}

/// Everything that the written bytes depend on.
std::string job_text(const SourceInfo& info, const Pyramid& pyramid, const Encoding& encoding, Method method) {
  std::string out = fmt::format("{}\n{}\n{} {} {}\n", info.identity, image::to_string(info.dtype),
                                static_cast<int>(encoding.format), encoding.level, static_cast<int>(method));
  for (const PyramidLevel& level : pyramid.levels) {
    out += fmt::format("{} / {} / {} / {}\n", fmt::join(level.shape, ","), fmt::join(level.chunk, ","),
                       fmt::join(level.shard, ","), fmt::join(level.factor, ","));
  }
  for (const SourceAxis& axis : info.axes) out += axis.name + " ";
  return out;
}

class Importer {
 public:
  Importer(Source& source, fs::path destination, const ImportOptions& options)
      : source_(source),
        info_(source.info()),
        destination_(std::move(destination)),
        root_(unfinished_path(destination_)),
        options_(options) {}

  Result<ImportReport> run() {
    ND_TRY(check_destination());
    ND_ASSIGN(report_.pyramid, plan_pyramid(info_, options_.pyramid));
    const std::size_t threads =
        options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
    // One more than cores: one of them often waits for the disk.
    ND_ASSIGN(const WorkPlan plan, plan_work(info_, report_.pyramid, {options_.memory_bytes, threads + 1}));
    report_.expected_memory_bytes = plan.expected_bytes();
    ND_TRY(begin());
    ND_TRY(work(plan));
    ND_TRY(publish());
    return std::move(report_);
  }

 private:
  Result<void> check_destination() const {
    std::error_code error;
    if (!fs::exists(destination_, error)) return {};
    if (!options_.overwrite)
      return fail(ErrorCode::Invalid, "{}: exists already; --overwrite replaces it", destination_.string());
    if (looks_like_zarr(destination_) || (fs::is_directory(destination_, error) && fs::is_empty(destination_, error)))
      return {};
    return fail(ErrorCode::Invalid, "{}: is no zarr folder, so it is not overwritten", destination_.string());
  }

  Method method() const { return options_.method ? *options_.method : info_.labels ? Method::Mode : Method::Mean; }

  Result<void> begin() {
    std::error_code error;
    fs::create_directories(root_, error);
    if (error) return fail(ErrorCode::Io, "{}: {}", root_.string(), error.message());
    ND_ASSIGN(log_, ImportLog::open(root_ / kLogName, job_text(info_, report_.pyramid, options_.encoding, method())));
    report_.resumed = log_->continued();
    if (!report_.resumed) {
      for (const auto& entry : fs::directory_iterator(root_, error)) {
        if (entry.path().filename() != kLogName) fs::remove_all(entry.path(), error);
      }
    }
    const Pyramid& pyramid = report_.pyramid;
    for (std::size_t level = 0; level < pyramid.levels.size(); ++level) {
      writers_.push_back(
          std::make_unique<LevelWriter>(LevelWriter::Place{root_, level}, info_, pyramid, options_.encoding, *log_));
      for (const Document& document : array_documents(info_, pyramid, level, options_.encoding)) {
        ND_TRY(write_document(root_ / document.key, document.text));
      }
    }
    for (const FinishedObject& object : log_->finished()) {
      if (object.level < writers_.size()) writers_[object.level]->mark_finished(object);
    }
    progress_.bytes_total = *checked_volume_bytes(info_.shape, info_.dtype, info_.path);
    report_.bytes_read = progress_.bytes_total;
    cascade_ = std::make_unique<Cascade>(info_, pyramid, method(), writers_);
    return {};
  }

  /// A box of level 0 on its way.
  struct Unit {
    Box box;
    std::vector<std::byte> voxels;
    std::vector<Box> cells;     ///< those that something still needs
    std::vector<Box> pieces;    ///< to be read
    bool from_level_0 = false;  ///< written by an earlier run: read back, not read anew
  };

  /// True unless every object that this cell becomes part of is finished.
  bool is_needed(const Box& cell) const {
    Box at = cell;
    for (std::size_t level = 0; level < writers_.size(); ++level) {
      if (level > 0) at = cascade_->parent_box(level, at);
      if (!writers_[level]->is_finished(at.start, at.extent)) return true;
    }
    return false;
  }

  void prepare(const WorkPlan& plan, std::uint64_t index, Unit& unit) {
    unit.box = plan.unit(index);
    unit.cells.clear();
    unit.pieces.clear();
    bool level_0_done = report_.resumed;
    for (Box& cell : plan.cells(unit.box)) {
      if (report_.resumed && !is_needed(cell)) {
        note_done(cell, true);
        continue;
      }
      level_0_done = level_0_done && writers_[0]->is_finished(cell.start, cell.extent);
      unit.cells.push_back(std::move(cell));
    }
    if (unit.cells.empty()) return;
    std::size_t bytes = info_.voxel_bytes();
    for (const std::int64_t extent : unit.box.extent) bytes *= static_cast<std::size_t>(extent);
    unit.voxels.resize(bytes);
    unit.from_level_0 = level_0_done;
    unit.pieces = level_0_done ? unit.cells : plan.pieces(unit.box);
  }

  Result<void> read_piece(Unit& unit, const Box& piece, std::counting_semaphore<>& reads) {
    Target target{unit.voxels.data(), unit.box.extent, Shape(piece.start.size())};
    for (std::size_t axis = 0; axis < piece.start.size(); ++axis)
      target.start[axis] = piece.start[axis] - unit.box.start[axis];
    if (!unit.from_level_0) {
      reads.acquire();
      auto done = source_.read(piece, target);
      reads.release();
      return done;
    }
    ND_ASSIGN(const image::Bytes voxels, image::read_region(*level_0_, piece.start, piece.extent));
    const Shape zero(piece.start.size(), 0);
    image::copy_box(piece.extent, info_.voxel_bytes(), voxels.data(), {piece.extent, zero}, target.data,
                    {target.shape, target.start});
    return {};
  }

  Result<void> work(const WorkPlan& plan) {
    if (report_.resumed) {
      ND_ASSIGN(const std::shared_ptr<const image::Store> store, image::FileStore::open(root_));
      ND_ASSIGN(level_0_, image::open_array(store, "0"));
    }
    ThreadPool pool("import", plan.threads());
    std::counting_semaphore<> reads(static_cast<std::ptrdiff_t>(plan.concurrent_reads()));
    Unit current;
    Unit next;
    for (std::uint64_t round = 0; round <= plan.unit_count(); ++round) {
      next.cells.clear();
      next.pieces.clear();
      if (round < plan.unit_count()) prepare(plan, round, next);
      // Reads come first, so that they wait for the disk while the others encode.
      pool.for_each_index(next.pieces.size() + current.cells.size(), [&](std::size_t i) {
        if (failed()) return;
        note(i < next.pieces.size() ? read_piece(next, next.pieces[i], reads)
                                    : put_cell(current, current.cells[i - next.pieces.size()]));
      });
      if (options_.stop && *options_.stop)
        note(fail(ErrorCode::Cancelled, "{}: stopped; the same import goes on where it was", destination_.string()));
      if (failed()) return std::unexpected(error_);
      std::swap(current, next);
    }
    return {};
  }

  Result<void> put_cell(const Unit& unit, const Box& cell) {
    ND_TRY(cascade_->put(cell, unit.voxels.data(), unit.box));
    note_done(cell, false);
    return {};
  }

  Result<void> publish() {
    GroupContents contents;
    contents.name = options_.name.empty() ? stem_of(destination_) : options_.name;
    contents.labels = method() == Method::Mode;
    if (!contents.labels) {
      ND_ASSIGN(contents.windows, measure_windows(root_, info_, report_.pyramid, ranges()));
    }
    for (const Document& document : group_documents(info_, report_.pyramid, options_.encoding, contents)) {
      ND_TRY(write_document(root_ / document.key, document.text));
    }
    for (const auto& writer : writers_) report_.bytes_written += writer->bytes_written();
    log_.reset();
    std::error_code error;
    fs::remove(root_ / kLogName, error);
    return take_name();
  }

  /// Of every voxel: those of this run and those that the log remembers.
  std::vector<ValueRange> ranges() const {
    std::vector<ValueRange> out = writers_[0]->ranges();
    for (const FinishedObject& object : log_->finished()) {
      for (const auto& [channel, range] : object.ranges) {
        if (object.level == 0 && channel < out.size()) out[channel].join(range);
      }
    }
    return out;
  }

  Result<void> take_name() const {
    if (::rename(root_.c_str(), destination_.c_str()) == 0) return {};
    // Not empty: what is there goes, in one step with what comes.
    if (options_.overwrite &&
        ::renameat2(AT_FDCWD, root_.c_str(), AT_FDCWD, destination_.c_str(), RENAME_EXCHANGE) == 0) {
      std::error_code error;
      fs::remove_all(root_, error);
      return {};
    }
    return fail(ErrorCode::Io, "{}: cannot be named {} ({})", root_.string(), destination_.string(),
                std::strerror(errno));
  }

  bool failed() {
    if (options_.stop && *options_.stop) return true;
    return failed_;
  }
  void note(Result<void> result) {
    if (result) return;
    const std::lock_guard lock(mutex_);
    if (!failed_) error_ = std::move(result).error();
    failed_ = true;
  }
  void note_done(const Box& cell, bool skipped) {
    std::uint64_t bytes = info_.voxel_bytes();
    for (const std::int64_t extent : cell.extent) bytes *= static_cast<std::uint64_t>(extent);
    const std::lock_guard lock(mutex_);
    progress_.bytes_done += bytes;
    if (skipped) progress_.bytes_skipped += bytes;
    if (options_.on_progress) options_.on_progress(progress_);
  }

  Source& source_;
  const SourceInfo& info_;
  const fs::path destination_;
  const fs::path root_;
  const ImportOptions& options_;
  ImportReport report_;
  std::unique_ptr<ImportLog> log_;
  std::vector<std::unique_ptr<LevelWriter>> writers_;
  std::unique_ptr<Cascade> cascade_;
  std::shared_ptr<const image::ZarrArray> level_0_;  ///< of an earlier run
  std::mutex mutex_;
  ImportProgress progress_;
  std::atomic<bool> failed_ = false;
  Error error_;
};

}  // namespace

fs::path unfinished_path(const fs::path& destination) {
  fs::path path = destination.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  path += ".importing";
  return path;
}

Result<ImportReport> import_image(Source& source, const fs::path& destination, const ImportOptions& options) {
  fs::path clean = destination.lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();
  if (clean.empty()) return fail(ErrorCode::Invalid, "the destination has no name");
  return Importer(source, clean, options).run();
}

}  // namespace ndcast::convert
