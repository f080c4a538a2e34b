#pragma once
// Where the rules of validate.h put what they find.

#include <string>
#include <string_view>
#include <utility>

#include "image/validate.h"

namespace ndcast::image {

/// Findings of one document: the file, the version whose rules it is held against, and the place inside.
class Report {
 public:
  Report(Validation& out, std::string file, int ngff_minor) : out_(&out), file_(std::move(file)), minor_(ngff_minor) {}

  /// 4 or 5.
  int ngff_minor() const { return minor_; }
  const std::string& file() const { return file_; }
  /// How findings name a section of the OME-NGFF specification.
  std::string rule(std::string_view section) const { return fmt::format("OME-NGFF 0.{}, {}", minor_, section); }

  /// `section` is that of the OME-NGFF specification.
  template <class... Args>
  void error(std::string key, std::string_view section, fmt::format_string<Args...> format, Args&&... args) {
    add(Finding::Severity::Error, std::move(key), rule(section), fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(std::string key, std::string_view section, fmt::format_string<Args...> format, Args&&... args) {
    add(Finding::Severity::Warning, std::move(key), rule(section), fmt::format(format, std::forward<Args>(args)...));
  }
  /// A rule that is written elsewhere.
  void add(Finding::Severity severity, std::string key, std::string rule, std::string message);

 private:
  Validation* out_;
  std::string file_;
  int minor_;
};

}  // namespace ndcast::image
