// The tree is the architecture: a part includes only the parts below it, only one file knows Beast, JSON is read where
// JSON is an edge, and every limit sits in one file.

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kSource = fs::path(NDCAST_SOURCE_DIR) / "src";

/// Whom each part may include, besides itself; the table of ARCHITECTURE.md.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"image", {"base"}},
    {"convert", {"base", "image"}},
    {"scene", {"base"}},
    {"ledger", {"base", "scene"}},
    {"reduce", {"base", "scene", "ledger"}},
    {"plan", {"base", "scene", "image"}},
    {"render", {"base", "scene", "image", "plan"}},
    {"stream", {"base", "scene", "plan"}},
    {"protocol", {"base", "scene", "ledger"}},
    {"auth", {"base"}},
    {"session", {"base", "scene", "ledger", "reduce", "protocol", "auth"}},
    {"transport", {"base"}},
    {"room",
     {"base", "image", "scene", "ledger", "reduce", "plan", "render", "stream", "protocol", "auth", "session",
      "transport"}},
    {"server",
     {"base", "image", "convert", "scene", "ledger", "reduce", "plan", "render", "stream", "protocol", "auth",
      "session", "transport", "room"}},
};

struct Include {
  fs::path file;
  std::string target;
};

std::vector<Include> all_includes() {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> includes;
  for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cc") continue;
    std::ifstream stream(entry.path());
    std::string line;
    std::smatch match;
    while (std::getline(stream, line)) {
      if (std::regex_search(line, match, pattern))
        includes.push_back({entry.path().lexically_relative(kSource), match[1]});
    }
  }
  return includes;
}

TEST(Architecture, IncludesRunDownwardsOnly) {
  std::size_t checked = 0;
  for (const auto& [file, target] : all_includes()) {
    const std::string from = file.begin()->string();
    const std::string to = fs::path(target).begin()->string();
    if (!kMayInclude.contains(to) || !target.contains('/') || target == "base/version.h") continue;
    ++checked;
    ASSERT_TRUE(kMayInclude.contains(from)) << file << ": the part " << from << " is not in the table";
    EXPECT_TRUE(from == to || kMayInclude.at(from).contains(to)) << file << " includes " << target;
  }
  EXPECT_GT(checked, 300U) << "the search found hardly any include; is the source folder right?";
}

/// Folders of `render`: whom each may include, besides itself and what lies in render/ itself.
const std::map<std::string, std::set<std::string>> kRenderMayInclude = {
    {"reference", {}}, {"cpu", {}}, {"sources", {}}, {"engine", {"sources"}}, {"stills", {"engine", "sources"}},
};

/// The folder of a file of `render`; empty for those in render/ itself.
std::string render_folder(const fs::path& file) {
  return std::distance(file.begin(), file.end()) > 2 ? std::next(file.begin())->string() : "";
}

TEST(Architecture, RenderersKnowNothingOfTheEngineThatDrivesThem) {
  std::size_t checked = 0;
  for (const auto& [file, target] : all_includes()) {
    if (!file.string().starts_with("render/") || !target.starts_with("render/")) continue;
    if (file.filename().string().ends_with("_test.cc")) continue;
    const std::string from = render_folder(file);
    const std::string to = render_folder(target);
    if (to.empty() || to == from || file == "render/renderer.cc") continue;  // which makes renderers of every kind
    ++checked;
    ASSERT_TRUE(from.empty() || kRenderMayInclude.contains(from)) << file << ": " << from << " is not in the table";
    EXPECT_TRUE(!from.empty() && kRenderMayInclude.at(from).contains(to)) << file << " includes " << target;
  }
  EXPECT_GT(checked, 5U);
}

TEST(Architecture, EveryPartOfTheTreeIsInTheTable) {
  for (const auto& entry : fs::directory_iterator(kSource)) {
    const bool is_empty = fs::is_empty(entry.path());
    EXPECT_TRUE(is_empty || kMayInclude.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(Architecture, OnlyTransportKnowsTheNetworkLibrary) {
  std::set<std::string> beast_units;
  for (const auto& [file, target] : all_includes()) {
    if (target.starts_with("boost/asio") || target.starts_with("boost/beast")) {
      EXPECT_EQ(file.begin()->string(), "transport") << file << " includes " << target;
      if (target.starts_with("boost/beast") && file.extension() == ".cc" && !file.stem().string().ends_with("_test")) {
        beast_units.insert(file.string());
      }
    }
    if (target == "simdjson.h") {
      EXPECT_EQ(file.string(), "base/json.cc") << target;
    }
  }
  EXPECT_LE(beast_units.size(), 1U) << "Beast takes half a minute a file to compile";
}

}  // namespace
