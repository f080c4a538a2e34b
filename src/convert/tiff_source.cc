#include "convert/tiff_source.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/limits.h"
#include "convert/dense_source.h"
#include "convert/ome_xml.h"
#include "convert/text_header.h"
#include "convert/tiff_file.h"

namespace ndcast::convert {
namespace {

/// Beyond this many, files of an image are opened for each read: there are sets of one plane a file.
constexpr std::size_t kFilesKeptOpen = 32;

/// Where one plane lies. `file` indexes TiffSource's files; below 0: stored nowhere, all 0.
struct PlanePlace {
  std::int32_t file = -1;
  std::uint64_t directory = 0;  ///< offset of its directory
};

struct TiffImage {
  std::vector<std::shared_ptr<TiffFile>> files;
  TiffPage page;                   ///< the layout that every plane has
  std::vector<PlanePlace> planes;  ///< C order over the axes before y (channels stored apart not among them)
};

/// Axes: those of the planes, then c if samples are stored apart, y, x, then c if they are stored side by side.
class TiffSource final : public Source {
 public:
  TiffSource(SourceInfo info, TiffImage image) : image_(std::move(image)) {
    info_ = std::move(info);
    const TiffLayout& layout = image_.page.layout;
    const std::size_t ndim = info_.shape.size();
    chunky_ = layout.samples > 1 && !layout.separate;
    y_axis_ = ndim - (chunky_ ? 3 : 2);
    info_.grain.assign(ndim, 1);
    const bool stored = layout.compression == 1 && is_whole(layout.bits);
    if (!stored) {
      info_.grain[y_axis_] = image_.page.block_height;
      info_.grain[y_axis_ + 1] = image_.page.block_width;
      info_.scratch_bytes = image_.page.block_bytes();
    }
    for (const auto& file : image_.files) info_.identity += file->identity() + "\n";
  }

  Result<void> read(const Box& box, const Target& target) override {
    Shape at(y_axis_, 0);
    while (true) {
      ND_TRY(read_plane(box, target, at));
      std::size_t axis = y_axis_;
      while (axis-- > 0) {
        if (++at[axis] < box.extent[axis]) break;
        at[axis] = 0;
      }
      if (axis == SIZE_MAX) return {};
    }
  }

 private:
  Result<void> read_plane(const Box& box, const Target& target, const Shape& at) {
    const TiffLayout& layout = image_.page.layout;
    std::int64_t plane = 0;
    std::int64_t to = 0;
    int sample = 0;
    for (std::size_t axis = 0; axis < y_axis_; ++axis) {
      const std::int64_t index = box.start[axis] + at[axis];
      to = to * target.shape[axis] + target.start[axis] + at[axis];
      if (layout.separate && axis + 1 == y_axis_) {
        sample = static_cast<int>(index);
      } else {
        plane = plane * info_.shape[axis] + index;
      }
    }
    const std::size_t x_axis = y_axis_ + 1;
    to = to * target.shape[y_axis_] + target.start[y_axis_];
    to = to * target.shape[x_axis] + target.start[x_axis];
    if (!chunky_)
      return read_pixels(plane, pixel_box(box, sample), target.data + to * voxel(), target.shape[x_axis] * voxel());
    const std::size_t c_axis = x_axis + 1;
    const std::int64_t samples = info_.shape[c_axis];
    if (box.extent[c_axis] == samples && target.shape[c_axis] == samples) {
      return read_pixels(plane, pixel_box(box, 0), target.data + to * samples * voxel(),
                         target.shape[x_axis] * samples * voxel());
    }
    return read_some_samples(plane, box, target, to);
  }

