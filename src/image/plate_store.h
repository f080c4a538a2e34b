#pragma once
// A plate as one image: a store whose chunks are put together from one field of each well, so that everything above it
// (levels, caches, scheduling, rendering) knows nothing of plates. Its root is an OME-Zarr 0.5 group.
//
//   ND_ASSIGN(const auto grid, PlateStore::open(store, "plate.zarr", 0));
//   ND_ASSIGN(const auto image, open_image(grid, "", uri));

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "image/image.h"
#include "image/ome_plate.h"

namespace ndcast::image {

/// Wells stand at their row and column with a small gap, empty cells and gaps are fill. Each field is cut off at the
/// size of the first one found, which gives levels, axes, type and channels of all. Metadata of a field is read when it
/// is first looked at. Thread-safe.
class PlateStore final : public Store {
 public:
  /// Reads metadata of the plate and of wells until one has the field. Errors: Invalid, NotFound (no well has it),
  /// Unsupported (fields without two axes of space), those of open_image().
  static Result<std::shared_ptr<const PlateStore>> open(std::shared_ptr<const Store> source, std::string path,
                                                        std::int64_t field);

  const Plate& plate() const { return plate_; }

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range = {}) const override;
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override;
  std::size_t concurrency() const override { return source_->concurrency(); }
  std::string describe() const override;

 private:
  /// One level of the grid.
  struct Level {
    std::string key;  ///< of this level's array, relative to a field
    std::vector<std::int64_t> field_shape;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> chunk;
    std::array<double, 2> pitch{};  ///< from one cell to the next in voxels of this level, y and x
    DType dtype = DType::UInt8;
    std::vector<std::byte> fill;
    std::string document;  ///< zarr.json
  };
  struct Cell {
    std::int64_t row = 0;
    std::int64_t column = 0;
    friend auto operator<=>(const Cell&, const Cell&) = default;
  };

  PlateStore(std::shared_ptr<const Store> source, std::string path, std::int64_t field, Plate plate);

  Result<std::optional<std::string>> field_key(const PlateWell& well) const;
  Result<void> lay_out(const Image& first, const Node& node, const std::string& field_key);
  void describe_group(const Image& first, const Node& node);
  Result<std::optional<Bytes>> object(std::string_view key) const;
  Result<std::optional<Bytes>> chunk(const Level& level, std::size_t index,
                                     const std::vector<std::int64_t>& start) const;
  Result<bool> add_cell(const Level& level, std::size_t index, const Cell& cell, const std::vector<std::int64_t>& start,
                        Bytes& out) const;
  Result<std::shared_ptr<const ZarrArray>> array_at(const Cell& cell, std::size_t level) const;
  std::vector<Cell> cells_in(const Level& level, const std::vector<std::int64_t>& start) const;
  std::int64_t origin(const Level& level, std::size_t direction, std::int64_t cell) const;

  std::shared_ptr<const Store> source_;
  std::string path_;
  std::int64_t field_;
  Plate plate_;
  std::map<Cell, std::size_t> wells_;
  std::array<std::size_t, 2> axes_{};  ///< y and x
  std::string group_;                  ///< zarr.json of the root
  std::vector<Level> levels_;

  mutable std::mutex mutex_;
  /// Guarded by mutex_: a null pointer stands for a field or level that is not there.
  mutable std::map<std::pair<Cell, std::size_t>, std::shared_ptr<const ZarrArray>> arrays_;
};

}  // namespace ndcast::image
