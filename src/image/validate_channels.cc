// omero, labels and image-label.

#include <algorithm>
#include <set>

#include "image/json_fields.h"
#include "image/validate_rules.h"

namespace ndcast::image {
namespace {

constexpr std::string_view kOmero = "omero metadata";
constexpr std::string_view kLabels = "labels metadata";

void check_window(const Json& channel, const std::string& key, Report& report) {
  const Json* window = channel.find("window");
  if (!window) return report.error(key, kOmero, "no \"window\"; expected min, max, start and end");
  const std::string at = key + ".window";
  bool numbers = true;
  for (const char* name : {"min", "max", "start", "end"}) {
    const Json* value = window->find(name);
    if (value && value->is_number()) continue;
    numbers = false;
    report.error(at, kOmero, "\"{}\" is {}; expected a number", name, value ? quoted(*value) : "missing");
  }
  if (!numbers) return;
  const double start = *window->find("start")->as_double();
  const double end = *window->find("end")->as_double();
  if (start >= end) report.warning(at, kOmero, "start {} is not below end {}", start, end);
  if (*window->find("min")->as_double() > start || *window->find("max")->as_double() < end) {
    report.warning(at, kOmero, "{}: start and end reach outside min and max", quoted(*window));
  }
}

void check_color(const Json& channel, const std::string& key, Report& report) {
  const Json* color = channel.find("color");
  const std::string_view text = color ? color->as_string().value_or("") : "";
  const bool hex = text.size() == 6 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!hex) {
    report.error(key, kOmero, "\"color\" is {}; expected 6 hexadecimal digits", color ? quoted(*color) : "missing");
  }
}

/// An integer, also one beyond 2^63 - 1.
bool is_label_value(const Json* value) { return value && (value->as_int64() || value->as_uint64()); }

/// Entries of "colors" or "properties": each with a value of its own.
template <class Check>
void check_entries(const Json& label, std::string_view name, Report& report, Check&& check) {
  const Json* value = label.find(name);
  if (!value) return;
  const std::string key = fmt::format("image-label.{}", name);
  const Json::Array* list = list_of(value, key, 1, kLabels, report);
  if (!list) return;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const std::string at = fmt::format("{}[{}]", key, i);
    const Json* number = entry.find("label-value");
    if (!is_label_value(number)) {
      report.error(at, kLabels, "\"label-value\" is {}; expected an integer", number ? quoted(*number) : "missing");
    } else if (!seen.insert(to_string(*number)).second) {
      report.error(at, kLabels, "\"label-value\" {} a second time", to_string(*number));
    }
    check(entry, at);
  }
}

void check_rgba(const Json& entry, const std::string& key, Report& report) {
  const Json* rgba = entry.find("rgba");
  if (!rgba) return report.warning(key, kLabels, "no \"rgba\"");
  bool good = rgba->is_array() && rgba->size() == 4;
  for (const Json& part : rgba->is_array() ? rgba->array() : Json::Array{}) {
    const auto number = part.as_int64();
    good = good && number && *number >= 0 && *number <= 255;
  }
  if (!good) report.error(key + ".rgba", kLabels, "{}; expected 4 integers from 0 to 255", quoted(*rgba));
}

}  // namespace

void check_omero(const Json& omero, Report& report) {
  const Json* value = omero.find("channels");
  if (!value) return report.error("omero", kOmero, "no \"channels\"; expected a list");
  const Json::Array* channels = list_of(value, "omero.channels", 0, kOmero, report);
  if (!channels) return;
  for (std::size_t i = 0; i < channels->size(); ++i) {
    const std::string key = fmt::format("omero.channels[{}]", i);
    check_color((*channels)[i], key, report);
    check_window((*channels)[i], key, report);
  }
}

void check_labels(const Json& labels, Report& report) {
  const Json::Array* list = list_of(&labels, "labels", 0, kLabels, report);
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& path = (*list)[i];
    const auto text = path.as_string();
    if (!text || !check_key(text->ends_with('/') ? text->substr(0, text->size() - 1) : *text)) {
      report.error(fmt::format("labels[{}]", i), kLabels, "{}; expected the path of a label image", quoted(path));
    }
  }
}

void check_image_label(const Json& label, Report& report) {
  if (!label.is_object()) return report.error("image-label", kLabels, "{}; expected an object", quoted(label));
  if (!label.find("colors")) report.warning("image-label", kLabels, "no \"colors\"; there should be some");
  check_entries(label, "colors", report,
                [&](const Json& entry, const std::string& key) { check_rgba(entry, key, report); });
  check_entries(label, "properties", report, [](const Json&, const std::string&) {});
  if (const Json* source = label.find("source")) {
    if (!source->is_object())
      return report.error("image-label.source", kLabels, "{}; expected an object", quoted(*source));
    string_of(*source, "image", "image-label.source", false, kLabels, report);
  }
}

}  // namespace ndcast::image
