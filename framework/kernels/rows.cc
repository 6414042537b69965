#include "framework/kernels/rows.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

// As gemm.cc: arrays of vectors, whose length must be a constant.
#define HWY_DISABLED_TARGETS                                               \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | \
   HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/rows.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/halve-inl.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadAs(D d, const T* x) {
  if constexpr (std::is_same_v<T, hn::TFromD<D>>) {
    return hn::LoadU(d, x);
  } else {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), x));
  }
}

// The first n > 0 elements, fewer than a vector has, and the operation's
// identity. Reads no other memory.
template <class Op, class D, class T>
HWY_INLINE hn::Vec<D> LoadRest(D d, const T* x, int64_t n) {
  using R = hn::TFromD<D>;
  constexpr R kIdentity = Op::template kIdentity<R>;
  if constexpr (!kMasksAreCheap) {
    R lanes[hn::MaxLanes(D())];
    std::fill_n(lanes, hn::MaxLanes(d), kIdentity);
    std::copy_n(x, n, lanes);
    return hn::LoadU(d, lanes);
  } else {
    hn::Vec<D> v;
    if constexpr (std::is_same_v<T, R>) {
      v = LoadFirst(x, n);
    } else {
      const hn::Rebind<T, D> from;
      v = hn::PromoteTo(d, hn::MaskedLoad(hn::FirstN(from, n), from, x));
    }
    if (kIdentity == 0) return v;
    return hn::IfThenElse(hn::FirstN(d, n), v, hn::Set(d, kIdentity));
  }
}

// A row as one vector. Four at a time, for one would wait for itself.
template <class Op, class D, class T>
HWY_INLINE hn::Vec<D> ReduceToVector(D d, const T* x, int64_t n) {
  const int64_t lanes = hn::Lanes(d);
  if (n == 0) return hn::Set(d, Op::template kIdentity<hn::TFromD<D>>);
  if (n < lanes) return LoadRest<Op>(d, x, n);
  hn::Vec<D> a = LoadAs(d, x);
  int64_t i = lanes;
  if (n >= 8 * lanes) {
    auto b = LoadAs(d, x + lanes), c = LoadAs(d, x + 2 * lanes);
    auto e = LoadAs(d, x + 3 * lanes);
    for (i = 4 * lanes; i + 4 * lanes <= n; i += 4 * lanes) {
      a = Op::Of(d, a, LoadAs(d, x + i));
      b = Op::Of(d, b, LoadAs(d, x + i + lanes));
      c = Op::Of(d, c, LoadAs(d, x + i + 2 * lanes));
      e = Op::Of(d, e, LoadAs(d, x + i + 3 * lanes));
    }
    a = Op::Of(d, Op::Of(d, a, b), Op::Of(d, c, e));
  }
  for (; i + lanes <= n; i += lanes) a = Op::Of(d, a, LoadAs(d, x + i));
  if (i == n) return a;
  return Op::Of(d, a, LoadRest<Op>(d, x + i, n - i));
}

template <class Op, class T, class R>
void ReduceRows(const T* x, int64_t rows, int64_t n, R* y) {
  const hn::ScalableTag<R> d;
  constexpr int64_t kLanes = hn::MaxLanes(hn::ScalableTag<R>());
  HWY_ALIGN R vectors[kLanes * kLanes];
  HWY_ALIGN R results[kLanes];
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int64_t count = std::min(kLanes, rows - first);
    for (int64_t r = 0; r < count; ++r) {
      hn::Store(ReduceToVector<Op>(d, x + (first + r) * n, n), d,
                vectors + r * kLanes);
    }
    for (int64_t r = count; r < kLanes; ++r) {
      hn::Store(hn::Zero(d), d, vectors + r * kLanes);
    }
    const auto v = Halve<kLanes, Op>(d, vectors);
    if (count == kLanes) {
      hn::StoreU(v, d, y + first);
    } else {
      hn::Store(v, d, results);
      std::copy_n(results, count, y + first);
    }
  }
}

// y[r,c] = f(x[r,c]) with f(r), a function of vectors, for each row.
template <class T, class F>
HWY_INLINE void MapRows(const T* x, int64_t rows, int64_t n, T* y, F f) {
  if (n == 0) return;
  const hn::ScalableTag<T> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t r = 0;
  // Of rows shorter than a vector, what is stored beside one is overwritten by
  // the next, as long as there are enough of them.
  for (; n < lanes && r * n + lanes <= rows * n; ++r) {
    hn::StoreU(f(r)(hn::LoadU(d, x + r * n)), d, y + r * n);
  }
  for (; r < rows; ++r) {
    const T* const from = x + r * n;
    T* const to = y + r * n;
    const auto of_row = f(r);
    if (n < lanes) {
      StoreFirst(of_row(LoadFirst(from, n)), to, n);
      continue;
    }
    for (int64_t i = 0; i < n - lanes; i += lanes) {
      hn::StoreU(of_row(hn::LoadU(d, from + i)), d, to + i);
    }
    // Overlaps the one before it.
    hn::StoreU(of_row(hn::LoadU(d, from + n - lanes)), d, to + n - lanes);
  }
}

