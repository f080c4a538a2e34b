#pragma once
// `ndcast serve FILE.tif`: what is not OME-Zarr is imported into a cache, and shown meanwhile as far as it goes: a
// thinned out image at once, the whole one when it is there. Served again, it is in the cache.
//
//   if (needs_import(uri)) {
//     ND_ASSIGN(auto import, BackgroundImport::begin(uri));   // makes the preview
//     show(import->first_image());
//     import->start([&](Result<void> done) { … show(import->image()) … });
//   }

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "convert/import.h"
#include "convert/open_source.h"

namespace ndcast::server {

/// True for the name of a file that `ndcast import` reads.
bool needs_import(const std::string& uri);

/// $XDG_CACHE_HOME/ndcast, else $HOME/.cache/ndcast; empty when neither is set.
std::filesystem::path default_cache_dir();

class BackgroundImport {
 public:
  /// Opens the file and, unless the cache has it, writes the preview; blocks for that. A compressed stream has none: it
  /// is imported whole. Errors: those of open_source() and import_image(); NotFound without a cache folder.
  static Result<std::unique_ptr<BackgroundImport>> begin(const std::string& uri);
  /// Stops an import that runs; it goes on when the file is served again.
  ~BackgroundImport();

  /// What can be shown now, and what will be when it is done; the same when there is nothing left to do.
  const std::filesystem::path& first_image() const { return first_; }
  const std::filesystem::path& image() const { return whole_; }
  bool is_done() const { return first_ == whole_; }

  /// `on_done` is called on the import's own thread, not after the destructor.
  void start(std::function<void(Result<void>)> on_done);

 private:
  BackgroundImport() = default;

  std::unique_ptr<convert::Source> source_;
  std::filesystem::path first_;
  std::filesystem::path whole_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace ndcast::server
