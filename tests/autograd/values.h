// Short names for what the tests of differentiation say often.
#ifndef ADJOINT_TESTS_AUTOGRAD_VALUES_H_
#define ADJOINT_TESTS_AUTOGRAD_VALUES_H_

#include <vector>

#include "framework/core/tensor.h"

namespace adjoint {

// A variable of one element.
inline Tensor Variable(double value) {
  return Leaf(FromValues<double>({}, {value}));
}

// The elements of an f64 tensor.
inline std::vector<double> Values(const Tensor& x) {
  const absl::Span<const double> elements = x.data<double>();
  return {elements.begin(), elements.end()};
}

}  // namespace adjoint

#endif  // ADJOINT_TESTS_AUTOGRAD_VALUES_H_
