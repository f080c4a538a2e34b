#pragma once
// A store in memory, for tests, tools and synthetic images.
//
//   auto store = std::make_shared<MemoryStore>();
//   store->put("zarr.json", R"({"zarr_format":3, …})");

#include <map>
#include <mutex>
#include <string>

#include "image/store.h"

namespace ndcast::image {

/// put() and erase() may run beside other members: a stand-in for a file that others write.
class MemoryStore final : public Store {
 public:
  void put(std::string key, Bytes value);
  void put(std::string key, std::string_view text);
  void erase(const std::string& key);

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override;
  std::string describe() const override { return "memory"; }
  Result<std::vector<StoreEntry>> list(std::string_view prefix,
                                       std::size_t at_most = limits::kDirectoryEntries) const override;

 private:
  struct Object {
    Bytes bytes;
    std::uint64_t generation = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;
  std::uint64_t last_generation_ = 0;
};

}  // namespace ndcast::image
