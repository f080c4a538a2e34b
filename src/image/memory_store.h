#pragma once
// A store in memory, for tests, tools and synthetic images.
//
//   auto store = std::make_shared<MemoryStore>();
//   store->put("zarr.json", R"({"zarr_format":3, …})");

#include <map>
#include <string>

#include "image/store.h"

namespace ndcast::image {

/// Fill it before it is shared: put() and erase() may not run beside other members.
class MemoryStore final : public Store {
 public:
  void put(std::string key, Bytes value) { objects_[std::move(key)] = std::move(value); }
  void put(std::string key, std::string_view text);
  void erase(const std::string& key) { objects_.erase(key); }

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  std::string describe() const override { return "memory"; }
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override;

 private:
  std::map<std::string, Bytes, std::less<>> objects_;
};

}  // namespace ndcast::image
