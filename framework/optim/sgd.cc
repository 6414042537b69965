#include "framework/optim/sgd.h"

#include "framework/base/error.h"
#include "framework/optim/range.h"

namespace adjoint::optim {

Sgd::Sgd(SgdOptions options)
    : ElementwiseOptimizer(options.learning_rate), options_(options) {
  RequireBelowOne("sgd: momentum", options.momentum);
  if (options.nesterov && options.momentum == 0) {
    throw ValueError("sgd: nesterov needs momentum > 0");
  }
  RequireNotNegative("sgd: weight_decay", options.weight_decay);
}

std::vector<std::string> Sgd::Slots() const {
  if (options_.momentum == 0) return {};
  return {"velocity"};
}

template <class T>
void Sgd::Update(absl::Span<T> w, absl::Span<const T> g,
                 const StateSpans<T>& state) const {
  const T lr = static_cast<T>(learning_rate());
  const T mu = static_cast<T>(options_.momentum);
  const T wd = static_cast<T>(options_.weight_decay);
  const size_t n = w.size();
  T* __restrict pw = w.data();
  const T* __restrict pg = g.data();
  if (state.empty()) {
    for (size_t i = 0; i < n; ++i) pw[i] -= lr * (pg[i] + wd * pw[i]);
    return;
  }
  T* __restrict pv = state[0].data();
  if (options_.nesterov) {
    for (size_t i = 0; i < n; ++i) {
      const T gi = pg[i] + wd * pw[i];
      pv[i] = mu * pv[i] + gi;
      pw[i] -= lr * (gi + mu * pv[i]);
    }
  } else {
    for (size_t i = 0; i < n; ++i) {
      pv[i] = mu * pv[i] + (pg[i] + wd * pw[i]);
      pw[i] -= lr * pv[i];
    }
  }
}

template void Sgd::Update(absl::Span<float>, absl::Span<const float>,
                          const StateSpans<float>&) const;
template void Sgd::Update(absl::Span<double>, absl::Span<const double>,
                          const StateSpans<double>&) const;

}  // namespace adjoint::optim
