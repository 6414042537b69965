#include "framework/testing/example_runs.h"

#include <algorithm>
#include <utility>

#include "framework/autograd/grad.h"
#include "framework/base/rng.h"
#include "framework/ops/cast.h"

namespace adjoint::testing {

std::vector<Tensor> DrawAll(const CatalogExample& example, DType dtype) {
  Rng rng(7);
  std::vector<Tensor> xs;
  for (const Operand& operand : example.inputs) {
    xs.push_back(Draw(operand, dtype, rng));
  }
  return xs;
}

Takes TakesOf(const CatalogEntry& entry, size_t i) {
  if (entry.takes.empty()) return Takes::kFloat;
  return entry.takes[std::min(i, entry.takes.size() - 1)];
}

std::string Bytes(const Tensor& x) {
  return VisitDType(x.dtype(), [&](auto zero) {
    const auto data = x.data<decltype(zero)>();
    return std::string(reinterpret_cast<const char*>(data.data()),
                       data.size() * sizeof(zero));
  });
}

Tensor SeedLike(const Tensor& y) {
  Rng rng(11);
  return Cast(Draw(Real(y.shape()), DType::kF32, rng), y.dtype());
}

std::vector<Tensor> ForwardAndBackward(const CatalogExample& example,
                                       absl::Span<const Tensor> xs) {
  std::vector<Tensor> leaves(xs.begin(), xs.end()), variables;
  for (Tensor& x : leaves) {
    if (!IsFloat(x.dtype())) continue;
    x = Leaf(x);
    variables.push_back(x);
  }
  const Tensor y = example.apply(leaves);
  std::vector<Tensor> results = {y.Detach()};
  if (!y.node()) return results;
  for (Tensor& dx : Grad(y, variables, {.seed = SeedLike(y)})) {
    results.push_back(std::move(dx));
  }
  return results;
}

}  // namespace adjoint::testing
