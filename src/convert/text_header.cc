#include "convert/text_header.h"

#include <algorithm>
#include <cctype>

#include "base/limits.h"

namespace ndcast::convert {
namespace {

/// "slice.%03d.raw" with a number in it; nothing unless there is exactly one integer conversion.
std::optional<std::string> fill_pattern(std::string_view pattern, std::int64_t number) {
  const std::size_t percent = pattern.find('%');
  if (percent == std::string_view::npos) return std::nullopt;
  std::size_t at = percent + 1;
  const bool zeros = at < pattern.size() && pattern[at] == '0';
  std::size_t width = 0;
  while (at < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[at])) && width < 20) {
    width = width * 10 + static_cast<std::size_t>(pattern[at++] - '0');
  }
  if (at >= pattern.size() || width >= 20 || !std::string_view("diu").contains(pattern[at])) return std::nullopt;
  if (pattern.find('%', at) != std::string_view::npos) return std::nullopt;
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), zeros ? '0' : ' ');
  return std::string(pattern.substr(0, percent)) + digits + std::string(pattern.substr(at + 1));
}

}  // namespace

Result<std::string> read_header_text(const std::filesystem::path& path) {
  ND_ASSIGN(const std::unique_ptr<ByteInput> file, open_file(path));
  std::string text(std::min<std::uint64_t>(file->size_at_most(), limits::kImportHeaderBytes), '\0');
  ND_TRY(file->read_at(0, std::as_writable_bytes(std::span(text))));
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return out;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

Result<DataFiles> data_files(std::string_view value, std::string_view rest, const std::filesystem::path& header,
                             std::string_view where) {
  DataFiles out;
  const auto add = [&](std::string_view name) {
    out.paths.push_back(header.parent_path() / std::filesystem::path(name));
  };
  const auto words = words_of(value);
  if (words.empty() || value.contains('\0')) return fail(ErrorCode::Invalid, "{}: names no data file", where);
  if (words[0] == "LIST") {
    if (words.size() > 1) out.dimensions = number_of<std::int64_t>(words[1]).value_or(-1);
    while (const auto line = take_line(rest)) {
      if (trimmed(*line).empty() || line->contains('\0')) break;
      if (out.paths.size() == limits::kImportFiles) {
        return fail(ErrorCode::Limit, "{}: lists more than {} files", where, limits::kImportFiles);
      }
      add(trimmed(*line));
    }
    if (out.paths.empty()) return fail(ErrorCode::Invalid, "{}: LIST, and no file follows", where);
    return out;
  }
  if (words.size() >= 4 && fill_pattern(words[0], 0)) {
    const auto first = number_of<std::int64_t>(words[1]);
    const auto last = number_of<std::int64_t>(words[2]);
    const auto step = number_of<std::int64_t>(words[3]);
    constexpr std::int64_t kFar = 1'000'000'000;
    if (!first || !last || !step || *step < 1 || *last < *first || *first < -kFar || *last > kFar) {
      return fail(ErrorCode::Invalid, "{}: '{}', expected PATTERN MIN MAX STEP", where, value);
    }
    if (words.size() > 4) out.dimensions = number_of<std::int64_t>(words[4]).value_or(-1);
    if (static_cast<std::size_t>((*last - *first) / *step) >= limits::kImportFiles) {
      return fail(ErrorCode::Limit, "{}: '{}' means more than {} files", where, value, limits::kImportFiles);
    }
    for (std::int64_t number = *first; number <= *last; number += *step) add(*fill_pattern(words[0], number));
    return out;
  }
  add(trimmed(value));
  return out;
}

Result<std::unique_ptr<ByteInput>> open_data_files(
    const DataFiles& files, std::uint64_t bytes, std::string_view where,
    const std::function<Result<std::unique_ptr<ByteInput>>(const std::filesystem::path& file, std::uint64_t bytes)>&
        open_one) {
  if (files.paths.size() == 1) return open_one(files.paths[0], bytes);
  if (bytes % files.paths.size() != 0) {
    return fail(ErrorCode::Invalid, "{}: {} bytes of voxels in {} files of one size, which does not divide them", where,
                bytes, files.paths.size());
  }
  const std::uint64_t part = bytes / files.paths.size();
  std::vector<std::unique_ptr<ByteInput>> inputs;
  for (const std::filesystem::path& file : files.paths) {
    ND_ASSIGN(inputs.emplace_back(), open_one(file, part));
    inputs.back()->let_go();
  }
  return concatenate(std::move(inputs), part);
}

}  // namespace ndcast::convert
