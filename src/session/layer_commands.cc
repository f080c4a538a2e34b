// nd.layer.add, nd.layer.remove.

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "reduce/reduce.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/load_answer.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

void answer(const Responder& responder, HubCore& hub, const std::string& path, const AddOutcome& outcome) {
  if (const auto* choice = std::get_if<Ambiguous>(&outcome)) return fail_ambiguous(responder, *choice);
  if (const auto* error = std::get_if<Error>(&outcome)) return fail_opening(responder, path, *error);
  Json::Array layers;
  for (const scene::LayerId& id : std::get<AddedLayers>(outcome).layers) layers.emplace_back(id.value);
  responder.reply(
      Json::make_object({{"layers", std::move(layers)}, {"server_seq", hub.services().ledger().server_seq()}}));
}

}  // namespace

void call_layer_add(const CommandContext& context) {
  const Result<std::string> path = path_argument(context.call);
  if (!path) return context.responder.fail({CommandCode::Invalid, path.error().message, {}});
  ledger::Author author = context.session.author();
  author.intent_id = "nd.layer.add";
  context.hub.services().add_layers(
      *path, std::move(author),
      [hub = context.hub.weak_from_this(), responder = context.responder, path = *path](const AddOutcome& outcome) {
        if (const auto alive = hub.lock()) answer(responder, *alive, path, outcome);
      });
}

void call_layer_remove(const CommandContext& context) {
  const Result<std::string> id = string_argument(context.call, "layer", "", limits::kNameBytes);
  if (!id) return context.responder.fail({CommandCode::Invalid, id.error().message, {}});
  RoomServices& services = context.hub.services();
  const auto snapshot = services.ledger().snapshot();
  if (!snapshot->find_layer(scene::LayerId{*id})) {
    return context.responder.fail({CommandCode::Invalid, fmt::format("layer: there is no layer \"{}\"", *id), {}});
  }
  if (snapshot->layers.size() == 1) {
    return context.responder.fail(
        {CommandCode::Invalid, "layer: it is the scene's only one; open another image in its place", {}});
  }
  ledger::Author author = context.session.author();
  author.intent_id = "nd.layer.remove";
  services.commit({.changes = reduce::remove_layers({scene::LayerId{*id}}), .author = std::move(author)});
  services.let_go_of_images();
  context.responder.reply(Json::make_object({{"server_seq", services.ledger().server_seq()}}));
}

}  // namespace ndcast::session
