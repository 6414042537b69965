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
  void Update(const Sweep<T>& sweep) const {
    const T lr = static_cast<T>(learning_rate());
    const T mu = static_cast<T>(options_.momentum);
    const T wd = static_cast<T>(weight_decay());
    if (options_.momentum == 0 && wd == 0) {
      sweep.Add(-lr);
    } else if (options_.momentum == 0) {
      sweep([=](T& w, T g) { w -= lr * (g + wd * w); });
    } else if (options_.nesterov) {
      sweep([=](T& w, T g, T& v) {
        g += wd * w;
        v = mu * v + g;
        w -= lr * (g + mu * v);
      });
    } else {
      sweep([=](T& w, T g, T& v) {
        g += wd * w;
        v = mu * v + g;
        w -= lr * v;
      });
    }
  }

 protected:
  std::vector<std::string> Slots() const override;

 private:
  SgdOptions options_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_SGD_H_
