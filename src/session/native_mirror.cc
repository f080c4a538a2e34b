#include "session/native_mirror.h"

#include "protocol/native.h"

namespace ndcast::session {
namespace {

Json::Array print_registers(const std::vector<ledger::ToldRegister>& values, const protocol::Audience& audience) {
  Json::Array registers;
  registers.reserve(values.size());
  for (const ledger::ToldRegister& told : values) {
    registers.push_back(protocol::register_json(told.id, told.content, audience));
  }
  return registers;
}

}  // namespace

NativeCommit::NativeCommit(const ledger::Flush& flush, const std::vector<ledger::ToldRegister>& values,
                           double unix_seconds)
    : flush_(flush), values_(values), unix_seconds_(unix_seconds) {
  for (const ledger::ToldRegister& told : values) {
    if (told.content.author && !told.content.author->intent_id.empty()) authors_.insert(told.content.author->session);
  }
}

protocol::Envelope NativeCommit::envelope(std::string_view session, const scene::ViewId& view) const {
  Json::Array registers = print_registers(values_, {.session = session, .view = view.value});
  return {.type = "nd.commit",
          .session = std::string(session),
          .timestamp = unix_seconds_,
          .payload = protocol::commit_payload(flush_.from, flush_.to, std::move(registers))};
}

std::shared_ptr<const std::string> NativeCommit::for_session(const SessionId& session, const scene::ViewId& view) {
  if (authors_.contains(session.value)) {
    return std::make_shared<const std::string>(protocol::print(envelope(session.value, view)));
  }
  auto it = common_.find(view);
  if (it == common_.end()) it = common_.emplace(view, SharedFrame(envelope({}, view))).first;
  return it->second.for_session(session);
}

Json state_payload(const ledger::Ledger& ledger, const Session& session) {
  return protocol::snapshot_payload(
      ledger, {.session = session.id.value, .view = session.view.value, .binding = session.binding});
}

std::optional<std::vector<ledger::ToldRegister>> missed_since(const ledger::History& history,
                                                              const ledger::Ledger& ledger,
                                                              const protocol::Since& since) {
  if (since.history_id != ledger.history_id() || since.server_seq > ledger.server_seq()) return std::nullopt;
  return history.since(since.server_seq);
}

Json missed_payload(std::uint64_t from, std::uint64_t to, const std::vector<ledger::ToldRegister>& missed,
                    const Session& session) {
  return protocol::commit_payload(from, to,
                                  print_registers(missed, {.session = session.id.value, .view = session.view.value}));
}

}  // namespace ndcast::session
