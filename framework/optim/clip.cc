#include "framework/optim/clip.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/optim/range.h"

namespace adjoint::optim {
namespace {

constexpr int64_t kGrain = 128 * 1024;

// Several sums at a time, for one alone waits for each addition.
template <class T>
double SumOfSquares(absl::Span<const T> x) {
  constexpr size_t kSums = 8;
  double sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums <= x.size(); i += kSums) {
    for (size_t s = 0; s < kSums; ++s) {
      const double v = x[i + s];
      sums[s] += v * v;
    }
  }
  for (; i < x.size(); ++i) sums[0] += static_cast<double>(x[i]) * x[i];
  for (size_t s = 1; s < kSums; ++s) sums[0] += sums[s];
  return sums[0];
}

double SumOfSquares(const Tensor& x) {
  return VisitFloat(x.dtype(), [&](auto zero) {
    const auto all = x.data<decltype(zero)>();
    std::vector<double> sums(NumChunks(x.size(), kGrain));
    ParallelFor(x.size(), kGrain, [&](int64_t begin, int64_t end) {
      sums[begin / kGrain] = SumOfSquares(all.subspan(begin, end - begin));
    });
    double sum = 0;
    for (double s : sums) sum += s;
    return sum;
  });
}

// The gradients with `fn` applied to each element.
template <class Fn>
Gradients Map(const Gradients& gradients, Fn fn) {
  std::vector<Gradients::Item> items;
  for (const auto& [parameter, x] : gradients.items()) {
    Ref<Array> y = Array::New(x.dtype(), x.shape());
    VisitFloat(x.dtype(), [&, &x = x](auto zero) {
      using T = decltype(zero);
      const T* from = x.template data<T>().data();
      T* to = static_cast<T*>(y->data());
      ParallelFor(x.size(), kGrain, [&](int64_t begin, int64_t end) {
        std::transform(from + begin, from + end, to + begin, fn);
      });
    });
    items.push_back({parameter, Tensor(std::move(y))});
  }
  return Gradients(std::move(items));
}

}  // namespace

bool AllFinite(const Gradients& gradients) {
  return std::isfinite(GlobalNorm(gradients));
}

double GlobalNorm(const Gradients& gradients) {
  double sum = 0;
  for (const Gradients::Item& item : gradients.items()) {
    sum += SumOfSquares(item.gradient);
  }
  return std::sqrt(sum);
}

ClippedGradients ClipByNorm(const Gradients& gradients, double max_norm) {
  RequireNotNegative("clip by norm: max_norm", max_norm);
  const double norm = GlobalNorm(gradients);
  if (!std::isfinite(norm) || norm <= max_norm) return {gradients, norm};
  const double scale = max_norm / norm;
  const auto shrink = [scale](auto x) {
    return static_cast<decltype(x)>(x * scale);
  };
  return {Map(gradients, shrink), norm};
}

Gradients ClipByValue(const Gradients& gradients, double max_value) {
  RequireNotNegative("clip by value: max_value", max_value);
  return Map(gradients, [max_value](auto x) {
    const auto bound = static_cast<decltype(x)>(max_value);
    return std::clamp(x, -bound, bound);
  });
}

}  // namespace adjoint::optim
