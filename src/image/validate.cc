#include "image/validate.h"

#include <algorithm>
#include <filesystem>

#include "base/limits.h"
#include "image/address.h"
#include "image/consolidated.h"
#include "image/json_fields.h"
#include "image/ome_metadata.h"
#include "image/ome_plate.h"
#include "image/uri.h"
#include "image/validate_levels.h"
#include "image/validate_rules.h"
#include "image/zarr_metadata.h"
#include "image/zip_store.h"

namespace ndcast::image {
namespace {

using enum Finding::Severity;

/// plate / row / column / field / labels / name: six; twice that is no image any more.
constexpr int kMaxDepth = 12;

class Walk {
 public:
  explicit Walk(std::shared_ptr<const Store> store) : store_(std::move(store)) {}

  /// `named_by` says in the report which metadata promised something here; empty for the place itself.
  void visit(const std::string& path, const std::string& named_by, Report& parent, int depth = 0) {
    if (out_.groups + out_.arrays >= limits::kHierarchyNodes || depth > kMaxDepth) {
      out_.truncated = true;
      return;
    }
    auto node = read_node(*store_, path);
    if (!node) return parent.add(Error, named_by, "zarr", node.error().message);
    if (node->kind == Node::Kind::Missing) {
      return parent.add(Error, named_by, "zarr",
                        fmt::format("nothing at \"{}\"; expected zarr.json, .zgroup or .zarray", path));
    }
    if (node->kind == Node::Kind::Array) {
      Report report(out_, node->where, node->zarr_format == 3 ? 5 : 4);
      check_array(store_, path, "", report, out_);
      return;
    }
    group(path, *node, depth);
  }

  Validation take() && { return std::move(out_); }
  Validation& out() { return out_; }

 private:
  void group(const std::string& path, const Node& node, int depth) {
    ++out_.groups;
    const Json& ome = ome_attributes(node);
    const bool is_ome =
        std::ranges::any_of(std::initializer_list<std::string_view>{"multiscales", "omero", "labels", "image-label",
                                                                    "plate", "well", "bioformats2raw.layout", "series"},
                            [&](std::string_view key) { return ome.find(key) != nullptr; });
    if (depth == 0) check_consolidated(path, node);
    if (!is_ome) return plain_group(path, node, depth);
    Report report(out_, node.where, check_version(node, out_));
    check_group_document(path, node, report);
    check_document(ome, report);
    if (ome.find("multiscales")) image(path, node, report, depth);
    if (ome.find("labels")) labels(path, ome, report, depth);
    if (ome.find("plate")) return plate(path, node, report, depth);
    if (ome.find("well")) return well(path, node, report, depth);
    if (ome.find("bioformats2raw.layout")) series(path, report, depth);
  }

  /// v2: a group has a .zgroup.
  void check_group_document(const std::string& path, const Node& node, Report& report) {
    if (node.zarr_format != 2) return;
    const auto size = store_->size(join_key(path, ".zgroup"));
    if (size && !*size) {
      report.add(Warning, "", "zarr v2, groups", fmt::format("no \"{}\"", join_key(path, ".zgroup")));
    }
  }

  /// Copies that are not what is stored any more: readers that trust them see another image.
  void check_consolidated(const std::string& path, const Node& node) {
    const std::string key = join_key(path, node.zarr_format == 3 ? "zarr.json" : ".zmetadata");
    const std::string rule = fmt::format("zarr v{}, consolidated metadata", node.zarr_format);
    Report report(out_, key, 4);
    const auto documents = consolidated_documents(*store_, path);
    if (!documents) return report.add(Warning, "", rule, documents.error().message);
    for (const auto& [name, document] : documents->object()) {
      const auto stored = read_json(*store_, join_key(path, name));
      if (!stored || !*stored) {
        report.add(Warning, name, rule, "is not stored by itself");
      } else if (**stored != document) {
        report.add(Warning, name, rule, "differs from what is stored by itself");
      }
    }
  }

