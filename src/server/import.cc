// ndcast import: other files become OME-Zarr.

#include "convert/import.h"

#include <chrono>
#include <cstdio>

#include "server/commands.h"
#include "server/progress_line.h"

namespace ndcast::server {
namespace {

int report(const Error& error) {
  fmt::print(stderr, "ndcast import: {}\n", error.message);
  return 1;
}

std::string described(const convert::SourceInfo& info) {
  std::string axes;
  for (const convert::SourceAxis& axis : info.axes) axes += axis.name.size() == 1 ? axis.name : " " + axis.name + " ";
  return fmt::format("{}: {}, {} {} of {}", info.path, info.format, axes, fmt::join(info.shape, " x "),
                     image::to_string(info.dtype));
}

}  // namespace

int run(const ImportCommandOptions& options) {
  const auto source = convert::open_source(options.sources, options.source);
  if (!source) return report(source.error());
  const convert::SourceInfo& info = (*source)->info();
  if (!options.quiet) {
    fmt::print(stderr, "{}\n", described(info));
    for (const std::string& note : info.notes) fmt::print(stderr, "  {}\n", note);
  }
  ProgressPrinter printer(stderr);
  convert::ImportOptions import = options.import;
  if (!options.quiet)
    import.on_progress = [&](const convert::ImportProgress& progress) {
      printer.update([&](double elapsed_s) { return import_line(progress, elapsed_s); });
    };
  const auto begun = std::chrono::steady_clock::now();
  const auto done = convert::import_image(**source, options.destination, import);
  printer.finish();
  if (!done) return report(done.error());
  if (!options.quiet) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    fmt::print(stderr, "{}: {} levels, {:.2f} GB read, {:.2f} GB written, {:.1f} s{}\n", options.destination.string(),
               done->pyramid.levels.size(), static_cast<double>(done->bytes_read) / 1e9,
               static_cast<double>(done->bytes_written) / 1e9, seconds,
               done->resumed ? ", went on where an earlier import was" : "");
  }
  return 0;
}

}  // namespace ndcast::server
