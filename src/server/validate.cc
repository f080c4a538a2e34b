// ndcast validate: what is wrong with an image.

#include "image/validate.h"

#include <cstdio>

#include "server/commands.h"
#include "server/remote_access.h"

namespace ndcast::server {
namespace {

void print_findings(const image::Validation& found, image::Finding::Severity severity, std::string_view word) {
  for (const image::Finding& finding : found.findings) {
    if (finding.severity == severity) fmt::print("{}: {}\n", word, image::sentence(finding));
  }
}

}  // namespace

int run(const ValidateOptions& options) {
  const auto remote = make_remote({});
  const Result<image::Validation> found =
      remote ? image::validate(options.uri, {{}, *remote}) : std::unexpected(remote.error());
  if (!found) {
    fmt::print(stderr, "ndcast validate: {}\n", found.error().message);
    return 1;
  }
  const std::size_t errors = found->errors();
  if (options.json) {
    fmt::print("{}\n", to_pretty_string(image::validation_json(*found)));
    return errors == 0 ? 0 : 1;
  }
  print_findings(*found, image::Finding::Severity::Error, "error");
  print_findings(*found, image::Finding::Severity::Warning, "warning");
  fmt::print("{}: {} ({} groups, {} arrays, {} chunks looked at; {} errors, {} warnings{})\n", options.uri,
             errors == 0 ? "valid" : "not valid", found->groups, found->arrays, found->chunks, errors,
             found->findings.size() - errors, found->truncated ? ", and more" : "");
  return errors == 0 ? 0 : 1;
}

}  // namespace ndcast::server
