#pragma once
// What every benchmark prints: rows for people, and with --json FILE the same for programs.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"

namespace ndcast::bench {

struct Row {
  std::string what;
  double value = 0;
  std::string unit;
  std::string peer;  ///< what the value is held against in the same run; empty: nothing
  std::optional<double> peer_value;
  std::optional<double> reach;  ///< the ratio (or, without a peer, the value) that is to be reached or stayed below
  bool printed = true;          ///< false: only in the JSON file
};

/// "model name" of /proc/cpuinfo and the number of processors.
inline std::string machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  std::string model = "unknown processor";
  int processors = 0;
  while (std::getline(cpuinfo, line)) {
    if (line.starts_with("processor")) ++processors;
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  }
  return fmt::format("{} x {}", processors, model);
}

inline double percentile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

inline void print_row(const Row& row, double ratio, bool ok) {
  fmt::print("  {:<44} {:>9.2f} {:<4}", row.what, row.value, row.unit);
  if (row.peer_value) fmt::print("  {:.2f} x {} ({:.2f})", ratio, row.peer, *row.peer_value);
  if (row.reach) fmt::print("  reach {:.2f}: {}", *row.reach, ok ? "ok" : "MISSED");
  fmt::print("\n");
}

/// The exit status of `run`, or 2 with a line on standard error when it throws: `int main() { return guarded(…); }`.
template <class Run>
int guarded(const char* name, Run&& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/{}: {}\n", name, error.what());
    return 2;
  }
}

/// Smaller is better in every row. Prints, writes `json_file` unless it is empty, and returns the exit status: 1 when a
/// row misses its reach.
inline int report(const std::string& name, const std::vector<Row>& rows, const std::string& json_file) {
  Json printed = Json::make_array();
  bool all_ok = true;
  fmt::print("{} on {}\n", name, machine());
  for (const Row& row : rows) {
    const bool has_peer = row.peer_value.has_value();
    const double ratio = has_peer ? row.value / *row.peer_value : 0;
    const bool ok = !row.reach || (has_peer ? ratio : row.value) <= *row.reach;
    all_ok = all_ok && ok;
    if (row.printed) print_row(row, ratio, ok);
    const auto optional = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
    printed.push_back(Json::make_object({{"what", row.what},
                                         {"value", row.value},
                                         {"unit", row.unit},
                                         {"peer", row.peer.empty() ? Json(nullptr) : Json(row.peer)},
                                         {"peer_value", optional(row.peer_value)},
                                         {"ratio", has_peer ? Json(ratio) : Json(nullptr)},
                                         {"reach", optional(row.reach)},
                                         {"ok", ok}}));
  }
  if (!json_file.empty()) {
    std::ofstream(json_file) << to_pretty_string(Json::make_object(
                                    {{"name", name}, {"machine", machine()}, {"rows", std::move(printed)}}))
                             << '\n';
  }
  return all_ok ? 0 : 1;
}

}  // namespace ndcast::bench
