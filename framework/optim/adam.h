// Adam and AdamW.
#ifndef ADJOINT_FRAMEWORK_OPTIM_ADAM_H_
#define ADJOINT_FRAMEWORK_OPTIM_ADAM_H_

#include <string>
#include <vector>

#include "framework/optim/optimizer.h"

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
  void Update(absl::Span<T> w, absl::Span<const T> g,
              const StateSpans<T>& state) const;

 protected:
  std::vector<std::string> Slots() const override {
    return {"mean", "mean_square"};
  }

 private:
  AdamOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ADAM_H_
