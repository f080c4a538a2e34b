#include "server/import_options.h"

#include <CLI/CLI.hpp>

namespace ndcast::server {

CLI::App* add_import(CLI::App& app, ImportCommandOptions& options, ImportTexts& texts) {
  CLI::App* import = app.add_subcommand("import", "make an OME-Zarr image of other files");
  import
      ->add_option(
          "paths", texts.paths,
          "SRC… DST: a TIFF, OME-TIFF, NIfTI, NRRD or MetaImage file, or a stack of pictures (several files, a folder, "
          "or a quoted pattern); then the folder to make")
      ->required();
  import->add_option("--format", texts.format, "OME-Zarr 0.5 (zarr v3) or 0.4 (zarr v2)")
      ->capture_default_str()
      ->check(CLI::IsMember({"0.5", "0.4"}));
  import->add_option("--chunk", options.import.pyramid.chunk, "chunk, a number an axis: 64,64,64")->delimiter(',');
  import->add_option("--shard", options.import.pyramid.shard, "shard, a multiple of the chunk: 256,256,256")
      ->delimiter(',');
  import->add_flag("--no-shards", texts.no_shards, "every chunk a file of its own (0.4 always is)");
  import->add_flag("--no-levels", texts.no_levels, "level 0 only");
  import->add_option("--downsample", texts.method, "mean, mode (labels), or auto")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "mean", "mode"}));
  import->add_option("--level", options.import.encoding.level, "how hard to compress: 1 (fast) to 9 (small)")
      ->capture_default_str()
      ->check(CLI::Range(1, 9));
  import->add_option("--memory", texts.memory_bytes, "memory to stay below: 512M, 2G")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  import->add_option("--threads", options.import.threads, "by default one a core")->check(CLI::Range(1, 1024));
  import->add_flag("--overwrite", options.import.overwrite, "replace DST when it is there");
  import->add_option("--name", options.import.name, "name of the image; DST's by default");
  import
      ->add_option("--order", texts.order, "order of the axes: the file's, or t, c, z, y, x as OME-NGFF demands (ngff)")
      ->capture_default_str()
      ->check(CLI::IsMember({"file", "ngff"}));
  import->add_option("--axes", options.source.axes, "other names of the axes, a letter each, slowest first: tyx");
  import->add_option("--scale", options.source.scale, "other sizes of a voxel, a number an axis")->delimiter(',');
  import->add_option("--unit", options.source.unit, "their unit: micrometer");
  import->add_option("--image", options.source.image, "which image of an OME-TIFF")->capture_default_str();
  import->add_option("--shape", texts.shape, "raw voxels: the shape, slowest first: 93,64,64")->delimiter(',');
  import->add_option("--dtype", texts.dtype, "raw voxels: uint16, float32, …");
  import->add_option("--byte-order", texts.byte_order, "raw voxels: little or big")
      ->capture_default_str()
      ->check(CLI::IsMember({"little", "big"}));
  import->add_option("--skip", texts.skip_bytes, "raw voxels: bytes before the first");
  import->add_flag("--quiet", options.quiet, "no progress");
  return import;
}

std::string finish_import(const ImportTexts& texts, ImportCommandOptions& options) {
  if (texts.paths.size() < 2) return "import: expected SRC… DST, for example ndcast import stack.tif stack.ome.zarr";
  options.sources.assign(texts.paths.begin(), texts.paths.end() - 1);
  options.destination = texts.paths.back();
  options.source.order = texts.order == "ngff" ? convert::AxisOrder::Ngff : convert::AxisOrder::File;
  options.import.encoding.format = texts.format == "0.4" ? convert::OmeZarr::V04 : convert::OmeZarr::V05;
  options.import.pyramid.sharded = !texts.no_shards && texts.format == "0.5";
  options.import.pyramid.levels = !texts.no_levels;
  if (!options.import.pyramid.sharded && !options.import.pyramid.shard.empty())
    return "--shard: zarr v2 and --no-shards have none";
  if (texts.method != "auto")
    options.import.method = texts.method == "mode" ? convert::Method::Mode : convert::Method::Mean;
  options.import.memory_bytes = texts.memory_bytes;
  if (texts.memory_bytes < limits::kImportMemoryMin)
    return fmt::format("--memory: expected at least {}M", limits::kImportMemoryMin >> 20);
  if (texts.shape.empty() != texts.dtype.empty()) return "raw voxels need both --shape and --dtype";
  if (texts.shape.empty()) return {};
  const auto dtype = image::dtype_from_name(texts.dtype);
  if (!dtype) return "--dtype " + texts.dtype + ": expected uint8, int16, float32, …";
  convert::RawDescription raw{texts.shape, *dtype, options.source.axes, std::endian::little, texts.skip_bytes};
  if (texts.byte_order == "big") raw.byte_order = std::endian::big;
  options.source.raw = raw;
  options.source.axes.clear();
  return {};
}

}  // namespace ndcast::server
