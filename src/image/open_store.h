#pragma once
// From what a user calls an image to the store that holds it: a folder, a zip archive (or a place inside one), a web
// server, a bucket. The one place that knows every kind of store.
//
//   ND_ASSIGN(const Place place, open_store("/data/plate.zarr.zip/A/1", {.jail = {"/data"}}));
//   ND_ASSIGN(auto image, open_image(place.store, place.key, uri));

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "image/file_store.h"

namespace ndcast::image {

class Remote;

/// What may be opened: local folders inside the jail (all, when it is empty), and what `remote` allows (nothing remote,
/// when it is null). As a person at the command line, or for a client of the server.
struct Access {
  enum class Who { Operator, Client };

  Jail jail;
  std::shared_ptr<const Remote> remote;
  Who who = Who::Operator;

  Access(Jail jail_ = {}, std::shared_ptr<const Remote> remote_ = nullptr, Who who_ = Who::Operator)
      : jail(std::move(jail_)), remote(std::move(remote_)), who(who_) {}
};

struct Place {
  std::shared_ptr<const Store> store;
  std::string key;  ///< of what was named, inside the store; "" for its root
};

/// Blocks. Errors: NotFound, Forbidden (outside the jail, not allowed), Unsupported (a scheme, by name), Invalid, those
/// of ZipStore::open() and Remote::open().
Result<Place> open_store(std::string_view uri_or_path, const Access& access = {});

/// "/data/a.zip/b/c" → {"/data/a.zip", "b/c"}, where /data/a.zip is a file of is_zip_name(). Nothing when no part of
/// the path is one.
struct ArchivePath {
  std::filesystem::path file;
  std::string inside;
};
std::optional<ArchivePath> find_archive(const std::filesystem::path& path);

}  // namespace ndcast::image
