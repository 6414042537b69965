// Adam and AdamW.
#ifndef ADJOINT_FRAMEWORK_OPTIM_ADAM_H_
#define ADJOINT_FRAMEWORK_OPTIM_ADAM_H_

#include <cmath>
#include <string>
#include <vector>

#include "framework/optim/elementwise_optimizer.h"

namespace adjoint::optim {

struct AdamOptions {
  double learning_rate = 0.001;  // >= 0
  double beta1 = 0.9;            // In [0, 1).
  double beta2 = 0.999;          // In [0, 1).
  double epsilon = 1e-8;         // >= 0; with 0, unused weights become NaN.
  double weight_decay = 0;       // >= 0
  // Whether the decay shrinks the weight itself (AdamW) rather than being added
  // to the gradient (L2).
  bool decoupled_weight_decay = false;
};

// Kingma and Ba 2015, algorithm 1, as PyTorch has it. With lr, b1, b2, eps and
// wd for the options and t = 1, 2, ... for the step:
//
//   g += wd w, or decoupled            (Loshchilov and Hutter 2019)
//   w -= lr wd w
//   m = b1 m + (1 - b1) g
//   v = b2 v + (1 - b2) g^2
//   w -= lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)
//
// PyTorch's AdamW is
//
//   Adam({.weight_decay = 0.01, .decoupled_weight_decay = true})
class Adam final : public ElementwiseOptimizer<Adam> {
 public:
  // Throws ValueError for options out of range.
  explicit Adam(AdamOptions options = {});

  template <class T>
  void Update(const Sweep<T>& sweep) const {
    const AdamOptions& o = options_;
    // Both means began at 0; these are the weights of what came since.
    const double t = static_cast<double>(steps() + 1);
    const double seen1 = 1 - std::pow(o.beta1, t);
    const double seen2 = 1 - std::pow(o.beta2, t);
    const double decay = learning_rate() * weight_decay();
    const T lr = static_cast<T>(learning_rate() / seen1);
    const T root = static_cast<T>(1 / std::sqrt(seen2));
    const T b1 = static_cast<T>(o.beta1), c1 = static_cast<T>(1 - o.beta1);
    const T b2 = static_cast<T>(o.beta2), c2 = static_cast<T>(1 - o.beta2);
    const T eps = static_cast<T>(o.epsilon);
    const T wd = static_cast<T>(o.decoupled_weight_decay ? 0 : weight_decay());
    const T keep = static_cast<T>(o.decoupled_weight_decay ? 1 - decay : 1);
    sweep([=](T& w, T g, T& m, T& v) {
      g += wd * w;
      m = b1 * m + c1 * g;
      v = b2 * v + c2 * g * g;
      w = keep * w - lr * m / (std::sqrt(v) * root + eps);
    });
  }

 protected:
  std::vector<std::string> Slots() const override {
    return {"mean", "mean_square"};
  }

 private:
  AdamOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ADAM_H_
