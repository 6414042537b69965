// Steps divided by the root of the mean square of recent gradients.
#ifndef ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_
#define ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_

#include <cmath>
#include <string>
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
  void Update(const Sweep<T>& sweep) const {
    const T lr = static_cast<T>(learning_rate());
    const T a = static_cast<T>(options_.smoothing);
    const T b = static_cast<T>(1 - options_.smoothing);
    const T eps = static_cast<T>(options_.epsilon);
    const T mu = static_cast<T>(options_.momentum);
    const T wd = static_cast<T>(weight_decay());
    const auto plain = [=](T& w, T g, T& s) {
      g += wd * w;
      s = a * s + b * g * g;
      return g / (std::sqrt(s) + eps);
    };
    const auto centered = [=](T& w, T g, T& s, T& m) {
      g += wd * w;
      s = a * s + b * g * g;
      m = a * m + b * g;
      const T variance = s - m * m;  // Never negative but for rounding.
      return g / (std::sqrt(variance < 0 ? 0 : variance) + eps);
    };
    const auto move = [=](T& w, T d, T& v) {
      v = mu * v + d;
      w -= lr * v;
    };
    const bool momentum = options_.momentum != 0;
    if (options_.centered && momentum) {
      sweep([=](T& w, T g, T& s, T& m, T& v) {
        move(w, centered(w, g, s, m), v);
      });
    } else if (options_.centered) {
      sweep([=](T& w, T g, T& s, T& m) { w -= lr * centered(w, g, s, m); });
    } else if (momentum) {
      sweep([=](T& w, T g, T& s, T& v) { move(w, plain(w, g, s), v); });
    } else {
      sweep([=](T& w, T g, T& s) { w -= lr * plain(w, g, s); });
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
