// An optimizer of one's own.
#ifndef ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_
#define ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "framework/adjoint.h"

namespace examples {

// s += g^2 and w -= lr g / (sqrt(s) + 1e-10), elementwise, s starting at 0.
// (Duchi, Hazan and Singer 2011.)
class Adagrad final : public adjoint::optim::ElementwiseOptimizer<Adagrad> {
 public:
  explicit Adagrad(double learning_rate)
      : ElementwiseOptimizer(learning_rate) {}

  template <class T>
  void Update(absl::Span<T> w, absl::Span<const T> g,
              const adjoint::optim::StateSpans<T>& state) const {
    const absl::Span<T> s = state[0];
    const T lr = static_cast<T>(learning_rate());
    for (size_t i = 0; i < w.size(); ++i) {
      s[i] += g[i] * g[i];
      w[i] -= lr * g[i] / (std::sqrt(s[i]) + T(1e-10));
    }
  }

 protected:
  std::vector<std::string> Slots() const override { return {"sum_of_squares"}; }
};

}  // namespace examples

#endif  // ADJOINT_TESTS_EXAMPLES_ADAGRAD_H_
