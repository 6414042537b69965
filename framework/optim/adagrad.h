// Steps that shrink with the gradients of the past.
#ifndef ADJOINT_FRAMEWORK_OPTIM_ADAGRAD_H_
#define ADJOINT_FRAMEWORK_OPTIM_ADAGRAD_H_

#include <cmath>
#include <string>
#include <vector>

#include "framework/optim/elementwise_optimizer.h"

namespace adjoint::optim {

struct AdagradOptions {
  double learning_rate = 0.01;     // >= 0
  double learning_rate_decay = 0;  // >= 0
  double epsilon = 1e-10;          // >= 0; with 0, unused weights become NaN.
  double initial_accumulator = 0;  // >= 0
  double weight_decay = 0;         // >= 0; added to the gradient (L2).
};

// Duchi, Hazan and Singer 2011, as PyTorch has it. With lr, decay, eps, s0 and
// wd for the options and t = 1, 2, ... for the step:
//
//   g += wd w
//   s += g^2
//   w -= lr / (1 + (t - 1) decay) g / (sqrt(s0 + s) + eps)
class Adagrad final : public ElementwiseOptimizer<Adagrad> {
 public:
  // Throws ValueError for options out of range.
  explicit Adagrad(AdagradOptions options = {});

  template <class T>
  void Update(const Sweep<T>& sweep) const {
    const double decay = 1 + steps() * options_.learning_rate_decay;
    const T lr = static_cast<T>(learning_rate() / decay);
    const T eps = static_cast<T>(options_.epsilon);
    const T s0 = static_cast<T>(options_.initial_accumulator);
    const T wd = static_cast<T>(weight_decay());
    sweep([=](T& w, T g, T& s) {
      g += wd * w;
      s += g * g;
      w -= lr * g / (std::sqrt(s0 + s) + eps);
    });
  }

 protected:
  std::vector<std::string> Slots() const override { return {"sum_of_squares"}; }

 private:
  AdagradOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ADAGRAD_H_
