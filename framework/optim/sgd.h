// Stochastic gradient descent.
#ifndef ADJOINT_FRAMEWORK_OPTIM_SGD_H_
#define ADJOINT_FRAMEWORK_OPTIM_SGD_H_

#include <string>
#include <vector>

#include "framework/optim/elementwise_optimizer.h"

namespace adjoint::optim {

struct SgdOptions {
  double learning_rate = 0.01;  // >= 0
  double momentum = 0;          // In [0, 1).
  bool nesterov = false;        // Needs momentum > 0.
  double weight_decay = 0;      // >= 0; added to the gradient (L2).
};

// With lr, mu and wd for the options, as PyTorch has it:
//
//   g += wd w
//   v = mu v + g                   (Polyak 1964)
//   w -= lr v, or with nesterov    (Sutskever, Martens, Dahl, Hinton 2013)
//   w -= lr (g + mu v)
class Sgd final : public ElementwiseOptimizer<Sgd> {
 public:
  // Throws ValueError for options out of range.
  explicit Sgd(SgdOptions options = {});

  template <class T>
  void Update(absl::Span<T> w, absl::Span<const T> g,
              const StateSpans<T>& state) const {
    const T lr = static_cast<T>(learning_rate());
    const T mu = static_cast<T>(options_.momentum);
    const T wd = static_cast<T>(weight_decay());
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

 protected:
  std::vector<std::string> Slots() const override;

 private:
  SgdOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_SGD_H_
