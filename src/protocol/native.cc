#include "protocol/native.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "protocol/values.h"

namespace ndcast::protocol {

std::string wire_target(const scene::RegisterId& id, std::string_view own_view) {
  const std::string_view view = scene::view_of(id);
  if (view.empty()) return id.target;
  const std::string_view name = wire_view(view, own_view);
  if (id.scope != scene::Scope::Dims) return std::string(name);
  return view == own_view ? id.target : fmt::format("{}/{}", name, id.target);
}

std::string_view wire_view(std::string_view view, std::string_view own_view) {
  if (view == own_view) return scene::kMainView.value;
  return view == scene::kMainView.value ? kRoomView : view;
}

scene::ViewId view_from_wire(std::string_view name, const scene::ViewId& own_view) {
  if (name.empty() || name == scene::kMainView.value) return own_view;
  if (name == kRoomView) return scene::kMainView;
  return scene::ViewId{std::string(name)};
}

Json register_json(const scene::RegisterId& id, const ledger::Register& value, const Audience& audience) {
  Json::Object out = {{"scope", to_string(id.scope)},
                      {"target", wire_target(id, audience.view)},
                      {"key", scene::spec_of(id.scope, id.key).name},
                      {"value", to_json(value.value)},
                      {"version", value.version}};
  if (std::holds_alternative<scene::Gone>(value.value)) out.emplace_back("gone", true);
  const ledger::Author nobody;
  const ledger::Author& author = value.author ? *value.author : nobody;
  out.emplace_back("actor", author.actor);
  out.emplace_back("origin", to_string(author.origin));
  if (!author.intent_id.empty() && !audience.session.empty() && author.session == audience.session) {
    out.emplace_back("intent_id", author.intent_id);
  }
  if (author.client_seq) out.emplace_back("client_seq", *author.client_seq);
  if (!author.interaction_id.empty()) out.emplace_back("interaction_id", author.interaction_id);
  if (!author.phase.empty()) out.emplace_back("phase", author.phase);
  return Json(std::move(out));
}

Json snapshot_payload(std::string_view history_id, std::uint64_t server_seq, const Audience& audience,
                      Json::Array registers) {
  return Json::make_object({{"history_id", history_id},
                            {"server_seq", server_seq},
                            {"view", audience.view},
                            {"binding", audience.binding},
                            {"registers", std::move(registers)}});
}

Json snapshot_payload(const ledger::Ledger& ledger, const Audience& audience) {
  Json::Array registers;
  registers.reserve(ledger.registers().size());
  for (const auto& [id, value] : ledger.registers()) registers.push_back(register_json(id, value, audience));
  return snapshot_payload(ledger.history_id(), ledger.server_seq(), audience, std::move(registers));
}

Json commit_payload(std::uint64_t from, std::uint64_t server_seq, Json::Array registers) {
  return Json::make_object({{"from", from}, {"server_seq", server_seq}, {"registers", std::move(registers)}});
}

}  // namespace ndcast::protocol
