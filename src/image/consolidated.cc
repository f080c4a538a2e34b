#include "image/consolidated.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "image/json_fields.h"
#include "image/node.h"

namespace ndcast::image {
namespace {

/// Where a key's folder ends: "a/0/.zarray" → {"a/0", ".zarray"}.
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return {{}, key};
  return {key.substr(0, slash), key.substr(slash + 1)};
}

bool is_document(std::string_view name) {
  return name == "zarr.json" || name == ".zarray" || name == ".zattrs" || name == ".zgroup";
}

class ConsolidatedStore final : public Store {
 public:
  ConsolidatedStore(std::shared_ptr<const Store> store, const std::string& path, const Json& documents, bool first)
      : store_(std::move(store)), first_(first) {
    for (const auto& [key, document] : documents.object()) {
      const std::string full = join_key(path, key);
      documents_[full] = to_string(document);
      for (std::string_view folder = split_key(full).first;; folder = split_key(folder).first) {
        folders_.emplace(folder);
        if (folder.empty()) break;
      }
    }
  }

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range) const override {
    if (!is_document(split_key(key).second)) return store_->get(key, range);
    if (!first_) {
      ND_ASSIGN(std::optional<Bytes> stored, store_->get(key, range));
      if (stored) return stored;
    }
    const std::string* text = find(key);
    if (!text) return first_ && knows(key) ? Result<std::optional<Bytes>>(std::nullopt) : store_->get(key, range);
    ND_ASSIGN(const ByteRange::Resolved span, range.resolve(text->size(), key));
    const auto* data = reinterpret_cast<const std::byte*>(text->data()) + span.offset;
    return Bytes(data, data + span.length);
  }

  Result<std::optional<std::uint64_t>> size(std::string_view key) const override {
    if (!is_document(split_key(key).second)) return store_->size(key);
    if (const std::string* text = find(key)) return text->size();
    return first_ && knows(key) ? Result<std::optional<std::uint64_t>>(std::nullopt) : store_->size(key);
  }

  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override {
    return is_document(split_key(key).second) ? Store::read(key, range, stop) : store_->read(key, range, stop);
  }

  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override {
    return is_document(split_key(key).second) ? Store::stat(key) : store_->stat(key);
  }

  std::size_t concurrency() const override { return store_->concurrency(); }
  std::string describe() const override { return store_->describe(); }
  std::string uri_of(std::string_view key) const override { return store_->uri_of(key); }

  Result<std::vector<StoreEntry>> list(std::string_view prefix, std::size_t at_most) const override {
    auto listed = store_->list(prefix, at_most);
    if (listed || listed.error().code != ErrorCode::Unsupported) return listed;
    std::vector<StoreEntry> out;
    const std::string below = prefix.empty() ? "" : fmt::format("{}/", prefix);
    for (auto it = folders_.lower_bound(below); it != folders_.end() && it->starts_with(below); ++it) {
      const std::string_view rest = std::string_view(*it).substr(below.size());
      if (rest.empty() || rest.find('/') != std::string_view::npos) continue;
      if (out.size() == at_most) break;
      out.push_back({std::string(rest), true});
    }
    return out;
  }

 private:
  const std::string* find(std::string_view key) const {
    const auto it = documents_.find(key);
    return it == documents_.end() ? nullptr : &it->second;
  }

  /// The folder has documents here, so what is not among them is not there.
  bool knows(std::string_view key) const {
    const std::string_view folder = split_key(key).first;
    const auto it = documents_.lower_bound(folder);
    for (auto at = it; at != documents_.end() && at->first.starts_with(folder); ++at) {
      if (split_key(at->first).first == folder) return true;
      if (at->first.size() > folder.size() && at->first[folder.size()] > '/') break;
    }
    return false;
  }

  std::shared_ptr<const Store> store_;
  bool first_;  ///< before what is stored
  std::map<std::string, std::string, std::less<>> documents_;
  std::set<std::string, std::less<>> folders_;
};

/// v2: keys are those of the documents.
Result<Json> documents_v2(const Store& store, const std::string& path) {
  const std::string key = join_key(path, ".zmetadata");
  ND_ASSIGN(const std::optional<Json> document, read_json(store, key));
  if (!document) return Json::make_object();
  ND_ASSIGN(const Json* metadata, require_field(*document, "metadata", key));
  if (!metadata->is_object()) {
    return fail(ErrorCode::Invalid, "{}: \"metadata\" is {}; expected an object", key, metadata->kind_name());
  }
  return *metadata;
}

/// v3: keys are those of the groups and arrays.
Result<Json> documents_v3(const Json& group, const std::string& where) {
  Json out = Json::make_object();
  const Json* consolidated = group.find("consolidated_metadata");
  if (!consolidated || consolidated->is_null()) return out;
  const Json* kind = consolidated->find("kind");
  ND_ASSIGN(const Json* metadata, require_field(*consolidated, "metadata", where));
  if (!metadata->is_object() || (kind && kind->as_string() != "inline")) {
    return fail(ErrorCode::Invalid, "{}: \"consolidated_metadata\" is {}; expected documents inline", where,
                quoted(*consolidated));
  }
  for (const auto& [key, document] : metadata->object())
    out.object().emplace_back(join_key(key, "zarr.json"), document);
  return out;
}

}  // namespace

Result<Json> consolidated_documents(const Store& store, const std::string& path) {
  const std::string key = join_key(path, "zarr.json");
  ND_ASSIGN(const std::optional<Json> group, read_json(store, key));
  Json out;
  if (group) {
    ND_ASSIGN(out, documents_v3(*group, key));
  } else {
    ND_ASSIGN(out, documents_v2(store, path));
  }
  // A key that leads elsewhere would be answered for a place that it is not.
  std::erase_if(out.object(), [](const Json::Member& member) {
    return !check_key(member.first) || !is_document(split_key(member.first).second);
  });
  return out;
}

std::shared_ptr<const Store> with_consolidated(std::shared_ptr<const Store> store, const std::string& path) {
  const auto documents = consolidated_documents(*store, path);
  if (!documents) {
    log().info("{}: consolidated metadata left alone: {}", store->describe(), documents.error().message);
    return store;
  }
  if (documents->size() == 0) return store;
  const bool lists = store->list(path, 1).has_value();
  return std::make_shared<const ConsolidatedStore>(std::move(store), path, *documents, !lists);
}

}  // namespace ndcast::image
