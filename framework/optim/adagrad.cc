#include "framework/optim/adagrad.h"

#include <cmath>

#include "framework/optim/range.h"

namespace adjoint::optim {

Adagrad::Adagrad(AdagradOptions options)
    : ElementwiseOptimizer(options.learning_rate), options_(options) {
  RequireNotNegative("adagrad: learning_rate_decay",
                     options.learning_rate_decay);
  RequireNotNegative("adagrad: epsilon", options.epsilon);
  RequireNotNegative("adagrad: initial_accumulator",
                     options.initial_accumulator);
  RequireNotNegative("adagrad: weight_decay", options.weight_decay);
}

template <class T>
void Adagrad::Update(absl::Span<T> w, absl::Span<const T> g,
                     const StateSpans<T>& state) const {
  const double decay = 1 + steps() * options_.learning_rate_decay;
  const T lr = static_cast<T>(learning_rate() / decay);
  const T eps = static_cast<T>(options_.epsilon);
  const T s0 = static_cast<T>(options_.initial_accumulator);
  const T wd = static_cast<T>(options_.weight_decay);
  const size_t n = w.size();
  T* __restrict pw = w.data();
  const T* __restrict pg = g.data();
  T* __restrict ps = state[0].data();
  for (size_t i = 0; i < n; ++i) {
    const T gi = pg[i] + wd * pw[i];
    ps[i] += gi * gi;
    pw[i] -= lr * gi / (std::sqrt(s0 + ps[i]) + eps);
  }
}

template void Adagrad::Update(absl::Span<float>, absl::Span<const float>,
                              const StateSpans<float>&) const;
template void Adagrad::Update(absl::Span<double>, absl::Span<const double>,
                              const StateSpans<double>&) const;

}  // namespace adjoint::optim
