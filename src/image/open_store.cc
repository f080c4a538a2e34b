#include "image/open_store.h"

#include <system_error>

#include "image/remote/remote.h"
#include "image/uri.h"
#include "image/zip_store.h"

namespace ndcast::image {
namespace {

Result<Place> open_archive(const ArchivePath& archive, const Jail& jail) {
  ND_ASSIGN(const std::filesystem::path file, confine(archive.file, jail));
  ND_ASSIGN(std::shared_ptr<const Store> folder, FileStore::open(file.parent_path(), jail));
  ND_ASSIGN(std::shared_ptr<const Store> store, ZipStore::open(std::move(folder), file.filename().string()));
  if (!archive.inside.empty()) ND_TRY(check_key(archive.inside));
  return Place{std::move(store), archive.inside};
}

}  // namespace

std::optional<ArchivePath> find_archive(const std::filesystem::path& path) {
  std::filesystem::path file;
  for (auto part = path.begin(); part != path.end(); ++part) {
    file /= *part;
    std::error_code ignored;
    if (!is_zip_name(part->string()) || !std::filesystem::is_regular_file(file, ignored)) continue;
    std::string inside;
    for (++part; part != path.end(); ++part) inside = join_key(inside, part->string());
    return ArchivePath{std::move(file), std::move(inside)};
  }
  return std::nullopt;
}

Result<Place> open_store(std::string_view uri_or_path, const Access& access) {
  if (is_remote_uri(uri_or_path)) {
    if (access.remote) return access.remote->open(uri_or_path, access.who);
    return fail(ErrorCode::Unsupported, "{}: only local files are opened here",
                uri_or_path.substr(0, uri_or_path.find('?')));
  }
  ND_ASSIGN(const std::filesystem::path path, local_path(uri_or_path));
  if (const auto archive = find_archive(path)) return open_archive(*archive, access.jail);
  ND_ASSIGN(std::shared_ptr<const Store> store, FileStore::open(path, access.jail));
  return Place{std::move(store), ""};
}

}  // namespace ndcast::image
