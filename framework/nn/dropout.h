// Dropout.
#ifndef ADJOINT_FRAMEWORK_NN_DROPOUT_H_
#define ADJOINT_FRAMEWORK_NN_DROPOUT_H_

#include <string>

#include "framework/nn/module.h"

namespace adjoint::nn {

// In training each element is zeroed with probability p and the others are
// scaled by 1/(1-p), so that the mean stays; otherwise y = x. (Srivastava,
// Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014.)
class Dropout final : public Layer {
 public:
  // Throws ValueError unless 0 <= p < 1.
  explicit Dropout(double p);

  std::string Kind() const override;

  // Throws ValueError in training if the pass has no rng.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  double p_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_DROPOUT_H_
