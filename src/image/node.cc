#include "image/node.h"

#include <algorithm>
#include <array>

#include "image/json_fields.h"

namespace ndcast::image {
namespace {

Result<Node> v3_node(Json document, std::string where) {
  Node node;
  node.zarr_format = 3;
  const Json* type = document.find("node_type");
  const std::string_view text = type ? type->as_string().value_or("") : "";
  if (text != "array" && text != "group") {
    return fail(ErrorCode::Invalid, "{}: \"node_type\" is {}; expected \"array\" or \"group\"", where,
                type ? quoted(*type) : "missing");
  }
  node.kind = text == "array" ? Node::Kind::Array : Node::Kind::Group;
  if (const Json* attributes = document.find("attributes"); attributes && attributes->is_object()) {
    node.attributes = *attributes;
  }
  if (node.kind == Node::Kind::Array) node.document = std::move(document);
  node.where = std::move(where);
  return node;
}

Result<Node> v2_node(const Store& store, std::string_view path) {
  Node node;
  node.zarr_format = 2;
  const std::string array_key = join_key(path, ".zarray");
  const std::string attributes_key = join_key(path, ".zattrs");
  ND_ASSIGN(std::optional<Json> array, read_json(store, array_key));
  auto attributes = read_json(store, attributes_key);
  if (array) {
    node.kind = Node::Kind::Array;
    node.document = *std::move(array);
    node.where = array_key;
    if (attributes && *attributes && (*attributes)->is_object()) node.attributes = **std::move(attributes);
    return node;
  }
  if (!attributes) return std::unexpected(attributes.error());
  node.where = attributes_key;
  if (*attributes) {
    if (!(*attributes)->is_object()) {
      return fail(ErrorCode::Invalid, "{} is {}; expected an object", attributes_key, (*attributes)->kind_name());
    }
    node.kind = Node::Kind::Group;
    node.attributes = **std::move(attributes);
    return node;
  }
  ND_ASSIGN(const auto group, store.size(join_key(path, ".zgroup")));
  if (group) node.kind = Node::Kind::Group;
  return node;
}

/// Python's json writes NaN and Infinity bare, which JSON does not know; NGFF's own writers pass them on in windows,
/// scales and fill values. The same document with these words quoted, as zarr's specification has them.
std::string with_quoted_words(std::string_view text) {
  constexpr std::array<std::string_view, 3> kWords = {"-Infinity", "Infinity", "NaN"};
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto* word =
        in_string ? kWords.end()
                  : std::ranges::find_if(kWords, [&](std::string_view w) { return text.substr(i).starts_with(w); });
    if (word != kWords.end()) {
      fmt::format_to(std::back_inserter(out), "\"{}\"", *word);
      i += word->size();
      continue;
    }
    if (in_string && text[i] == '\\' && i + 1 < text.size())
      out += text[i++];
    else if (text[i] == '"')
      in_string = !in_string;
    out += text[i++];
  }
  return out;
}

/// A byte order mark is left out: some editors put one before UTF-8.
std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

}  // namespace

Result<std::optional<Json>> read_json(const Store& store, const std::string& key) {
  ND_ASSIGN(const std::optional<Bytes> bytes, store.get(key, ByteRange::whole(limits::kMetadataBytes)));
  if (!bytes) return std::nullopt;
  if (bytes->empty()) return fail(ErrorCode::Invalid, "{} is empty; expected JSON", key);
  const std::string_view text = without_mark({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  auto document = parse_json(text);
  if (!document && document.error().code == ErrorCode::Invalid) {
    if (auto mended = parse_json(with_quoted_words(text))) document = std::move(mended);
  }
  if (!document) return fail(document.error().code, "{}: {}", key, document.error().message);
  return *std::move(document);
}

Result<Node> read_node(const Store& store, std::string_view path) {
  std::string key = join_key(path, "zarr.json");
  ND_ASSIGN(std::optional<Json> document, read_json(store, key));
  if (document) return v3_node(*std::move(document), std::move(key));
  return v2_node(store, path);
}

}  // namespace ndcast::image
