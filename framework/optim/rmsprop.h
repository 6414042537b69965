// Steps divided by the root of the mean square of recent gradients.
#ifndef ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_
#define ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_

#include <string>
#include <vector>

#include "framework/optim/optimizer.h"

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
              const StateSpans<T>& state) const;

 protected:
  // "mean_square", and "mean" and "velocity" where the options need them.
  std::vector<std::string> Slots() const override;

 private:
  RmspropOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_RMSPROP_H_