  void plain_group(const std::string& path, const Node& node, int depth) {
    Report report(out_, node.where, node.zarr_format == 3 ? 5 : 4);
    const auto children = store_->list(path);
    if (!children) {
      return report.add(Warning, "", "OME-NGFF", "a group without image metadata, in a store that cannot be listed");
    }
    bool any = false;
    for (const StoreEntry& child : *children) {
      if (!child.is_directory || child.name.starts_with('.')) continue;
      const std::string key = join_key(path, child.name);
      const auto below = read_node(*store_, key);
      if (below && below->kind == Node::Kind::Missing) continue;
      any = true;
      visit(key, "", report, depth + 1);
    }
    if (!any && depth == 0) {
      report.add(Error, "", "OME-NGFF", "a group without image metadata, and without arrays or groups below");
    }
  }

  void image(const std::string& path, const Node& node, Report& report, int depth) {
    const auto finest = check_levels(store_, path, node, report, out_);
    const bool is_label = ome_attributes(node).find("image-label") != nullptr;
    if (is_label && finest && is_floating(finest->dtype())) {
      report.error("image-label", "labels metadata", "voxels are {}; a label image has integers",
                   to_string(finest->dtype()));
    }
    const std::string key = join_key(path, "labels");
    const auto below = read_node(*store_, key);
    if (!below) {
      report.add(Error, "", "zarr", below.error().message);
    } else if (below->kind == Node::Kind::Group && ome_attributes(*below).find("labels")) {
      label_of_ = finest;
      visit(key, "", report, depth + 1);
    }
  }

  void labels(const std::string& path, const Json& ome, Report& report, int depth) {
    const std::shared_ptr<const ZarrArray> image = std::exchange(label_of_, nullptr);
    const Json& list = *ome.find("labels");
    for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
      std::string name(list.array()[i].as_string().value_or(""));
      while (name.ends_with('/')) name.pop_back();
      if (!check_key(name)) continue;  // told by check_labels()
      const std::string key = join_key(path, name);
      const std::string named_by = fmt::format("labels[{}]", i);
      visit(key, named_by, report, depth + 1);
      check_label(key, named_by, image.get(), report);
    }
  }

  void check_label(const std::string& key, const std::string& named_by, const ZarrArray* image, Report& report) {
    const auto node = read_node(*store_, key);
    if (!node || node->kind != Node::Kind::Group) return;
    if (!ome_attributes(*node).find("image-label")) {
      report.warning(named_by, "labels metadata", "\"{}\" has no \"image-label\"", key);
    }
    const auto multiscale = parse_multiscale(*node);
    if (!multiscale || !*multiscale || (*multiscale)->levels.empty()) {
      if (multiscale && !*multiscale) {
        report.error(named_by, "labels metadata", "\"{}\" has no \"multiscales\"", key);
      }
      return;
    }
    const auto array = open_array(store_, join_key(key, (*multiscale)->levels[0].path));
    if (!array) return;
    if (is_floating((*array)->dtype())) {
      report.error(named_by, "labels metadata", "\"{}\" has voxels of {}; a label image has integers", key,
                   to_string((*array)->dtype()));
    }
    if (!image || image->ndim() != (*array)->ndim()) return;
    for (std::size_t axis = 0; axis < image->shape().size(); ++axis) {
      const std::int64_t extent = (*array)->shape()[axis];
      if (extent == 1 || extent == image->shape()[axis]) continue;
      report.warning(named_by, "labels metadata", "\"{}\" has {} voxels along axis {}, the image {}", key, extent, axis,
                     image->shape()[axis]);
    }
  }

  void plate(const std::string& path, const Node& node, Report& report, int depth) {
    const auto parsed = parse_plate(node);
    if (!parsed) {
      if (out_.errors() == 0) report.add(Error, "plate", "readable", parsed.error().message);
      return;
    }
    for (const PlateWell& well : parsed->wells) {
      visit(join_key(path, well.path), fmt::format("plate.wells \"{}\"", well.path), report, depth + 1);
    }
  }

  void well(const std::string& path, const Node& node, Report& report, int depth) {
    for (const std::string& field : well_fields(node)) {
      visit(join_key(path, field), fmt::format("well.images \"{}\"", field), report, depth + 1);
    }
  }