  /// Part of the channels of interleaved pixels.
  Result<void> read_some_samples(std::int64_t plane, const Box& box, const Target& target, std::int64_t to) {
    const std::size_t c_axis = y_axis_ + 2;
    const std::int64_t pixel = info_.shape[c_axis] * voxel();
    const std::int64_t row = box.extent[y_axis_ + 1] * pixel;
    std::vector<std::byte> pixels(static_cast<std::size_t>(row * box.extent[y_axis_]));
    ND_TRY(read_pixels(plane, pixel_box(box, 0), pixels.data(), row));
    for (std::int64_t y = 0; y < box.extent[y_axis_]; ++y) {
      for (std::int64_t x = 0; x < box.extent[y_axis_ + 1]; ++x) {
        const std::int64_t cell =
            (to + y * target.shape[y_axis_ + 1] + x) * target.shape[c_axis] + target.start[c_axis];
        std::copy_n(pixels.data() + y * row + x * pixel + box.start[c_axis] * voxel(), box.extent[c_axis] * voxel(),
                    target.data + cell * voxel());
      }
    }
    return {};
  }

  Result<void> read_pixels(std::int64_t plane, const PixelBox& box, std::byte* out, std::int64_t row_bytes) {
    const PlanePlace& place = image_.planes[static_cast<std::size_t>(plane)];
    if (place.file < 0) {
      const std::int64_t bytes = box.width * voxel() * (chunky_ ? image_.page.layout.samples : 1);
      for (std::int64_t y = 0; y < box.height; ++y) std::fill_n(out + y * row_bytes, bytes, std::byte{});
      return {};
    }
    TiffPage page = image_.page;
    page.offset = place.directory;
    TiffFile& file = *image_.files[static_cast<std::size_t>(place.file)];
    const auto done = file.read(page, box, out, static_cast<std::size_t>(row_bytes));
    if (image_.files.size() > kFilesKeptOpen) file.let_go();
    return done;
  }

  PixelBox pixel_box(const Box& box, int sample) const {
    return {box.start[y_axis_ + 1], box.start[y_axis_], box.extent[y_axis_ + 1], box.extent[y_axis_], sample};
  }
  std::int64_t voxel() const { return static_cast<std::int64_t>(info_.voxel_bytes()); }

