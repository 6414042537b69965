// Running the examples of the catalogue.
#ifndef ADJOINT_FRAMEWORK_TESTING_EXAMPLE_RUNS_H_
#define ADJOINT_FRAMEWORK_TESTING_EXAMPLE_RUNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"

namespace adjoint::testing {

// The inputs of `example`, the same at each call; reals as `dtype`.
std::vector<Tensor> DrawAll(const CatalogExample& example, DType dtype);

// What the op of `entry` takes as input `i`.
Takes TakesOf(const CatalogEntry& entry, size_t i);

// The elements as they lie in memory.
std::string Bytes(const Tensor& x);

// The output and, if the op is differentiable, the gradient by each float input
// for a seed that is the same at each call.
std::vector<Tensor> ForwardAndBackward(const CatalogExample& example,
                                       absl::Span<const Tensor> xs);

// The seed that ForwardAndBackward gives to an output like `y`.
Tensor SeedLike(const Tensor& y);

}  // namespace adjoint::testing

#endif  // ADJOINT_FRAMEWORK_TESTING_EXAMPLE_RUNS_H_
