#include "framework/optim/accumulate.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"

namespace adjoint::optim {
namespace {

// Calls fn(sum, x) with the elements of both, a range at a time.
template <class Fn>
void ForRanges(const Array& sum, const Tensor& x, Fn fn) {
  VisitFloat(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const absl::Span<const T> from = x.data<T>();
    T* const to = static_cast<T*>(sum.data());
    constexpr int64_t kGrain = 128 * 1024;
    ParallelFor(x.size(), kGrain, [&](int64_t begin, int64_t end) {
      WithWidestVectors([&, begin, end] {
        const Fn local = fn;
        const T* const in = from.data();  // May be `to` itself.
        T* const out = to;
        for (int64_t i = begin; i < end; ++i) out[i] = local(out[i], in[i]);
      });
    });
  });
}

}  // namespace

void Accumulator::Add(const Gradients& gradients, double weight) {
  if (!std::isfinite(weight) || weight <= 0) {
    throw ValueError(
        absl::StrCat("accumulate: weight must be finite and > 0: ", weight));
  }
  const Gradients::Items& items = gradients.items();
  const bool first = weight_ == 0;
  bool alike = first || items.size() == sums_.size();
  for (size_t i = 0; alike && !first && i < items.size(); ++i) {
    alike = items[i].parameter == sums_[i].parameter;
  }
  if (!alike) {
    throw ValueError("accumulate: gradients of other parameters than before");
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const auto& [parameter, x] = items[i];
    const auto scale = [weight](auto v) {
      return v * static_cast<decltype(v)>(weight);
    };
    if (first) {
      sums_.push_back({parameter, Array::New(x.dtype(), x.shape())});
      ForRanges(*sums_[i].array, x, [scale](auto, auto v) { return scale(v); });
    } else {
      ForRanges(*sums_[i].array, x,
                [scale](auto sum, auto v) { return sum + scale(v); });
    }
  }
  weight_ += weight;
}

Gradients Accumulator::Take() {
  if (weight_ == 0) throw ValueError("accumulate: no gradients were added");
  const double total = std::exchange(weight_, 0);
  Gradients::Items items;
  for (Sum& sum : std::exchange(sums_, {})) {
    const Tensor mean(std::move(sum.array));
    ForRanges(*mean.array(), mean, [total](auto v, auto) {
      return v / static_cast<decltype(v)>(total);
    });
    items.push_back({sum.parameter, mean});
  }
  return Gradients(std::move(items));
}

}  // namespace adjoint::optim
