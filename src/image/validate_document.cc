// One metadata document by itself, and what the rules share.

#include "base/limits.h"
#include "image/json_fields.h"
#include "image/ome_metadata.h"
#include "image/validate_rules.h"

namespace ndcast::image {

void Report::add(Finding::Severity severity, std::string key, std::string rule, std::string message) {
  if (out_->findings.size() >= limits::kFindings) {
    out_->truncated = true;
    return;
  }
  out_->findings.push_back({severity, file_, std::move(key), std::move(message), std::move(rule)});
}

const Json::Array* list_of(const Json* value, const std::string& key, std::size_t least, std::string_view section,
                           Report& report) {
  if (value && value->is_array() && value->size() >= least) return &value->array();
  report.error(key, section, "{}; expected a list{}", value ? quoted(*value) : "missing",
               least == 0 ? "" : fmt::format(" of at least {}", least));
  return nullptr;
}

const std::string* string_of(const Json& object, std::string_view name, const std::string& key, bool required,
                             std::string_view section, Report& report) {
  const Json* value = object.find(name);
  if (!value && !required) return nullptr;
  if (value && value->is_string()) return &value->string();
  report.error(key, section, "\"{}\" is {}; expected a string", name, value ? quoted(*value) : "missing");
  return nullptr;
}

std::optional<std::int64_t> integer_of(const Json& object, std::string_view name, const std::string& key,
                                       std::int64_t least, bool required, std::string_view section, Report& report) {
  const Json* value = object.find(name);
  if ((!value || value->is_null()) && !required) return std::nullopt;
  const auto number = value ? value->as_int64() : std::nullopt;
  if (number && *number >= least) return number;
  report.error(key, section, "\"{}\" is {}; expected an integer of at least {}", name,
               value ? quoted(*value) : "missing", least);
  return std::nullopt;
}

int check_version(const Node& node, Validation& out) {
  const int expected = node.zarr_format == 3 ? 5 : 4;
  Report report(out, node.where, expected);
  const Json& ome = ome_attributes(node);
  const auto check = [&](const Json* version, const std::string& key, bool required) {
    constexpr std::string_view kRule = "version";
    if (!version) {
      const auto severity = required ? Finding::Severity::Error : Finding::Severity::Warning;
      report.add(severity, key, fmt::format("OME-NGFF 0.{}, {}", expected, kRule),
                 fmt::format("no \"version\"; expected \"0.{}\"", expected));
    } else if (version->as_string() != fmt::format("0.{}", expected)) {
      report.error(key, kRule, "\"version\" is {}; expected \"0.{}\" in zarr v{}", quoted(*version), expected,
                   node.zarr_format);
    }
  };
  if (expected == 5) {
    const bool wrapped = node.attributes.find("ome") != nullptr;
    if (wrapped) {
      check(ome.find("version"), "ome", true);
    } else {
      report.error("attributes", "namespace", "no \"ome\", where 0.5 keeps its metadata");
    }
    return expected;
  }
  if (const Json* list = ome.find("multiscales"); list && list->is_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      check(list->array()[i].find("version"), fmt::format("multiscales[{}]", i), false);
    }
  }
  for (const char* key : {"plate", "well", "image-label"}) {
    if (const Json* object = ome.find(key)) check(object->find("version"), key, false);
  }
  return expected;
}

void check_document(const Json& ome, Report& report) {
  if (const Json* value = ome.find("multiscales")) check_multiscales(*value, report);
  if (const Json* value = ome.find("omero")) check_omero(*value, report);
  if (const Json* value = ome.find("labels")) check_labels(*value, report);
  if (const Json* value = ome.find("image-label")) check_image_label(*value, report);
  if (const Json* value = ome.find("plate")) check_plate(*value, report);
  if (const Json* value = ome.find("well")) check_well(*value, report);
  if (const Json* value = ome.find("bioformats2raw.layout")) check_layout(*value, report);
}

Validation validate_attributes(const Json& attributes, int zarr_format, std::string_view file) {
  Validation out;
  out.groups = 1;
  Node node;
  node.kind = Node::Kind::Group;
  node.zarr_format = zarr_format;
  node.attributes = attributes.is_object() ? attributes : Json::make_object();
  node.where = file;
  Report report(out, node.where, zarr_format == 3 ? 5 : 4);
  if (!attributes.is_object()) {
    report.error("", "metadata", "{}; expected an object", quoted(attributes));
    return out;
  }
  check_version(node, out);
  check_document(ome_attributes(node), report);
  return out;
}

std::size_t Validation::errors() const {
  std::size_t count = 0;
  for (const Finding& finding : findings) count += finding.severity == Finding::Severity::Error ? 1 : 0;
  return count;
}

std::string sentence(const Finding& finding) {
  std::string out = finding.file;
  if (!finding.key.empty()) out += (out.empty() ? "" : ": ") + finding.key;
  if (!out.empty()) out += ": ";
  return out + fmt::format("{} ({})", finding.message, finding.rule);
}

Json validation_json(const Validation& validation) {
  const auto listed = [&](Finding::Severity severity) {
    Json out = Json::make_array();
    for (const Finding& finding : validation.findings) {
      if (finding.severity != severity) continue;
      out.push_back(Json::make_object(
          {{"file", finding.file}, {"key", finding.key}, {"message", finding.message}, {"rule", finding.rule}}));
    }
    return out;
  };
  Json out = Json::make_object({{"valid", validation.errors() == 0},
                                {"errors", listed(Finding::Severity::Error)},
                                {"warnings", listed(Finding::Severity::Warning)},
                                {"checked", Json::make_object({{"groups", validation.groups},
                                                               {"arrays", validation.arrays},
                                                               {"chunks", validation.chunks}})}});
  if (validation.truncated) out.set("truncated", true);
  return out;
}

}  // namespace ndcast::image
