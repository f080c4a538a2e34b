#include "tests/sim/names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ndcast::sim {
namespace {

constexpr std::array<std::string_view, 7> kViewScopes = {"view",          "camera", "multiscale", "lod",
                                                         "restore_cache", "op",     "stream"};

std::string joined(std::string_view scope, std::string_view target, std::string_view key) {
  std::string name;
  name.reserve(scope.size() + target.size() + key.size() + 2);
  name.append(scope).append(1, '/').append(target).append(1, '/').append(key);
  return name;
}

}  // namespace

std::string told_view(const scene::ViewId& view, const scene::ViewId& seen) {
  if (view == seen) return "main";
  return view == scene::kMainView ? "room" : view.value;
}

scene::ViewId meant_view(std::string_view told, const scene::ViewId& seen) {
  if (told.empty() || told == "main") return seen;
  return told == "room" ? scene::kMainView : scene::ViewId{std::string(told)};
}

std::string told_target(const scene::RegisterId& id, const scene::ViewId& seen) {
  if (id.scope == scene::Scope::Dims) {
    return id.view == seen.value ? id.target : told_view(scene::ViewId{id.view}, seen) + "/" + id.target;
  }
  const bool is_views = std::ranges::find(kViewScopes, to_string(id.scope)) != kViewScopes.end();
  return is_views ? told_view(scene::ViewId{id.target}, seen) : id.target;
}

std::string told_name(const scene::RegisterId& id, const scene::ViewId& seen) {
  return joined(to_string(id.scope), told_target(id, seen), scene::spec_of(id.scope, id.key).name);
}

std::optional<std::string> true_name(std::string_view scope, std::string_view target, std::string_view key,
                                     const scene::ViewId& seen) {
  const bool is_dims = scope == "dims";
  if (!is_dims && std::ranges::find(kViewScopes, scope) == kViewScopes.end()) return joined(scope, target, key);
  const std::size_t slash = is_dims ? target.find('/') : target.size();
  const bool names_view = slash != std::string_view::npos;
  const std::string_view told = names_view ? target.substr(0, slash) : "main";
  const scene::ViewId view = meant_view(told, seen);
  if (told_view(view, seen) != told || (is_dims && names_view && view == seen)) return std::nullopt;
  if (!is_dims) return joined(scope, view.value, key);
  const std::string_view axis = names_view ? target.substr(slash + 1) : target;
  return joined(scope, view.value + "/" + std::string(axis), key);
}

bool is_anothers(std::string_view scope, std::string_view target) {
  if (scope == "dims") return target.find('/') != std::string_view::npos;
  return target != "main" && std::ranges::find(kViewScopes, scope) != kViewScopes.end();
}

}  // namespace ndcast::sim
