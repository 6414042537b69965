#include "framework/optim/adam.h"

#include <cmath>

#include "framework/optim/range.h"

namespace adjoint::optim {

Adam::Adam(AdamOptions options)
    : ElementwiseOptimizer(options.learning_rate), options_(options) {
  RequireBelowOne("adam: beta1", options.beta1);
  RequireBelowOne("adam: beta2", options.beta2);
  RequireNotNegative("adam: epsilon", options.epsilon);
  RequireNotNegative("adam: weight_decay", options.weight_decay);
}

template <class T>
void Adam::Update(absl::Span<T> w, absl::Span<const T> g,
                  const StateSpans<T>& state) const {
  const AdamOptions& o = options_;
  // Both means began at 0; these are the weights of what came since.
  const double t = static_cast<double>(steps() + 1);
  const double seen1 = 1 - std::pow(o.beta1, t);
  const double seen2 = 1 - std::pow(o.beta2, t);
  const double decay = learning_rate() * o.weight_decay;
  const T lr = static_cast<T>(learning_rate() / seen1);
  const T root = static_cast<T>(1 / std::sqrt(seen2));
  const T b1 = static_cast<T>(o.beta1), c1 = static_cast<T>(1 - o.beta1);
  const T b2 = static_cast<T>(o.beta2), c2 = static_cast<T>(1 - o.beta2);
  const T eps = static_cast<T>(o.epsilon);
  const T wd = static_cast<T>(o.decoupled_weight_decay ? 0 : o.weight_decay);
  const T keep = static_cast<T>(o.decoupled_weight_decay ? 1 - decay : 1);
  const size_t n = w.size();
  T* __restrict pw = w.data();
  const T* __restrict pg = g.data();
  T* __restrict pm = state[0].data();
  T* __restrict pv = state[1].data();
  for (size_t i = 0; i < n; ++i) {
    const T gi = pg[i] + wd * pw[i];
    pm[i] = b1 * pm[i] + c1 * gi;
    pv[i] = b2 * pv[i] + c2 * gi * gi;
    pw[i] = keep * pw[i] - lr * pm[i] / (std::sqrt(pv[i]) * root + eps);
  }
}

template void Adam::Update(absl::Span<float>, absl::Span<const float>,
                           const StateSpans<float>&) const;
template void Adam::Update(absl::Span<double>, absl::Span<const double>,
                           const StateSpans<double>&) const;

}  // namespace adjoint::optim
