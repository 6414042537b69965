// The pointwise ops and the reductions that random programs are made of, each
// beside the same in scalars, and where it has derivatives.
#ifndef ADJOINT_TESTS_AUTOGRAD_PROGRAM_OPS_H_
#define ADJOINT_TESTS_AUTOGRAD_PROGRAM_OPS_H_

#include <vector>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

struct Unary {
  const char* name;
  Tensor (*tensor)(const Tensor& x);
  double (*plain)(double x);
  bool (*smooth)(double x) = [](double) { return true; };
};
absl::Span<const Unary> UnaryOps();

struct Binary {
  const char* name;
  Tensor (*tensor)(const Tensor& a, const Tensor& b);
  double (*plain)(double a, double b);
  bool (*smooth)(double a, double b) = [](double, double) { return true; };
};
absl::Span<const Binary> BinaryOps();

struct Reduction {
  const char* name;
  Tensor (*tensor)(const Tensor& x, absl::Span<const int> axes, bool keepdims);
  double (*plain)(const std::vector<double>& x);
  bool (*smooth)(const std::vector<double>& x) =
      [](const std::vector<double>&) { return true; };
};
absl::Span<const Reduction> Reductions();

// Those that keep the elements along one axis.
struct AlongAxis {
  const char* name;
  Tensor (*tensor)(const Tensor& x, int axis);
  std::vector<double> (*plain)(const std::vector<double>& x);
};
absl::Span<const AlongAxis> AlongAxisOps();

}  // namespace adjoint

#endif  // ADJOINT_TESTS_AUTOGRAD_PROGRAM_OPS_H_
