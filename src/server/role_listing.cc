#include "server/role_listing.h"

#include <vector>

#include "auth/role_table.h"
#include "protocol/key_forms.h"
#include "session/command_registry.h"
#include "session/role_table.h"

namespace ndcast::server {
namespace {

using auth::Role;

struct Row {
  std::string first;
  std::string second;
  std::string_view viewer;
  std::string_view editor;
  std::string_view admin;
};

std::string_view yes_or_no(std::optional<Role> least, Role role) {
  return !least || auth::may_act_as(role, *least) ? "always" : "never";
}

std::vector<Row> state_rows() {
  std::vector<Row> rows;
  for (const protocol::KeyForm& form : protocol::key_forms()) {
    const auto reach = [&](Role role) { return to_string(session::reach_of(role, form.scope, form.key)); };
    rows.push_back(
        {std::string(form.scope), std::string(form.key), reach(Role::Viewer), reach(Role::Editor), reach(Role::Admin)});
  }
  return rows;
}

Row row_of(std::string_view first, std::string_view second, std::optional<Role> least) {
  return {std::string(first), std::string(second), yes_or_no(least, Role::Viewer), yes_or_no(least, Role::Editor),
          yes_or_no(least, Role::Admin)};
}

std::vector<Row> command_rows() {
  std::vector<Row> rows;
  for (const session::CommandSpec& command : session::command_table()) {
    rows.push_back(row_of(command.name, "", command.role));
  }
  return rows;
}

std::vector<Row> path_rows() {
  std::vector<Row> rows;
  rows.reserve(auth::kPathRules.size());
  for (const auth::PathRule& rule : auth::kPathRules) {
    rows.push_back(row_of(rule.path, rule.least ? "" : "no token needed", rule.least));
  }
  return rows;
}

Json rows_json(const std::vector<Row>& rows, std::string_view first, std::string_view second) {
  Json out = Json::make_array();
  for (const Row& row : rows) {
    Json entry = Json::make_object({{first.data(), row.first}});
    if (!second.empty()) entry.set(second, row.second);
    entry.set("viewer", row.viewer);
    entry.set("editor", row.editor);
    entry.set("admin", row.admin);
    out.push_back(std::move(entry));
  }
  return out;
}

void append_rows(std::string& out, std::string_view title, const std::vector<Row>& rows) {
  fmt::format_to(std::back_inserter(out), "{:<46}  {:<8}  {:<8}  {:<8}\n", title, "viewer", "editor", "admin");
  for (const Row& row : rows) {
    fmt::format_to(std::back_inserter(out), "{:<46}  {:<8}  {:<8}  {:<8}\n", "  " + row.first + " " + row.second,
                   row.viewer, row.editor, row.admin);
  }
}

}  // namespace

Json roles_json() {
  Json paths = rows_json(path_rows(), "path", "");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    paths.array()[i].set("token", auth::kPathRules[i].least.has_value());
    paths.array()[i].set("what", auth::kPathRules[i].what);
  }
  return Json::make_object({{"roles", Json::list(std::vector<std::string_view>{"viewer", "editor", "admin"})},
                            {"state", rows_json(state_rows(), "scope", "key")},
                            {"commands", rows_json(command_rows(), "command", "")},
                            {"paths", std::move(paths)}});
}

std::string roles_text() {
  std::string out;
  append_rows(out, "state.update", state_rows());
  append_rows(out, "\ncall.command", command_rows());
  append_rows(out, "\npath", path_rows());
  return out;
}

}  // namespace ndcast::server
