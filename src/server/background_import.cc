#include "server/background_import.h"

#include <chrono>
#include <cstdlib>

#include "base/digest.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "convert/sampled.h"
#include "image/uri.h"
#include "server/progress_line.h"

namespace ndcast::server {
namespace {

namespace fs = std::filesystem;

/// A place of its own in the cache for this content of these files.
fs::path folder_for(const convert::SourceInfo& info) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(info.identity)));
  return default_cache_dir() / "imports" / digest.hex().substr(0, 32);
}

/// An import that leaves cores and memory to the rooms.
convert::ImportOptions quiet_options(const std::string& name) {
  convert::ImportOptions options;
  options.memory_bytes = limits::kImportMemory / 2;
  options.name = name;
  return options;
}

}  // namespace

bool needs_import(const std::string& uri) {
  const auto path = image::local_path(uri);
  std::error_code error;
  return path && convert::is_importable(*path) && fs::is_regular_file(*path, error);
}

fs::path default_cache_dir() {
  const auto absolute = [](const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value == '/' ? fs::path(value) : fs::path();
  };
  if (const fs::path cache = absolute("XDG_CACHE_HOME"); !cache.empty()) return cache / "ndcast";
  if (const fs::path home = absolute("HOME"); !home.empty()) return home / ".cache" / "ndcast";
  return {};
}

Result<std::unique_ptr<BackgroundImport>> BackgroundImport::begin(const std::string& uri) {
  ND_ASSIGN(const fs::path file, image::local_path(uri));
  if (default_cache_dir().empty()) {
    return fail(ErrorCode::NotFound, "{}: neither XDG_CACHE_HOME nor HOME names a folder to import into",
                file.string());
  }
  std::unique_ptr<BackgroundImport> out(new BackgroundImport);
  std::error_code error;
  const fs::path canonical = fs::canonical(file, error);
  ND_ASSIGN(out->source_, convert::open_source({error ? file.string() : canonical.string()}, {}));
  const fs::path folder = folder_for(out->source_->info());
  const std::string name = file.filename().string();
  out->whole_ = folder / (name + ".ome.zarr");
  out->first_ = out->whole_;
  if (fs::exists(out->whole_, error)) return out;
  if (out->source_->info().sequential) {
    ProgressPrinter printer(stderr);
    convert::ImportOptions options = quiet_options(name);
    options.on_progress = [&](const convert::ImportProgress& progress) {
      printer.update([&](double elapsed_s) { return import_line(progress, elapsed_s); });
    };
    const auto done = convert::import_image(*out->source_, out->whole_, options);
    printer.finish();
    if (!done) return std::unexpected(done.error());
    return out;
  }
  convert::SampledSource sampled(*out->source_, convert::preview_steps(out->source_->info()));
  out->first_ = folder / ("preview of " + name + ".ome.zarr");
  convert::ImportOptions options = quiet_options(name);
  options.overwrite = true;
  ND_TRY(convert::import_image(sampled, out->first_, options));
  return out;
}

BackgroundImport::~BackgroundImport() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void BackgroundImport::start(std::function<void(Result<void>)> on_done) {
  if (is_done()) return;
  thread_ = std::thread([this, on_done = std::move(on_done)] {
    set_thread_name("import");
    convert::ImportOptions options = quiet_options(whole_.stem().stem().string());
    options.stop = &stop_;
    auto told = std::chrono::steady_clock::now();
    const auto begun = told;
    options.on_progress = [&](const convert::ImportProgress& progress) {
      const auto now = std::chrono::steady_clock::now();
      if (now - told < std::chrono::seconds(5)) return;
      told = now;
      log().info("importing {}", import_line(progress, std::chrono::duration<double>(now - begun).count()));
    };
    auto done = convert::import_image(*source_, whole_, options);
    if (stop_) return;
    done ? on_done({}) : on_done(std::unexpected(done.error()));
  });
}

}  // namespace ndcast::server