  TiffImage image_;
  std::size_t y_axis_ = 0;
  bool chunky_ = false;
};

/// Appends y, x and the samples of a pixel to the axes of the planes; planes' axes of one element go.
void add_plane_axes(SourceInfo& info, const TiffLayout& layout) {
  for (std::size_t i = info.shape.size(); i-- > 0;) {
    if (info.shape[i] != 1) continue;
    info.shape.erase(info.shape.begin() + static_cast<std::ptrdiff_t>(i));
    info.axes.erase(info.axes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const auto add = [&](SourceAxis axis, std::int64_t extent) {
    info.axes.push_back(std::move(axis));
    info.shape.push_back(extent);
  };
  info.dtype = layout.dtype;
  if (layout.separate) add(make_axis("c"), layout.samples);
  add(make_axis("y"), layout.height);
  add(make_axis("x"), layout.width);
  if (layout.samples > 1 && !layout.separate) add(make_axis("c"), layout.samples);
  if ((layout.samples == 3 || layout.samples == 4) && info.channels.empty()) {
    info.channels = {{"red", {{255, 0, 0}}}, {"green", {{0, 255, 0}}}, {"blue", {{0, 0, 255}}}};
    if (layout.samples == 4) info.channels.push_back({"alpha", {}});
  }
}

SourceAxis* axis_named(SourceInfo& info, std::string_view name) {
  for (SourceAxis& axis : info.axes) {
    if (axis.name == name) return &axis;
  }
  return nullptr;
}

void set_scale(SourceInfo& info, std::string_view name, double scale, const std::string& unit) {
  SourceAxis* axis = axis_named(info, name);
  if (!axis || !(std::isfinite(scale) && scale > 0)) return;
  axis->scale = scale;
  axis->unit = unit;
}

Result<std::unique_ptr<Source>> make_source(SourceInfo info, TiffImage image) {
  ND_TRY(checked_volume_bytes(info.shape, info.dtype, info.path));
  const bool stored = image.page.layout.compression == 1 && is_whole(image.page.layout.bits);
  if (!stored && image.page.block_bytes() > limits::kChunkBytes) {
    return fail(ErrorCode::Limit, "{}: strips or tiles of {} x {} pixels decode to more than {} bytes", info.path,
                image.page.block_width, image.page.block_height, limits::kChunkBytes);
  }
  return std::make_unique<TiffSource>(std::move(info), std::move(image));
}

/// Pixels a centimetre, as cameras' programs write it; an inch is a scanner's or nobody's, and says nothing here.
void set_resolution(SourceInfo& info, const TiffPage& page) {
  if (page.resolution_unit != 3) return;
  set_scale(info, "x", page.x_resolution > 0 ? 10'000 / page.x_resolution : 0, "micrometer");
  set_scale(info, "y", page.y_resolution > 0 ? 10'000 / page.y_resolution : 0, "micrometer");
}

void set_imagej_scales(SourceInfo& info, const ImageJDescription& imagej, const TiffPage& page) {
  const std::string unit = udunits_name(imagej.unit);
  if (!unit.empty()) {
    set_scale(info, "x", page.x_resolution > 0 ? 1 / page.x_resolution : 0, unit);
    set_scale(info, "y", page.y_resolution > 0 ? 1 / page.y_resolution : 0, unit);
    set_scale(info, "z", imagej.spacing, unit);
  }
  set_scale(info, "t", imagej.frame_interval, "second");
}

/// ImageJ's files above 4 GiB: one directory, the planes after its first strip.
Result<std::unique_ptr<Source>> open_contiguous(SourceInfo info, const std::shared_ptr<TiffFile>& file,
                                                const TiffPage& page) {
  ND_ASSIGN(const std::uint64_t first, file->first_block_offset(page));
  DenseLayout layout{nullptr, first, file->byte_order()};
  ND_ASSIGN(layout.input, open_file(file->path()));
  return make_dense_source(std::move(info), std::move(layout));
}

Result<std::unique_ptr<Source>> open_imagej(SourceInfo info, const std::shared_ptr<TiffFile>& file,
                                            const ImageJDescription& imagej, const std::vector<TiffPage>& pages,
                                            std::size_t same) {
  info.format = "ImageJ TIFF";
  const TiffPage& page = pages.front();
  const bool contiguous = pages.size() == 1 && imagej.images > 1 && page.layout.compression == 1 &&
                          is_whole(page.layout.bits) && !page.layout.separate;
  const std::int64_t planes = contiguous ? imagej.images : static_cast<std::int64_t>(same);
  // Each below 2^31, so that the product of two is exact and that of three is checked.
  if (imagej.channels * imagej.slices <= planes && planes % (imagej.channels * imagej.slices) == 0 &&
      planes / (imagej.channels * imagej.slices) == imagej.frames) {
    info.shape = {imagej.frames, imagej.slices, imagej.channels};
    info.axes = {make_axis("t"), make_axis("z"), make_axis("c")};
  } else {
    info.shape = {planes};
    info.axes = {make_axis("z")};
    if (imagej.channels * imagej.slices != 1) {
      info.notes.push_back(
          fmt::format("the description means {} x {} x {} planes, there are {}: taken as a stack along z",
                      imagej.frames, imagej.slices, imagej.channels, planes));
    }
  }
  add_plane_axes(info, page.layout);
  set_imagej_scales(info, imagej, page);
  if (contiguous) return open_contiguous(std::move(info), file, page);
  TiffImage image{{file}, page, {}};
  for (std::size_t i = 0; i < same; ++i) image.planes.push_back({0, pages[i].offset});
  return make_source(std::move(info), std::move(image));
}

/// Opens files of an OME-TIFF by name, each once.
class OmeFiles {
 public:
  OmeFiles(std::shared_ptr<TiffFile> first, std::vector<TiffPage> pages)
      : directory_(std::filesystem::path(first->path()).parent_path()) {
    numbers_[""] = 0;
    numbers_[std::filesystem::path(first->path()).filename().string()] = 0;
    files.push_back(std::move(first));
    pages_.push_back(std::move(pages));
  }

  Result<PlanePlace> find(const OmePlane& plane, const TiffLayout& layout) {
    if (plane.directory < 0) return PlanePlace{};
    ND_ASSIGN(const std::int32_t number, number_of_file(plane.file));
    const auto& pages = pages_[static_cast<std::size_t>(number)];
    const auto index = static_cast<std::size_t>(plane.directory);
    const std::string& path = files[static_cast<std::size_t>(number)]->path();
    if (index >= pages.size()) {
      return fail(ErrorCode::Invalid, "{}: OME-XML means directory {}, the file has {}", path, index, pages.size());
    }
    if (pages[index].layout != layout) {
      return fail(ErrorCode::Unsupported, "{}: directory {} is {} x {} of {}, the first is {} x {} of {}", path, index,
                  pages[index].layout.width, pages[index].layout.height, image::to_string(pages[index].layout.dtype),
                  layout.width, layout.height, image::to_string(layout.dtype));
    }
    return PlanePlace{number, pages[index].offset};
  }

  std::vector<std::shared_ptr<TiffFile>> files;

 private:
  Result<std::int32_t> number_of_file(const std::string& name) {
    if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
    if (std::filesystem::path(name).has_parent_path() || name.contains('\0')) {
      return fail(ErrorCode::Forbidden, "{}: OME-XML names '{}', expected a file beside it", files[0]->path(), name);
    }
    if (files.size() == limits::kImportFiles)
      return fail(ErrorCode::Limit, "{}: more than {} files", files[0]->path(), limits::kImportFiles);
    ND_ASSIGN(std::shared_ptr<TiffFile> file, TiffFile::open(directory_ / name));
    ND_ASSIGN(pages_.emplace_back(), file->pages());
    file->let_go();
    file->keep_closed();
    files.push_back(std::move(file));
    return numbers_[name] = static_cast<std::int32_t>(files.size() - 1);
  }

  std::filesystem::path directory_;
  std::map<std::string, std::int32_t> numbers_;
  std::vector<std::vector<TiffPage>> pages_;
};

void add_ome_axes(SourceInfo& info, const OmePixels& pixels) {
  for (std::size_t i = 5; i-- > 2;) {
    const char letter = pixels.order[i];
    info.axes.push_back(make_axis(letter == 'T' ? "t" : letter == 'Z' ? "z" : "c"));
    info.shape.push_back(letter == 'T'   ? pixels.size_t
                         : letter == 'Z' ? pixels.size_z
                                         : pixels.size_c / pixels.samples);
  }
}

Result<std::unique_ptr<Source>> open_ome(SourceInfo info, const std::shared_ptr<TiffFile>& file,
                                         std::vector<TiffPage> pages, std::size_t index) {
  ND_ASSIGN(const OmePixels pixels, parse_ome_xml(file->description(), index, file->path()));
  info.format = "OME-TIFF";
  OmeFiles files(file, pages);
  TiffImage image{{}, pages.front(), {}};
  // The image's own first plane says how its planes are stored: another image of the document may differ.
  for (const OmePlane& plane : pixels.planes) {
    if (plane.directory < 0) continue;
    if (plane.file.empty() && static_cast<std::size_t>(plane.directory) < pages.size()) {
      image.page = pages[static_cast<std::size_t>(plane.directory)];
    }
    break;
  }
  const TiffLayout& layout = image.page.layout;
  if (layout.width != pixels.size_x || layout.height != pixels.size_y) {
    return fail(ErrorCode::Invalid, "{}: OME-XML means {} x {} pixels, the directory has {} x {}", info.path,
                pixels.size_x, pixels.size_y, layout.width, layout.height);
  }
  if (pixels.samples != layout.samples && !(pixels.samples == 1 && pixels.size_c == layout.samples)) {
    return fail(ErrorCode::Invalid, "{}: OME-XML means {} samples a pixel, the directory has {}", info.path,
                pixels.samples, layout.samples);
  }
  OmePixels taken = pixels;
  if (pixels.samples != layout.samples) {  // three channels that one directory holds, without SamplesPerPixel
    taken.samples = layout.samples;
    taken.planes.resize(static_cast<std::size_t>(taken.size_z * taken.size_t));
  }
  if (taken.samples > 1 && taken.size_c != taken.samples) {
    return fail(ErrorCode::Unsupported, "{}: {} channels in pixels of {} samples are not supported", info.path,
                taken.size_c, taken.samples);
  }
  for (const OmePlane& plane : taken.planes) {
    ND_ASSIGN(image.planes.emplace_back(), files.find(plane, layout));
  }
  image.files = files.files;
  add_ome_axes(info, taken);
  info.channels = taken.channels;
  add_plane_axes(info, layout);
  set_scale(info, "x", pixels.size_xyz[0], pixels.unit_xyz[0]);
  set_scale(info, "y", pixels.size_xyz[1], pixels.unit_xyz[1]);
  set_scale(info, "z", pixels.size_xyz[2], pixels.unit_xyz[2]);
  set_scale(info, "t", pixels.time_increment, pixels.time_unit);
  if (!pixels.image_name.empty()) info.attributes.set("name", pixels.image_name);
  if (pixels.images > 1)
    info.notes.push_back(fmt::format("image {} of {}; --image takes another", index, pixels.images));
  return make_source(std::move(info), std::move(image));
}

Result<std::unique_ptr<Source>> open_plain(SourceInfo info, const std::shared_ptr<TiffFile>& file,
                                           const std::vector<TiffPage>& pages) {
  info.format = "TIFF";
  TiffImage image{{file}, pages.front(), {}};
  std::size_t other = 0;
  for (const TiffPage& page : pages) {
    const bool same = page.layout == image.page.layout && page.reduced == image.page.reduced;
    if (same) image.planes.push_back({0, page.offset});
    if (!same && !page.reduced) ++other;
  }
  if (other > 0)
    info.notes.push_back(fmt::format("{} of {} directories differ from the first in size or type and are left out",
                                     other, pages.size()));
  info.shape = {static_cast<std::int64_t>(image.planes.size())};
  info.axes = {make_axis("z")};
  add_plane_axes(info, image.page.layout);
  set_resolution(info, image.page);
  return make_source(std::move(info), std::move(image));
}

}  // namespace

std::optional<ImageJDescription> parse_imagej_description(std::string_view text) {
  if (!text.starts_with("ImageJ=")) return std::nullopt;
  ImageJDescription out;
  constexpr std::int64_t kFar = INT32_MAX;
  while (const auto line = take_line(text)) {
    const std::size_t equals = line->find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = line->substr(0, equals);
    const std::string_view value = trimmed(line->substr(equals + 1));
    for (const auto& [name, target] : {std::pair{"images", &out.images},
                                       {"channels", &out.channels},
                                       {"slices", &out.slices},
                                       {"frames", &out.frames}}) {
      if (key != name) continue;
      if (const auto number = number_of<std::int64_t>(value); number && *number >= 1 && *number <= kFar)
        *target = *number;
    }
    if (key == "unit") out.unit = std::string(value.substr(0, 40));
    const double number = number_of<double>(value).value_or(0);
    if (key == "spacing" && std::isfinite(number)) out.spacing = std::fabs(number);
    if (key == "finterval" && std::isfinite(number) && number > 0) out.frame_interval = number;
  }
  return out;
}

Result<std::unique_ptr<Source>> open_tiff(const std::filesystem::path& path, std::size_t image) {
  ND_ASSIGN(const std::shared_ptr<TiffFile> file, TiffFile::open(path));
  ND_ASSIGN(std::vector<TiffPage> pages, file->pages());
  SourceInfo info;
  info.path = path.string();
  if (looks_like_ome_xml(file->description())) {
    auto ome = open_ome(info, file, pages, image);
    if (ome || ome.error().code != ErrorCode::Invalid) return ome;
    // Programs edit TIFFs without knowing of the XML: the pixels are still there.
    info.notes.push_back("its OME-XML is not used: " + ome.error().message);
    return open_plain(std::move(info), file, pages);
  }
  if (const auto imagej = parse_imagej_description(file->description())) {
    std::size_t same = 0;
    while (same < pages.size() && pages[same].layout == pages.front().layout) ++same;
    return open_imagej(std::move(info), file, *imagej, pages, same);
  }
  return open_plain(std::move(info), file, pages);
}

}  // namespace ndcast::convert
