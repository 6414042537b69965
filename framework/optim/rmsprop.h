// Steps divided by the root of the mean square of recent gradients.
#ifndef ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_
#define ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "framework/optim/elementwise_optimizer.h"

namespace adjoint::optim {

struct RmspropOptions {
  double learning_rate = 0.01;  // >= 0
  double smoothing = 0.99;      // In [0, 1); PyTorch's alpha.
  double epsilon = 1e-8;        // >= 0; with 0, unused weights become NaN.
  bool centered = false;        // Divide by the standard deviation instead.
  double momentum = 0;          // In [0, 1).
  double weight_decay = 0;      // >= 0; added to the gradient (L2).
};

// With lr, a, eps, mu and wd for the options, as PyTorch has it:
//
//   g += wd w
//   s = a s + (1 - a) g^2              (Tieleman and Hinton 2012)
//   d = g / (sqrt(s) + eps), or centered
//   m = a m + (1 - a) g                (Graves 2013, equations 38 to 45)
//   d = g / (sqrt(s - m^2) + eps)
//   v = mu v + d
//   w -= lr v
class Rmsprop final : public ElementwiseOptimizer<Rmsprop> {
 public:
  // Throws ValueError for options out of range.
  explicit Rmsprop(RmspropOptions options = {});

  template <class T>
  void Update(absl::Span<T> w, absl::Span<const T> g,
              const StateSpans<T>& state) const {
    const T lr = static_cast<T>(learning_rate());
    const T a = static_cast<T>(options_.smoothing);
    const T b = static_cast<T>(1 - options_.smoothing);
    const T eps = static_cast<T>(options_.epsilon);
    const T mu = static_cast<T>(options_.momentum);
    const T wd = static_cast<T>(weight_decay());
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

 protected:
  // "mean_square", and "mean" and "velocity" where the options need them.
  std::vector<std::string> Slots() const override;

 private:
  RmspropOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_
