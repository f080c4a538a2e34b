#include "convert/stack.h"

#include <algorithm>
#include <cctype>

#include <sys/stat.h>

#include "base/limits.h"

namespace ndcast::convert {
namespace {

class Stack final : public Source {
 public:
  Stack(SourceInfo info, std::vector<std::filesystem::path> files, OpenOne open_one)
      : files_(std::move(files)), open_one_(std::move(open_one)) {
    info_ = std::move(info);
  }

  Result<void> read(const Box& box, const Target& target) override {
    const Shape plane(info_.shape.begin() + 1, info_.shape.end());
    const Box inner{Shape(box.start.begin() + 1, box.start.end()), Shape(box.extent.begin() + 1, box.extent.end())};
    std::size_t target_plane = info_.voxel_bytes();
    for (std::size_t axis = 1; axis < target.shape.size(); ++axis)
      target_plane *= static_cast<std::size_t>(target.shape[axis]);
    for (std::int64_t i = 0; i < box.extent[0]; ++i) {
      const auto& path = files_[static_cast<std::size_t>(box.start[0] + i)];
      ND_ASSIGN(const std::unique_ptr<Source> file, open_one_(path));
      if (file->info().shape != plane || file->info().dtype != info_.dtype) {
        return fail(ErrorCode::Invalid, "{}: is {} of {}, the first of the stack is {} of {}", path.string(),
                    fmt::join(file->info().shape, " x "), image::to_string(file->info().dtype), fmt::join(plane, " x "),
                    image::to_string(info_.dtype));
      }
      ND_TRY(file->read(inner, {target.data + static_cast<std::size_t>(target.start[0] + i) * target_plane,
                                Shape(target.shape.begin() + 1, target.shape.end()),
                                Shape(target.start.begin() + 1, target.start.end())}));
    }
    return {};
  }

 private:
  std::vector<std::filesystem::path> files_;
  OpenOne open_one_;
};

std::string identity_of(const std::vector<std::filesystem::path>& files) {
  std::string out;
  for (const auto& file : files) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) continue;
    out +=
        fmt::format("{} {} {}.{:09}\n", file.string(), status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Source>> open_stack(std::vector<std::filesystem::path> files, OpenOne open_one,
                                           std::string axis) {
  if (files.empty()) return fail(ErrorCode::NotFound, "a stack of no files");
  if (files.size() > limits::kImportFiles)
    return fail(ErrorCode::Limit, "a stack of {} files, expected at most {}", files.size(), limits::kImportFiles);
  ND_ASSIGN(const std::unique_ptr<Source> first, open_one(files.front()));
  SourceInfo info = first->info();
  if (std::ranges::any_of(info.axes, [&](const SourceAxis& other) { return other.name == axis; })) axis = "t";
  if (std::ranges::any_of(info.axes, [&](const SourceAxis& other) { return other.name == axis; })) {
    return fail(ErrorCode::Unsupported, "{}: a stack of images that have z and t already is not supported", info.path);
  }
  info.format = "stack of " + info.format;
  info.axes.insert(info.axes.begin(), make_axis(axis));
  info.shape.insert(info.shape.begin(), static_cast<std::int64_t>(files.size()));
  info.grain.insert(info.grain.begin(), 1);
  info.identity = identity_of(files);
  info.notes.push_back(fmt::format("{} files, {} first, {} last", files.size(), files.front().filename().string(),
                                   files.back().filename().string()));
  ND_TRY(checked_volume_bytes(info.shape, info.dtype, info.path));
  return std::make_unique<Stack>(std::move(info), std::move(files), std::move(open_one));
}

bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    const auto take = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t begin = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string_view x = take(a, i);
    const std::string_view y = take(b, j);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a < b;  // "01" and "1": any order, but always the same
}

}  // namespace ndcast::convert
