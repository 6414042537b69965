// Normalisation of short rows, a group of them at a time. Highway compiles this
// file once for each instruction set.
//
// As many rows as a vector has lanes are one group. Each row is summed to a
// vector, and these are brought to one with a lane for each row (halve-inl.h).
// So the sums of a row need not wait for each other, and what follows from them
// is computed for all rows at once.
//
// A row is read three times: for its mean, for the sums of what deviates from
// it, and for the result. The group stays in the nearest cache.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_NORM_ROW_GROUP_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_NORM_ROW_GROUP_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_NORM_ROW_GROUP_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_NORM_ROW_GROUP_INL_H_
#endif

#include <cmath>
#include <cstdint>

#include "framework/kernels/halve-inl.h"
#include "framework/kernels/norm_call.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// A vector of a row, and the last one, which may be a part.
struct Whole {
  template <class T>
  HWY_INLINE Vector<T> Load(const T* from) const {
    return hn::LoadU(Tag<T>(), from);
  }
  template <class T>
  HWY_INLINE void Store(Vector<T> v, T* to) const {
    hn::StoreU(v, Tag<T>(), to);
  }
  template <class T>
  HWY_INLINE Vector<T> Deviation(const T* x, Vector<T> center) const {
    return hn::Sub(Load(x), center);
  }
};
struct Part {
  int64_t count;
  template <class T>
  HWY_INLINE Vector<T> Load(const T* from) const {
    return LoadFirst(from, count);
  }
  template <class T>
  HWY_INLINE void Store(Vector<T> v, T* to) const {
    StoreFirst(v, to, count);
  }
  // 0 behind the end.
  template <class T>
  HWY_INLINE Vector<T> Deviation(const T* x, Vector<T> center) const {
    return hn::IfThenElseZero(hn::FirstN(Tag<T>(), count),
                              hn::Sub(Load(x), center));
  }
};

// Calls f(j, part) for the vectors from j on that make up a row of n elements.
template <class T, class Fn>
HWY_INLINE void ForRow(int64_t n, Fn f) {
  int64_t j = 0;
  for (; j + kLanes<T> <= n; j += kLanes<T>) f(j, Whole());
  if (j < n) f(j, Part{n - j});
}

// A sum over each row of a group.
template <class T>
struct RowSums {
  HWY_ALIGN T vectors[kLanes<T> * kLanes<T>];
  HWY_ALIGN T of_row[kLanes<T>];

  HWY_INLINE void Set(int64_t r, Vector<T> v) {
    hn::Store(v, Tag<T>(), vectors + r * kLanes<T>);
  }
  // Once `rows` are set.
  HWY_INLINE void Finish(int64_t rows) {
    for (int64_t r = rows; r < kLanes<T>; ++r) Set(r, hn::Zero(Tag<T>()));
    hn::Store(Halve<kLanes<T>, Addition>(Tag<T>(), vectors), Tag<T>(), of_row);
  }
};

// The mean of row r is center + rest: x - center is exact where the mean is
// large, and x - mean, with a rounded mean, would not be.
//
//   z = v scale + shift with v = x - center
template <class T>
struct RowGroup {
  const NormCall<T>& call;
  const int64_t first, rows, n;
  T center[kLanes<T>], scale[kLanes<T>], shift[kLanes<T>];
  double rest[kLanes<T>], rstd[kLanes<T>];  // 1 / sqrt(variance + epsilon)

  // Where row r begins.
  int64_t At(int64_t r) const { return (first + r) * n; }

  // Rows [first, first + rows), at most kLanes.
  HWY_INLINE RowGroup(const NormCall<T>& call, int64_t first, int64_t rows)
      : call(call), first(first), rows(rows), n(call.layout.inner) {
    RowSums<T> sums;
    for (int64_t r = 0; r < rows; ++r) {
      const T* const x = call.x + At(r);
      Vector<T> sum = hn::Zero(Tag<T>());
      ForRow<T>(n, [&sum, x](int64_t j, auto part)
                       HWY_ATTR { sum = hn::Add(sum, part.Load(x + j)); });
      sums.Set(r, sum);
    }
    sums.Finish(rows);
    for (int64_t r = 0; r < kLanes<T>; ++r) {
      center[r] = sums.of_row[r] / static_cast<T>(n);
    }
  }

  // From the sums of v and v^2. All lanes, for the sake of vectors.
  HWY_INLINE void SetScale(const T* sums, const T* squares) {
    const double by_n = 1 / static_cast<double>(n);
    for (int64_t r = 0; r < kLanes<T>; ++r) {
      rest[r] = sums[r] * by_n;
      const double variance = squares[r] * by_n - rest[r] * rest[r];
      rstd[r] = 1 / std::sqrt((variance > 0 ? variance : 0) + call.epsilon);
      scale[r] = static_cast<T>(rstd[r]);
      shift[r] = static_cast<T>(-rest[r] * rstd[r]);
    }
  }

  HWY_INLINE void Normalize() {
    RowSums<T> sums, squares;
    for (int64_t r = 0; r < rows; ++r) {
      const T* const x = call.x + At(r);
      const auto by = hn::Set(Tag<T>(), center[r]);
      Vector<T> sum = hn::Zero(Tag<T>()), square = sum;
      ForRow<T>(n, [&sum, &square, x, by](int64_t j, auto part) HWY_ATTR {
        const auto v = part.Deviation(x + j, by);
        sum = hn::Add(sum, v);
        square = hn::MulAdd(v, v, square);
      });
      sums.Set(r, sum);
      squares.Set(r, square);
    }
    sums.Finish(rows);
    squares.Finish(rows);
    SetScale(sums.of_row, squares.of_row);
  }
};

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
