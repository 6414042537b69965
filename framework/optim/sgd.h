// Stochastic gradient descent.
#ifndef ADJOINT_FRAMEWORK_OPTIM_SGD_H_
#define ADJOINT_FRAMEWORK_OPTIM_SGD_H_

#include <string>
#include <vector>

#include "framework/optim/optimizer.h"

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
              const StateSpans<T>& state) const;

 protected:
  std::vector<std::string> Slots() const override;

 private:
  SgdOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_SGD_H_
