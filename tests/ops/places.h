// The elements of tensors by their places.
#ifndef ADJOINT_TESTS_OPS_PLACES_H_
#define ADJOINT_TESTS_OPS_PLACES_H_

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"

namespace adjoint {

using Place = std::vector<int64_t>;

// All places of an array of this shape, in row-major order.
inline std::vector<Place> Places(const Shape& shape) {
  std::vector<Place> places = {{}};
  for (int64_t extent : shape.dims()) {
    std::vector<Place> longer;
    for (const Place& place : places) {
      for (int64_t i = 0; i < extent; ++i) {
        longer.push_back(place);
        longer.back().push_back(i);
      }
    }
    places = longer;
  }
  return places;
}

inline double At(const Tensor& x, const Place& place) {
  int64_t offset = 0;
  for (int i = 0; i < x.rank(); ++i) offset = offset * x.shape()[i] + place[i];
  return VisitFloat(x.dtype(), [&](auto zero) {
    return static_cast<double>(x.data<decltype(zero)>()[offset]);
  });
}

// Expects y to have `shape` and at each place the value that `f` names.
inline void ExpectValues(const Tensor& y, const Shape& shape,
                         const std::function<double(const Place&)>& f) {
  ASSERT_EQ(y.shape(), shape);
  for (const Place& place : Places(shape)) {
    ASSERT_EQ(At(y, place), f(place)) << "in " << shape;
  }
}

// A random tensor of `rank`, now f32 and now f64, with extents that are small,
// now and then 0 or 1, or cross the borders of tiles.
inline Tensor RandomTensor(int rank, Rng& rng) {
  constexpr std::array<int64_t, 9> kExtents = {2, 3, 5, 4, 1, 0, 16, 17, 35};
  std::vector<int64_t> dims(rank);
  for (int64_t& extent : dims) {
    extent = kExtents[rng.NextBelow(rank > 3 ? 5 : kExtents.size())];
  }
  return Draw(Real(Shape(dims)), rng.NextBelow(2) ? DType::kF64 : DType::kF32,
              rng);
}

template <class ErrorT>
std::string TextOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "nothing of the kind was thrown";
}

}  // namespace adjoint

#endif  // ADJOINT_TESTS_OPS_PLACES_H_