  void series(const std::string& path, Report& report, int depth) {
    const auto ome = read_node(*store_, join_key(path, "OME"));
    const Json* listed = ome && ome->kind == Node::Kind::Group ? ome_attributes(*ome).find("series") : nullptr;
    if (listed) {
      if (!listed->is_array()) {
        return report.error("series", "bioformats2raw.layout", "{}; expected a list of paths", quoted(*listed));
      }
      for (const Json& element : listed->array()) {
        const std::string name(element.as_string().value_or(""));
        if (!check_key(name)) {
          report.error("series", "bioformats2raw.layout", "{}; expected the path of an image", quoted(element));
          continue;
        }
        visit(join_key(path, name), fmt::format("series \"{}\"", name), report, depth + 1);
      }
      return;
    }
    for (std::size_t i = 0;; ++i) {
      const std::string key = join_key(path, std::to_string(i));
      const auto node = read_node(*store_, key);
      if (node && node->kind == Node::Kind::Missing) {
        if (i == 0)
          report.error("bioformats2raw.layout", "bioformats2raw.layout", "no OME/ with \"series\" and no \"0\"");
        return;
      }
      if (out_.groups + out_.arrays >= limits::kHierarchyNodes) return;
      visit(key, "", report, depth + 1);
    }
  }

  std::shared_ptr<const Store> store_;
  Validation out_;
  std::shared_ptr<const ZarrArray> label_of_;  ///< of the image whose labels are visited next
};

void check_zarr(const Json& document, const std::string& name, Report& report) {
  const Json* format = document.find("zarr_format");
  const bool v3 = format && format->as_int64() == 3;
  const auto parsed = v3 ? parse_zarr_v3(document, name) : parse_zarr_v2(document, Json::make_object(), name);
  if (!parsed) report.add(Error, "", fmt::format("zarr v{}", v3 ? 3 : 2), parsed.error().message);
}

/// A document by itself, by what it looks like.
Validation validate_document(const Json& document, const std::string& name) {
  Validation out;
  const Json* type = document.find("node_type");
  if (document.find("shape") && document.find("zarr_format")) {
    Report report(out, name, 4);
    ++out.arrays;
    check_zarr(document, name, report);
    return out;
  }
  if (type && type->as_string() == "group") {
    const Json* attributes = document.find("attributes");
    return validate_attributes(attributes ? *attributes : Json::make_object(), 3, name);
  }
  return validate_attributes(document, document.find("ome") ? 3 : 2, name);
}

}  // namespace

Result<Validation> validate(const std::shared_ptr<const Store>& store, const std::string& path) {
  Walk walk(store);
  ND_ASSIGN(const Node node, read_node(*store, path));
  if (node.kind == Node::Kind::Missing) {
    return fail(ErrorCode::NotFound, "{}: nothing at \"{}\"; expected zarr.json, .zgroup or .zarray", store->describe(),
                path);
  }
  Report report(walk.out(), node.where, node.zarr_format == 3 ? 5 : 4);
  walk.visit(path, "", report);
  return std::move(walk).take();
}

namespace {

bool is_document_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && !is_zip_name(path.filename().string());
}

}  // namespace

Result<Validation> validate(std::string_view uri, const Access& access) {
  const auto [place, fragment] = split_fragment(uri);
  ND_ASSIGN(const ImageChoice choice, parse_choice(fragment));
  // A document by itself.
  if (const auto path = local_path(place); path && is_document_file(*path)) {
    ND_ASSIGN(const auto store, FileStore::open(path->has_parent_path() ? path->parent_path() : ".", access.jail));
    const std::string name = path->filename().string();
    const auto document = read_json(*store, name);
    if (!document) {
      Validation out;
      Report(out, name, 4).add(Error, "", "JSON", document.error().message);
      return out;
    }
    if (!*document) return fail(ErrorCode::NotFound, "{}: not there", place);
    return validate_document(**document, name);
  }
  ND_ASSIGN(const Place opened, open_store(place, access));
  const std::string key = join_key(opened.key, choice.path);
  auto node = read_node(*opened.store, key);
  if (!node && node.error().code != ErrorCode::Io && node.error().code != ErrorCode::Forbidden) {
    Validation out;
    Report(out, key, 4).add(Error, "", "zarr", node.error().message);
    return out;
  }
  return validate(opened.store, key);
}

}  // namespace ndcast::image
