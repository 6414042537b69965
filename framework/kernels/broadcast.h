// A loop over two inputs that broadcast to the output.
#ifndef ADJOINT_FRAMEWORK_KERNELS_BROADCAST_H_
#define ADJOINT_FRAMEWORK_KERNELS_BROADCAST_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/elementwise.h"

namespace adjoint::kernels {

// How operands a and b broadcast to an output: a nest of loops, the outermost
// first. Adjacent axes along which the same operands move are one loop, for
// arrays are dense.
//
// The output is cut into blocks. A row is a run of the innermost loop: an
// operand moves along it or stands still. A block is some rows, or a part of a
// long one. But a row may have as few as two elements. Many short ones are seen
// as one, and an operand that does not lie in memory like that is copied out.
class BroadcastPlan {
 public:
  struct Block {
    int64_t first;                  // Of the output.
    int64_t rows, size;             // How many rows, of how many elements.
    std::array<int64_t, 2> offset;  // Where each operand begins.
  };

  // The plan for output extents `y` and operands that broadcast to it.
  // REQUIRES: no extent is 0.
  BroadcastPlan(absl::Span<const int64_t> a, absl::Span<const int64_t> b,
                absl::Span<const int64_t> y);

  int64_t block_size() const { return turns_ * turn_; }  // At most.
  int64_t num_blocks() const { return num_blocks_; }
  Block BlockAt(int64_t i) const {
    const Loop& loop = loops_[cut_];
    int64_t turn = 0;
    if (parts_ > 1) {
      turn = i % parts_ * turns_;
      i /= parts_;
    }
    const int64_t turns = std::min(turns_, loop.extent - turn);
    Block block = {.first = (i * loop.extent + turn) * turn_,
                   .rows = many_rows_ ? turns : 1,
                   .size = many_rows_ ? turn_ : turns * turn_,
                   .offset = {turn * loop.stride[0], turn * loop.stride[1]}};
    for (int d = cut_; d-- > 0;) {
      int64_t at = i;
      if (d > 0) {
        at %= loops_[d].extent;
        i /= loops_[d].extent;
      }
      block.offset[0] += at * loops_[d].stride[0];
      block.offset[1] += at * loops_[d].stride[1];
    }
    return block;
  }

  // Whether operand 0 or 1 has an element for each of a row, or one for all.
  bool Moves(int operand) const {
    return short_rows_ || loops_[depth_ - 1].stride[operand] != 0;
  }

  // Elements from a row of a block to the next, in operand 0 or 1.
  int64_t Step(int operand) const { return loops_[cut_].stride[operand]; }

  // Elements of a block of short rows, at most, and of what is written at once.
  static constexpr int64_t kBlock = 1024, kAtOnce = 16;

  // Whether an operand has to be copied out, as CopyOut does: the `size`
  // elements of a block, of which the first is at x, to y, which has room for
  // kBlock + kAtOnce.
  bool MustCopy(int operand) const { return must_copy_[operand]; }
  template <class T>
  void CopyOut(int operand, const T* x, int64_t size, T* y) const;

 private:
  struct Loop {
    int64_t extent;
    // Elements by which each operand moves: 0 if it is broadcast.
    std::array<int64_t, 2> stride;
  };

  void Cut();

  std::array<Loop, 8> loops_;
  int depth_ = 0;
  // Whether blocks are of short rows, and of several others.
  bool short_rows_, many_rows_;
  // A block is `turns_` turns of loop `cut_`, which have `turn_` elements each
  // and make `parts_` blocks.
  int cut_;
  int64_t turns_, turn_, parts_, num_blocks_;
  std::array<bool, 2> must_copy_;
};

namespace broadcast_internal {

// One operand of a broadcast, block by block.
template <class T>
class Operand {
 public:
  Operand(const BroadcastPlan& plan, int operand, const T* x)
      : plan_(plan), operand_(operand), x_(x) {}

  // Valid until the next call.
  const T* At(const BroadcastPlan::Block& block) {
    const int64_t offset = block.offset[operand_];
    if (!plan_.MustCopy(operand_)) return x_ + offset;
    // Often all blocks have the same elements.
    if (offset != offset_ || block.size > size_) {
      plan_.CopyOut(operand_, x_ + offset, block.size, copy_);
      offset_ = offset;
      size_ = block.size;
    }
    return copy_;
  }

 private:
  const BroadcastPlan& plan_;
  const int operand_;
  const T* const x_;
  int64_t offset_ = 0, size_ = 0;  // Of what `copy_` holds.
  alignas(64) T copy_[BroadcastPlan::kBlock + BroadcastPlan::kAtOnce];
};

// y[r,i] = f(a[r,i], b[r,i]) for a block. Rows of an operand lie `step`
// elements apart; one that does not move has but one element in each.
template <bool kMovesA, bool kMovesB, class T, class Fn>
void ZipRows(const T* a, int64_t step_a, const T* b, int64_t step_b, T* y,
             int64_t rows, int64_t n, Fn f) {
  WithWidestVectors([=] {
    const Fn local = f;
    for (int64_t r = 0; r < rows; ++r) {
      const T* __restrict pa = a + r * step_a;
      const T* __restrict pb = b + r * step_b;
      T* __restrict py = y + r * n;
      for (int64_t i = 0; i < n; ++i) {
        py[i] = local(pa[kMovesA ? i : 0], pb[kMovesB ? i : 0]);
      }
    }
  });
}

}  // namespace broadcast_internal

// y = f(a, b) where a and b broadcast to y, as `plan` says.
template <class T, class Fn>
void BroadcastZip(const BroadcastPlan& plan, const T* a, const T* b, T* y,
                  Fn f) {
  using broadcast_internal::Operand, broadcast_internal::ZipRows;
  const auto zip = plan.Moves(0)
                       ? (plan.Moves(1) ? ZipRows<true, true, T, Fn>
                                        : ZipRows<true, false, T, Fn>)
                       : (plan.Moves(1) ? ZipRows<false, true, T, Fn>
                                        : ZipRows<false, false, T, Fn>);
  const int64_t grain =
      std::max<int64_t>(1, kElementwiseGrain / plan.block_size());
  ParallelFor(plan.num_blocks(), grain, [&](int64_t begin, int64_t end) {
    Operand<T> operand_a(plan, 0, a), operand_b(plan, 1, b);
    for (int64_t i = begin; i < end; ++i) {
      const BroadcastPlan::Block block = plan.BlockAt(i);
      zip(operand_a.At(block), plan.Step(0), operand_b.At(block), plan.Step(1),
          y + block.first, block.rows, block.size, f);
    }
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_BROADCAST_H_
