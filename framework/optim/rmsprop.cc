#include "framework/optim/rmsprop.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "framework/optim/range.h"

namespace adjoint::optim {

Rmsprop::Rmsprop(RmspropOptions options)
    : ElementwiseOptimizer(options.learning_rate), options_(options) {
  RequireBelowOne("rmsprop: smoothing", options.smoothing);
  RequireNotNegative("rmsprop: epsilon", options.epsilon);
  RequireBelowOne("rmsprop: momentum", options.momentum);
  RequireNotNegative("rmsprop: weight_decay", options.weight_decay);
}

std::vector<std::string> Rmsprop::Slots() const {
  std::vector<std::string> slots = {"mean_square"};
  if (options_.centered) slots.push_back("mean");
  if (options_.momentum != 0) slots.push_back("velocity");
  return slots;
}

template <class T>
void Rmsprop::Update(absl::Span<T> w, absl::Span<const T> g,
                     const StateSpans<T>& state) const {
  const T lr = static_cast<T>(learning_rate());
  const T a = static_cast<T>(options_.smoothing);
  const T b = static_cast<T>(1 - options_.smoothing);
  const T eps = static_cast<T>(options_.epsilon);
  const T mu = static_cast<T>(options_.momentum);
  const T wd = static_cast<T>(options_.weight_decay);
  // A loop for each choice of options, so that each is free of branches.
  const auto update = [&](auto centered, auto momentum) {
    const size_t n = w.size();
    T* __restrict pw = w.data();
    const T* __restrict pg = g.data();
    T* __restrict ps = state.front().data();
    T* __restrict pm = state[centered ? 1 : 0].data();
    T* __restrict pv = state.back().data();
    for (size_t i = 0; i < n; ++i) {
      const T gi = pg[i] + wd * pw[i];
      ps[i] = a * ps[i] + b * gi * gi;
      T variance = ps[i];
      if constexpr (centered) {
        pm[i] = a * pm[i] + b * gi;
        // Never negative but for rounding.
        variance = std::max(variance - pm[i] * pm[i], T(0));
      }
      T d = gi / (std::sqrt(variance) + eps);
      if constexpr (momentum) d = pv[i] = mu * pv[i] + d;
      pw[i] -= lr * d;
    }
  };
  constexpr std::true_type kYes;
  constexpr std::false_type kNo;
  if (options_.centered) {
    options_.momentum != 0 ? update(kYes, kYes) : update(kYes, kNo);
  } else {
    options_.momentum != 0 ? update(kNo, kYes) : update(kNo, kNo);
  }
}

template void Rmsprop::Update(absl::Span<float>, absl::Span<const float>,
                              const StateSpans<float>&) const;
template void Rmsprop::Update(absl::Span<double>, absl::Span<const double>,
                              const StateSpans<double>&) const;

}  // namespace adjoint::optim
