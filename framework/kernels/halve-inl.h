// Many vectors brought to one, with a lane for each. Highway compiles this file
// once for each instruction set.
//
// A vector is summed by halving it again and again, which costs more than to
// read a short row. Instead as many rows as a vector has lanes are first
// brought to one vector each, and all of these are halved together:
//
//   a = [a0 a1 a2 a3], b, c, d   ->  [a0+a1 a2+a3 b0+b1 b2+b3], [c.. d..]
//                                ->  [a b c d]

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_HALVE_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_HALVE_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_HALVE_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_HALVE_INL_H_
#endif

#include <cstdint>
#include <limits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct Addition {
  template <class R>
  static constexpr R kIdentity = 0;
  template <class D, class V>
  static HWY_INLINE V Of(D, V a, V b) {
    return hn::Add(a, b);
  }
};

struct Maximum {
  template <class R>
  static constexpr R kIdentity = -std::numeric_limits<R>::infinity();
  // A NaN on either side wins: no comparison with it holds.
  template <class D, class V>
  static HWY_INLINE V Of(D, V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
  }
};

// A vector of the results of `rows` vectors, one behind the other.
template <int64_t rows, class Op, class D>
HWY_INLINE hn::Vec<D> Halve(D d, const hn::TFromD<D>* vectors) {
#if HWY_TARGET != HWY_SCALAR  // Whose vectors of one lane have no halves.
  if constexpr (rows > 1) {
    const auto a = Halve<rows / 2, Op>(d, vectors);
    const auto b = Halve<rows / 2, Op>(
        d, vectors + rows / 2 * static_cast<int64_t>(hn::MaxLanes(d)));
    return Op::Of(d, hn::ConcatEven(d, b, a), hn::ConcatOdd(d, b, a));
  }
#endif
  return hn::LoadU(d, vectors);
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
