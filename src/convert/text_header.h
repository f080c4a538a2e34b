#pragma once
// Headers made of lines of text, as NRRD and MetaImage have them: reading them with a bound, and their numbers.

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "convert/byte_input.h"

namespace ndcast::convert {

/// The first limits::kImportHeaderBytes bytes of a file, or all of it.
Result<std::string> read_header_text(const std::filesystem::path& path);

std::string_view trimmed(std::string_view text);
std::string lower_case(std::string_view text);

/// Takes the next line (without its end, "\r\n" too) off `text`; nothing at the end.
std::optional<std::string_view> take_line(std::string_view& text);

/// Words between blanks.
std::vector<std::string_view> words_of(std::string_view text);

/// The whole of `word` as a number ("nan" and "inf" too, a leading '+' not); nothing otherwise.
template <class T>
std::optional<T> number_of(std::string_view word) {
  T value{};
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// Each word a number. Errors: Invalid, quoting the word; `where` opens the message.
template <class T>
Result<std::vector<T>> numbers_of(std::string_view text, std::string_view where) {
  std::vector<T> out;
  for (const std::string_view word : words_of(text)) {
    const std::optional<T> value = number_of<T>(word);
    if (!value) return fail(ErrorCode::Invalid, "{}: '{}', expected a number", where, word);
    out.push_back(*value);
  }
  return out;
}

/// A header's list of data files, relative to the header: one name; a pattern with a %d and "MIN MAX STEP"; or names, a
/// line each, in `list`.
struct DataFiles {
  std::vector<std::filesystem::path> paths;
  /// Dimensions that one file holds, where the header says so; 0: all but the slowest.
  std::int64_t dimensions = 0;
};

/// `value`: what the header says; `rest`: what follows its line. Errors: Invalid, Limit (limits::kImportFiles),
/// Unsupported (a remote or absolute file is fine, a NUL is not).
Result<DataFiles> data_files(std::string_view value, std::string_view rest, const std::filesystem::path& header,
                             std::string_view where);

/// The files' voxels one after the other, as many of each; however many files there are, none is kept open. `open_one`
/// opens one of that many bytes. Errors: Invalid (`bytes` do not divide), those of `open_one`.
Result<std::unique_ptr<ByteInput>> open_data_files(
    const DataFiles& files, std::uint64_t bytes, std::string_view where,
    const std::function<Result<std::unique_ptr<ByteInput>>(const std::filesystem::path& file, std::uint64_t bytes)>&
        open_one);

}  // namespace ndcast::convert
