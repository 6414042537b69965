#include "framework/testing/grad_check.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/autograd/grad.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/reduce.h"

namespace adjoint::testing {
namespace {

// Standard-normal-like directions would do as well; these avoid tiny weights.
Tensor RandomLike(const Tensor& x, Rng& rng) {
  return Draw(AwayFromZero(x.shape()), x.dtype(), rng);
}

Tensor Dot(const Tensor& a, const Tensor& b) { return Sum(a * b); }

bool IsVariable(const Tensor& x) { return x.dtype() == DType::kF64; }

// The f64 inputs as leaves, the others as they are.
std::vector<Tensor> Leaves(absl::Span<const Tensor> xs) {
  std::vector<Tensor> leaves(xs.begin(), xs.end());
  for (Tensor& x : leaves) {
    if (IsVariable(x)) x = Leaf(x);
  }
  return leaves;
}

std::vector<Tensor> Variables(absl::Span<const Tensor> xs) {
  std::vector<Tensor> variables;
  for (const Tensor& x : xs) {
    if (IsVariable(x)) variables.push_back(x);
  }
  return variables;
}

// The derivative of the number p(x) along u in input i by central differences
// of step h, Richardson-extrapolated: the error is of order h^4.
double Difference(const Function& p, std::vector<Tensor> xs, size_t i,
                  const Tensor& u, double h) {
  const Tensor x = xs[i];
  const auto slope = [&](double step) {
    xs[i] = x + u * step;
    const double above = p(xs).item();
    xs[i] = x - u * step;
    return (above - p(xs).item()) / (2 * step);
  };
  return (4 * slope(h / 2) - slope(h)) / 3;
}

// Compares the analytic gradient of the number p with differences.
absl::Status CheckNumber(const Function& p, absl::Span<const Tensor> xs,
                         int order, const GradCheckOptions& options, Rng& rng) {
  const std::vector<Tensor> leaves = Leaves(xs);
  const std::vector<Tensor> gradients = Grad(p(leaves), Variables(leaves));
  size_t next = 0;
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!IsVariable(xs[i])) continue;
    const Tensor& gradient = gradients[next++];
    const Tensor u = RandomLike(xs[i], rng);
    const double analytic = Dot(gradient, u).item();
    double numeric = 0;
    bool agrees = false;
    // Rounding favours long steps, curvature short ones.
    for (double h : {1e-3, 1e-2, 1e-4}) {
      numeric = Difference(p, {xs.begin(), xs.end()}, i, u, h);
      agrees = std::abs(analytic - numeric) <=
               options.atol + options.rtol * std::abs(numeric);
      if (agrees) break;
    }
    if (!agrees) {
      return absl::OutOfRangeError(absl::StrCat(
          "derivative of order ", order, " by input ", i, " (",
          Signature(xs[i]), "): analytic ", analytic, ", numeric ", numeric));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckGrad(const Function& f, absl::Span<const Tensor> xs,
                       GradCheckOptions options) {
  Rng rng(options.seed);
  const Tensor v = RandomLike(f(xs), rng);
  const Function first = [&](absl::Span<const Tensor> x) {
    return Dot(f(x), v);
  };
  absl::Status status = CheckNumber(first, xs, 1, options, rng);
  if (!status.ok() || options.order < 2) return status;

  std::vector<Tensor> weights;
  for (const Tensor& x : Variables(xs)) weights.push_back(RandomLike(x, rng));
  const Function second = [&](absl::Span<const Tensor> x) {
    // The differences move constants: gradients are taken at leaves made here,
    // unless the caller's are.
    const bool constant = !Variables(x)[0].node();
    const std::vector<Tensor> at =
        constant ? Leaves(x) : std::vector<Tensor>(x.begin(), x.end());
    const std::vector<Tensor> gradients =
        Grad(first(at), Variables(at), {.create_graph = true});
    Tensor sum = Zeros({}, DType::kF64);
    for (size_t i = 0; i < gradients.size(); ++i) {
      sum = sum + Dot(gradients[i], weights[i]);
    }
    return sum;
  };
  if (weights.empty()) return status;
  return CheckNumber(second, xs, 2, options, rng);
}

absl::Status CheckForwardMode(const Function& f, absl::Span<const Tensor> xs,
                              GradCheckOptions options) {
  Rng rng(options.seed);
  const std::vector<Tensor> leaves = Leaves(xs);
  const std::vector<Tensor> variables = Variables(leaves);
  const Tensor y = f(leaves);
  std::vector<Tensor> u;
  for (const Tensor& x : variables) u.push_back(RandomLike(x, rng));
  // <J' v, u>
  const auto reverse = [&](const Tensor& v, bool create_graph) {
    const std::vector<Tensor> pulled =
        Grad(y, variables, {.create_graph = create_graph, .seed = v});
    Tensor sum = Zeros({}, DType::kF64);
    for (size_t i = 0; i < u.size(); ++i) sum = sum + Dot(pulled[i], u[i]);
    return sum;
  };
  // J u is the gradient of <J' v, u> by v, at any v.
  const Tensor anywhere = Leaf(RandomLike(y, rng));
  const Tensor pushed = Grad(reverse(anywhere, true), {anywhere})[0];

  const Tensor v = RandomLike(y, rng);
  const double by_forward = Dot(v, pushed).item();
  const double by_reverse = reverse(v, false).item();
  if (std::abs(by_forward - by_reverse) <=
      options.atol + options.rtol * std::abs(by_reverse)) {
    return absl::OkStatus();
  }
  return absl::OutOfRangeError(absl::StrCat("forward mode gives ", by_forward,
                                            ", reverse mode ", by_reverse));
}

}  // namespace adjoint::testing