template <class T>
void Subtract(const T* x, const T* s, int64_t rows, int64_t n, T* y) {
  MapRows(x, rows, n, y, [s](int64_t r) HWY_ATTR {
    const auto v = hn::Set(hn::ScalableTag<T>(), s[r]);
    return [v](auto a) HWY_ATTR { return hn::Sub(a, v); };
  });
}

template <class T>
void SubtractBoth(const T* x, const T* s, const T* t, int64_t rows, int64_t n,
                  T* y) {
  MapRows(x, rows, n, y, [s, t](int64_t r) HWY_ATTR {
    const auto v = hn::Set(hn::ScalableTag<T>(), s[r]);
    const auto w = hn::Set(hn::ScalableTag<T>(), t[r]);
    return [v, w](auto a) HWY_ATTR { return hn::Sub(hn::Sub(a, v), w); };
  });
}

template <class T>
void Scale(const T* x, const T* s, int64_t rows, int64_t n, T* y) {
  MapRows(x, rows, n, y, [s](int64_t r) HWY_ATTR {
    const auto v = hn::Set(hn::ScalableTag<T>(), s[r]);
    return [v](auto a) HWY_ATTR { return hn::Mul(a, v); };
  });
}

#define ADJOINT_MAP_ROWS(T)                                                  \
  void Subtract_##T(const T* x, const T* s, int64_t rows, int64_t n, T* y) { \
    Subtract(x, s, rows, n, y);                                              \
  }                                                                          \
  void SubtractBoth_##T(const T* x, const T* s, const T* t, int64_t rows,    \
                        int64_t n, T* y) {                                   \
    SubtractBoth(x, s, t, rows, n, y);                                       \
  }                                                                          \
  void Scale_##T(const T* x, const T* s, int64_t rows, int64_t n, T* y) {    \
    Scale(x, s, rows, n, y);                                                 \
  }
ADJOINT_MAP_ROWS(float)
ADJOINT_MAP_ROWS(double)
#undef ADJOINT_MAP_ROWS

// Highway exports no templates.
#define ADJOINT_ROWS(name, Op, T, R)                                 \
  void name##_##T##_##R(const T* x, int64_t rows, int64_t n, R* y) { \
    ReduceRows<Op>(x, rows, n, y);                                   \
  }
ADJOINT_ROWS(Sum, Addition, float, float)
ADJOINT_ROWS(Sum, Addition, float, double)
ADJOINT_ROWS(Sum, Addition, double, double)
ADJOINT_ROWS(Max, Maximum, float, float)
ADJOINT_ROWS(Max, Maximum, double, double)
#undef ADJOINT_ROWS

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

#define ADJOINT_ROWS(name, T, R)                               \
  HWY_EXPORT(name##_##T##_##R);                                \
  template <>                                                  \
  void name##Rows(const T* x, int64_t rows, int64_t n, R* y) { \
    HWY_DYNAMIC_DISPATCH(name##_##T##_##R)(x, rows, n, y);     \
  }
ADJOINT_ROWS(Sum, float, float)
ADJOINT_ROWS(Sum, float, double)
ADJOINT_ROWS(Sum, double, double)
ADJOINT_ROWS(Max, float, float)
ADJOINT_ROWS(Max, double, double)
#undef ADJOINT_ROWS

#define ADJOINT_MAP_ROWS(T)                                               \
  HWY_EXPORT(Subtract_##T);                                               \
  HWY_EXPORT(SubtractBoth_##T);                                           \
  HWY_EXPORT(Scale_##T);                                                  \
  template <>                                                             \
  void SubtractFromRows(const T* x, const T* s, int64_t rows, int64_t n,  \
                        T* y) {                                           \
    HWY_DYNAMIC_DISPATCH(Subtract_##T)(x, s, rows, n, y);                 \
  }                                                                       \
  template <>                                                             \
  void SubtractFromRows(const T* x, const T* s, const T* t, int64_t rows, \
                        int64_t n, T* y) {                                \
    HWY_DYNAMIC_DISPATCH(SubtractBoth_##T)(x, s, t, rows, n, y);          \
  }                                                                       \
  template <>                                                             \
  void ScaleRows(const T* x, const T* s, int64_t rows, int64_t n, T* y) { \
    HWY_DYNAMIC_DISPATCH(Scale_##T)(x, s, rows, n, y);                    \
  }
ADJOINT_MAP_ROWS(float)
ADJOINT_MAP_ROWS(double)
#undef ADJOINT_MAP_ROWS

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
