#include "convert/open_source.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <glob.h>

#include "base/limits.h"
#include "convert/byte_input.h"
#include "convert/metaimage.h"
#include "convert/nifti.h"
#include "convert/npy.h"
#include "convert/nrrd.h"
#include "convert/picture_source.h"
#include "convert/reordered.h"
#include "convert/stack.h"
#include "convert/text_header.h"
#include "convert/tiff_source.h"

namespace ndcast::convert {
namespace {

namespace fs = std::filesystem;

/// One format: how its files begin, how their names end, who opens them.
struct Format {
  std::string_view name;
  std::vector<std::string_view> magics;
  std::vector<std::string_view> endings;  ///< lower case
  Result<std::unique_ptr<Source>> (*open)(const fs::path&, const SourceOptions&);
};

const std::vector<Format>& formats() {
  using namespace std::string_view_literals;
  static const std::vector<Format> kFormats = {
      {"TIFF",
       {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv},
       {".tif", ".tiff", ".btf", ".tf8"},
       [](const fs::path& path, const SourceOptions& options) { return open_tiff(path, options.image); }},
      {"PNG", {"\x89PNG"sv}, {".png"}, [](const fs::path& path, const SourceOptions&) { return open_png(path); }},
      {"JPEG",
       {"\xff\xd8\xff"sv},
       {".jpg", ".jpeg"},
       [](const fs::path& path, const SourceOptions&) { return open_jpeg(path); }},
      {"NRRD",
       {"NRRD00"sv},
       {".nrrd", ".nhdr"},
       [](const fs::path& path, const SourceOptions&) { return open_nrrd(path); }},
      {"NumPy", {"\x93NUMPY"sv}, {".npy"}, [](const fs::path& path, const SourceOptions&) { return open_npy(path); }},
      {"NumPy zip", {}, {".npz"}, [](const fs::path& path, const SourceOptions&) { return open_npz(path); }},
      {"NIfTI",
       {},
       {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"},
       [](const fs::path& path, const SourceOptions&) { return open_nifti(path); }},
      {"MetaImage",
       {},
       {".mhd", ".mha"},
       [](const fs::path& path, const SourceOptions&) { return open_metaimage(path); }},
  };
  return kFormats;
}

const Format* format_of_ending(const fs::path& path) {
  const std::string name = lower_case(path.filename().string());
  for (const Format& format : formats()) {
    for (const std::string_view ending : format.endings) {
      if (name.ends_with(ending)) return &format;
    }
  }
  return nullptr;
}

Result<const Format*> format_of(const fs::path& path) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_file(path));
  std::array<char, 8> head{};
  const std::size_t count = std::min<std::uint64_t>(head.size(), file->size_at_most());
  ND_TRY(file->read_at(0, std::as_writable_bytes(std::span(head).first(count))));
  const std::string_view begin(head.data(), count);
  for (const Format& format : formats()) {
    for (const std::string_view magic : format.magics) {
      if (begin.starts_with(magic)) return &format;
    }
  }
  if (const Format* format = format_of_ending(path)) return format;
  return fail(
      ErrorCode::Unsupported,
      "{}: is none of the formats that can be imported: TIFF, NIfTI, NRRD, MetaImage, NumPy, PNG, JPEG (raw voxels "
      "need --shape and --dtype)",
      path.string());
}

Result<std::unique_ptr<Source>> open_one(const fs::path& path, const SourceOptions& options) {
  if (options.raw) return open_raw(path, *options.raw);
  ND_ASSIGN(const Format* const format, format_of(path));
  return format->open(path, options);
}

/// What a folder holds most of, among what can be imported; hidden files are not looked at.
Result<std::vector<fs::path>> files_of_folder(const fs::path& folder) {
  std::map<const Format*, std::vector<fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const Format* const format = format_of_ending(entry->path());
    if (!format || entry->path().filename().string().starts_with('.') || !entry->is_regular_file(error)) continue;
    found[format].push_back(entry->path());
  }
  if (error) return fail(ErrorCode::Io, "{}: {}", folder.string(), error.message());
  if (found.empty())
    return fail(ErrorCode::NotFound, "{}: a folder without images that can be imported", folder.string());
  return std::ranges::max_element(found, {}, [](const auto& entry) { return entry.second.size(); })->second;
}

Result<std::vector<fs::path>> files_of_pattern(const std::string& pattern) {
  glob_t matches{};
  const int status = ::glob(pattern.c_str(), GLOB_ERR, nullptr, &matches);
  std::vector<fs::path> files(matches.gl_pathv, matches.gl_pathv + (status == 0 ? matches.gl_pathc : 0));
  ::globfree(&matches);
  if (files.empty()) return fail(ErrorCode::NotFound, "{}: no such file", pattern);
  return files;
}

/// A name that exists is itself, whatever is in it.
Result<std::vector<fs::path>> files_named(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    std::error_code error;
    if (fs::is_directory(name, error)) {
      ND_ASSIGN(const std::vector<fs::path> inside, files_of_folder(name));
      files.insert(files.end(), inside.begin(), inside.end());
    } else if (!fs::exists(name, error) && name.find_first_of("*?[") != std::string::npos) {
      ND_ASSIGN(const std::vector<fs::path> matching, files_of_pattern(name));
      files.insert(files.end(), matching.begin(), matching.end());
    } else {
      files.emplace_back(name);
    }
    if (files.size() > limits::kImportFiles) return fail(ErrorCode::Limit, "more than {} files", limits::kImportFiles);
  }
  if (files.size() > 1)
    std::ranges::sort(files, [](const fs::path& a, const fs::path& b) { return natural_less(a.native(), b.native()); });
  return files;
}

}  // namespace

bool is_importable(const fs::path& path) { return format_of_ending(path) != nullptr; }

Result<std::unique_ptr<Source>> open_source(const std::vector<std::string>& names, const SourceOptions& options) {
  ND_ASSIGN(const std::vector<fs::path> files, files_named(names));
  if (files.empty()) return fail(ErrorCode::Invalid, "names no file");
  std::unique_ptr<Source> source;
  if (files.size() == 1) {
    ND_ASSIGN(source, open_one(files.front(), options));
  } else {
    ND_ASSIGN(source, open_stack(files, [options](const fs::path& path) { return open_one(path, options); }));
  }
  return adapt(std::move(source), options);
}

}  // namespace ndcast::convert
