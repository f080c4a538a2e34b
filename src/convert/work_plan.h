#pragma once
// How an import walks through the voxels within its memory: the box that is read at once (a unit), the order of units,
// the pieces that threads read in parallel. Pure.
//
//   ND_ASSIGN(const WorkPlan plan, plan_work(source.info(), pyramid, {.memory_bytes = 1 << 30, .threads = 3}));
//   for (std::uint64_t i = 0; i < plan.unit_count(); ++i) read(plan.unit(i));

#include <cstdint>
#include <vector>

#include "convert/pyramid.h"

namespace ndcast::convert {

struct WorkLimits {
  std::size_t memory_bytes = 0;
  std::size_t threads = 1;
};

class WorkPlan {
 public:
  /// Boxes of whole cells (or up to the array's edge). A sequential source's follow one another in C order; else eight
  /// neighbours come before the next eight, and so on, so that coarse levels become complete early.
  std::uint64_t unit_count() const { return order_.size(); }
  Box unit(std::uint64_t index) const;
  /// Parts of a unit that are read as one.
  std::vector<Box> pieces(const Box& unit) const;
  /// Cells of level 0 in a unit.
  std::vector<Box> cells(const Box& unit) const;

  std::size_t threads() const { return threads_; }
  /// Reads at once, by what one takes besides its target.
  std::size_t concurrent_reads() const { return concurrent_reads_; }
  /// What the plan expects to use at most.
  std::size_t expected_bytes() const { return expected_bytes_; }
  const Shape& unit_shape() const { return unit_; }

 private:
  friend Result<WorkPlan> plan_work(const SourceInfo& info, const Pyramid& pyramid, const WorkLimits& limits);

  Shape shape_, cell_, unit_, piece_, grid_;
  std::vector<std::uint64_t> order_;  ///< C-order indices of the unit grid
  std::size_t threads_ = 1;
  std::size_t concurrent_reads_ = 1;
  std::size_t expected_bytes_ = 0;
};

/// Errors: Limit when the memory does not suffice, with what would.
Result<WorkPlan> plan_work(const SourceInfo& info, const Pyramid& pyramid, const WorkLimits& limits);

}  // namespace ndcast::convert
