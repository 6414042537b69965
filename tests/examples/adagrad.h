// An optimizer of one's own.
#ifndef ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_
#define ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_

#include <cmath>
#include <string>
#include <vector>

#include "framework/adjoint.h"

namespace examples {

// s += g^2 and w -= lr g / (sqrt(s) + 1e-10), elementwise, s starting at 0.
// (Duchi, Hazan and Singer 2011.)
class Adagrad final : public adjoint::optim::ElementwiseOptimizer<Adagrad> {
 public:
  explicit Adagrad(double learning_rate)
      : ElementwiseOptimizer(learning_rate) {}

  template <class T>
  void Update(const adjoint::optim::Sweep<T>& sweep) const {
    const T lr = static_cast<T>(learning_rate());
    sweep([=](T& w, T g, T& s) {
      s += g * g;
      w -= lr * g / (std::sqrt(s) + T(1e-10));
    });
  }

 protected:
  std::vector<std::string> Slots() const override { return {"sum_of_squares"}; }
};

}  // namespace examples

#endif  // ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_
