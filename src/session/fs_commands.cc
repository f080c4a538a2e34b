// Commands about the server's files.

#include <utility>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

Result<ListDirectory> read_request(const protocol::CallCommand& call) {
  ListDirectory request;
  ND_ASSIGN(request.path, string_argument(call, "path", "", limits::kPathBytes));
  ND_ASSIGN(request.show_hidden, bool_argument(call, "show_hidden", false));
  ND_ASSIGN(request.only, strings_argument(call, "only", {".zarr"}));
  ND_ASSIGN(request.cursor, string_argument(call, "cursor", "", limits::kPathBytes));
  return request;
}

Json print_zarr(const std::optional<DirectoryEntry::Zarr>& zarr) {
  if (!zarr) return nullptr;
  return Json::make_object({{"is_dataset", zarr->is_dataset},
                            {"has_multiscales", zarr->has_multiscales},
                            {"dataset_children", Json::list(zarr->dataset_children)}});
}

Json print_page(const DirectoryPage& page) {
  Json entries = Json::make_array();
  for (const DirectoryEntry& entry : page.entries) {
    entries.push_back(Json::make_object({{"name", entry.name},
                                         {"path", entry.path},
                                         {"is_dir", entry.is_directory},
                                         {"size", entry.size_bytes},
                                         {"mtime", entry.modified_unix_s},
                                         {"zarr_metadata", print_zarr(entry.zarr)}}));
  }
  Json out = Json::make_object(
      {{"path", page.path}, {"entries", std::move(entries)}, {"has_more", !page.next_cursor.empty()}});
  if (!page.next_cursor.empty()) out.set("next_cursor", page.next_cursor);
  return out;
}

CommandCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::NotFound:
      return CommandCode::FsNotFound;
    case ErrorCode::Forbidden:
      return CommandCode::FsForbidden;
    case ErrorCode::Invalid:
      return CommandCode::Invalid;
    case ErrorCode::Timeout:
      return CommandCode::Timeout;
    default:
      return CommandCode::Retryable;
  }
}

}  // namespace

void call_listdir(const CommandContext& context) {
  Result<ListDirectory> request = read_request(context.call);
  if (!request) return context.responder.fail({CommandCode::Invalid, request.error().message, {}});
  std::string path = request->path;
  context.hub.services().list_directory(
      *std::move(request), [responder = context.responder, path = std::move(path)](Result<DirectoryPage> page) {
        if (page) return responder.reply(print_page(*page));
        responder.fail({code_of(page.error().code), page.error().message, Json::make_object({{"path", path}})});
      });
}

}  // namespace ndcast::session
