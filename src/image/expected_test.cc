// Arrays that others wrote, against readings that others made: expected.json lists shape, type, extremes, mean and
// digest of each array, as read by zarr-python and zarrita. The folder comes from NDCAST_TEST_DATA; without it these
// are skipped.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "image/codec.h"
#include "image/info.h"
#include "image/memory_store.h"
#include "image/stats.h"

namespace ndcast::image {
namespace {

/// What this part does not read, so what a reading may fail on. Anything else that fails is a failure.
const std::set<std::string> kCodecsElsewhere = {"vlen-utf8"};

struct Tally {
  int agree = 0;
  std::map<std::string, std::vector<std::string>> out_of_scope;

  void print(const std::string& what) const {
    std::size_t outside = 0;
    for (const auto& [reason, names] : out_of_scope) outside += names.size();
    std::cout << what << ": " << agree << " agree, " << outside << " out of scope\n";
    for (const auto& [reason, names] : out_of_scope) {
      std::cout << "  " << names.size() << " × " << reason << " (" << names.front() << (names.size() > 1 ? ", …" : "")
                << ")\n";
    }
  }
};

std::optional<std::filesystem::path> data_folder() {
  const char* folder = std::getenv("NDCAST_TEST_DATA");
  if (folder && *folder) return folder;
  return std::nullopt;
}

Json read_expected(const std::filesystem::path& folder) {
  const auto store = FileStore::open(folder);
  EXPECT_TRUE(store) << folder;
  auto bytes = (*store)->get("expected.json");
  EXPECT_TRUE(bytes && *bytes);
  // Python wrote it, and Python writes NaN bare.
  std::string text(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size());
  constexpr std::string_view kBare = " NaN\n";
  for (std::size_t at = 0; (at = text.find(kBare, at)) != std::string::npos;) text.replace(at, kBare.size(), "null\n");
  auto json = parse_json(text);
  EXPECT_TRUE(json) << json.error().message;
  return *std::move(json);
}

/// "float" of anything that JSON or our own strings say.
std::optional<double> number(const Json* value) {
  if (!value || value->is_null()) return std::nullopt;
  if (const auto text = value->as_string()) return std::stod(std::string(*text));
  return value->as_double();
}

bool same_number(const Json* a, const Json* b, double tolerance) {
  if (a && b && a->is_string() && b->is_string() && a->string() == b->string()) return true;
  const auto x = number(a);
  const auto y = number(b);
  if (!x || !y) return x.has_value() == y.has_value();
  if (std::isnan(*x) || std::isnan(*y)) return std::isnan(*x) == std::isnan(*y);
  if (std::isinf(*x) || std::isinf(*y)) return *x == *y;
  return std::fabs(*x - *y) <= tolerance * std::max({std::fabs(*x), std::fabs(*y), 1e-300});
}

std::string out_of_scope_reason(const Json& reading, const Json& expected) {
  const Json* dtype = expected.find("dtype");
  if (!dtype || !dtype_from_name(dtype->string())) return "not numeric";
  const Json* error = reading.find("error");
  for (const std::string& codec : kCodecsElsewhere) {
    if (error && error->string().find('"' + codec + '"') != std::string::npos) return "codec " + codec;
  }
  return {};
}

/// What differs, one line each; empty when the readings agree.
std::string differences(const Json& reading, const Json& expected) {
  if (const Json* error = reading.find("error")) return "error: " + error->string();
  std::string out;
  const auto note = [&](const char* key, bool same) {
    if (!same) {
      out += fmt::format("{} is {}, expected {}\n", key, to_string(*reading.find(key)), to_string(*expected.find(key)));
    }
  };
  for (const char* key : {"shape", "dtype", "sha256"}) note(key, *reading.find(key) == *expected.find(key));
  for (const char* key : {"min", "max"}) note(key, same_number(reading.find(key), expected.find(key), 0));
  note("mean", same_number(reading.find("mean"), expected.find("mean"), 1e-9));
  return out;
}

void compare(const std::string& name, const Json& expected, const Json& reading, Tally& tally) {
  if (const std::string reason = out_of_scope_reason(reading, expected); !reason.empty()) {
    tally.out_of_scope[reason].push_back(name);
    return;
  }
  const std::string different = differences(reading, expected);
  EXPECT_EQ(different, "") << name;
  if (different.empty()) ++tally.agree;
}

Tally compare_below(const std::string& prefix) {
  Tally tally;
  const auto folder = *data_folder();
  const Json expected = read_expected(folder);
  for (const auto& [file, arrays] : expected.find("files")->object()) {
    if (!file.starts_with(prefix)) continue;
    std::map<std::string, Json> readings;
    if (std::filesystem::is_directory(folder / file) || file.ends_with(".zip")) {
      const auto info = info_json((folder / file).string(), {.with_stats = true});
      EXPECT_TRUE(info) << file << ": " << info.error().message;
      if (!info) continue;
      for (const Json& entry : info->find("arrays")->array()) readings[entry.find("path")->string()] = entry;
    }
    for (const auto& [key, array] : arrays.object()) {
      if (array.find("error")) continue;
      const std::string name = fmt::format("{} {}", file, key);
      const auto it = readings.find(key);
      if (it == readings.end()) {
        ADD_FAILURE() << name << ": not listed";
        continue;
      }
      compare(name, array, it->second, tally);
    }
  }
  return tally;
}

TEST(Expected, OmeZarrReadingsAgree) {
  if (!data_folder()) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const Tally tally = compare_below("core/omezarr/");
  tally.print("core/omezarr");
  EXPECT_EQ(tally.agree, 142);
}

TEST(Expected, ZarrReadingsAgree) {
  if (!data_folder()) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  const Tally tally = compare_below("core/zarr/");
  tally.print("core/zarr");
  EXPECT_GE(tally.agree, 318);
}

TEST(Expected, CodecVectorsDecode) {
  if (!data_folder()) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  Tally tally;
  const auto folder = *data_folder();
  const Json expected = read_expected(folder);
  const auto store = FileStore::open(folder);
  ASSERT_TRUE(store);
  for (const auto& [key, vector] : expected.find("codecs")->object()) {
    const Json& config = *vector.find("codec");
    const std::string id = config.find("id")->string();
    const CodecRegistration* registration = find_codec(id, 2);
    if (!registration) {
      EXPECT_TRUE(kCodecsElsewhere.contains(id)) << id;
      tally.out_of_scope["codec " + id].push_back(key);
      continue;
    }
    const auto codec = registration->make_bytes(config, key);
    ASSERT_TRUE(codec) << codec.error().message;
    const auto stored = (*store)->get(key);
    ASSERT_TRUE(stored && *stored) << key;
    const auto bytes = static_cast<std::size_t>(*vector.find("decoded_nbytes")->as_int64());
    const auto decoded = (*codec)->decode(**stored, {bytes, true});
    if (!decoded && decoded.error().message.find("lacks") != std::string::npos) {
      tally.out_of_scope[decoded.error().message].push_back(key);
      continue;
    }
    ASSERT_TRUE(decoded) << key << ": " << decoded.error().message;
    Sha256 digest;
    digest.update(*decoded);
    EXPECT_EQ(digest.hex(), vector.find("decoded_sha256")->string()) << key << " " << to_string(config);
    // The same bytes, not told how many they become.
    const auto bounded = (*codec)->decode(**stored, {2 * bytes + 1, false});
    ASSERT_TRUE(bounded) << key << ": " << bounded.error().message;
    EXPECT_EQ(*bounded, *decoded) << key;
    // One byte fewer than it needs.
    EXPECT_FALSE((*codec)->decode(**stored, {bytes - 1, false})) << key;
    ++tally.agree;
  }
  tally.print("codec vectors");
}

}  // namespace
}  // namespace ndcast::image
