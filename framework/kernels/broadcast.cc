#include "framework/kernels/broadcast.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"

namespace adjoint::kernels {
namespace {

// y[r,j] = x[from[r] + j] for rows of n elements.
template <class T>
void CopyRows(const T* x, const int32_t* from, int64_t rows, int64_t n, T* y) {
  WithWidestVectors([=] {
    for (int64_t r = 0; r < rows; ++r) {
      const T* row = x + from[r];
      T* __restrict to = y + r * n;
      for (int64_t j = 0; j < n; ++j) to[j] = row[j];
    }
  });
}

// y[r,j] = x[from[r]], `width` at once: what is too much of one row is
// overwritten by the next.
template <int64_t width, class T>
void RepeatInRows(const T* x, const int32_t* from, int64_t rows, int64_t n,
                  T* y) {
  WithWidestVectors([=] {
    for (int64_t r = 0; r < rows; ++r) {
      const T value = x[from[r]];
      for (int64_t j = 0; j < n; j += width) {
        for (int64_t k = 0; k < width; ++k) y[r * n + j + k] = value;
      }
    }
  });
}

}  // namespace

BroadcastPlan::BroadcastPlan(absl::Span<const int64_t> a,
                             absl::Span<const int64_t> b,
                             absl::Span<const int64_t> y) {
  // From the innermost axis outwards, `loops_` reversed until the end.
  int64_t size_a = 1, size_b = 1;
  for (size_t i = 1; i <= y.size(); ++i) {
    const int64_t extent = y[y.size() - i];
    if (extent == 1) continue;
    const bool moves_a = i <= a.size() && a[a.size() - i] != 1;
    const bool moves_b = i <= b.size() && b[b.size() - i] != 1;
    const Loop loop = {extent, {moves_a ? size_a : 0, moves_b ? size_b : 0}};
    if (moves_a) size_a *= extent;
    if (moves_b) size_b *= extent;
    if (depth_ > 0 && (loops_[depth_ - 1].stride[0] != 0) == moves_a &&
        (loops_[depth_ - 1].stride[1] != 0) == moves_b) {
      loops_[depth_ - 1].extent *= extent;
    } else {
      loops_[depth_++] = loop;
    }
  }
  if (depth_ == 0) loops_[depth_++] = {1, {0, 0}};
  std::reverse(loops_.begin(), loops_.begin() + depth_);
  Cut();
}

void BroadcastPlan::Cut() {
  // From here on a row by itself costs less than to copy an operand out.
  constexpr int64_t kLongRow = 32;
  cut_ = depth_ - 1;
  turn_ = 1;
  const int64_t row = loops_[cut_].extent;
  short_rows_ = depth_ > 1 && row < kLongRow;
  many_rows_ = depth_ > 1 && !short_rows_ && row <= kElementwiseGrain / 2;
  if (many_rows_) turn_ = loops_[cut_--].extent;
  while (short_rows_ && cut_ > 0 && turn_ * loops_[cut_].extent <= kBlock / 2) {
    turn_ *= loops_[cut_--].extent;
  }
  // Blocks of about one size, lest one be of a single element.
  const int64_t turns = loops_[cut_].extent;
  const int64_t most = (short_rows_ ? kBlock : kElementwiseGrain) / turn_;
  turns_ = turns <= most ? turns : NumChunks(turns, NumChunks(turns, most));
  parts_ = turns <= most ? 1 : NumChunks(turns, turns_);
  num_blocks_ = parts_;
  for (int d = 0; d < cut_; ++d) num_blocks_ *= loops_[d].extent;
  for (int operand : {0, 1}) {
    must_copy_[operand] =
        short_rows_ &&
        std::any_of(loops_.begin() + cut_, loops_.begin() + depth_,
                    [=](const Loop& l) { return l.stride[operand] == 0; });
  }
}

template <class T>
void BroadcastPlan::CopyOut(int operand, const T* x, int64_t size, T* y) const {
  // Where each row begins.
  std::array<int32_t, kBlock> from;
  from[0] = 0;
  int64_t rows = 1;
  for (int d = depth_ - 2; d >= cut_; --d) {
    const auto step = static_cast<int32_t>(loops_[d].stride[operand]);
    const int64_t all = rows * (d == cut_ ? size / turn_ : loops_[d].extent);
    for (int64_t r = rows; r < all; ++r) from[r] = from[r - rows] + step;
    rows = all;
  }
  const int64_t n = loops_[depth_ - 1].extent;
  if (loops_[depth_ - 1].stride[operand] != 0) {
    CopyRows(x, from.data(), rows, n, y);
  } else if (n <= 4) {
    RepeatInRows<4>(x, from.data(), rows, n, y);
  } else if (n <= 8) {
    RepeatInRows<8>(x, from.data(), rows, n, y);
  } else {
    RepeatInRows<kAtOnce>(x, from.data(), rows, n, y);
  }
}

template void BroadcastPlan::CopyOut(int, const float*, int64_t, float*) const;
template void BroadcastPlan::CopyOut(int, const double*, int64_t,
                                     double*) const;
template void BroadcastPlan::CopyOut(int, const int32_t*, int64_t,
                                     int32_t*) const;

}  // namespace adjoint::kernels
