// Optimizers that treat every element by itself. A new one is its options, the
// names of its state and a rule for one element:
//
//   // w -= lr sign(g)   (Bernstein, Wang, Azizzadenesheli, Anandkumar 2018)
//   class SignSgd final : public ElementwiseOptimizer<SignSgd> {
//    public:
//     explicit SignSgd(double learning_rate)
//         : ElementwiseOptimizer(learning_rate) {}
//     template <class T>
//     void Update(const Sweep<T>& sweep) const {
//       const T lr = static_cast<T>(learning_rate());
//       sweep([=](T& w, T g) { w -= lr * ((g > 0) - (g < 0)); });
//     }
//   };
#ifndef ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_
#define ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_

#include "absl/types/span.h"
#include "framework/optim/optimizer.h"
#include "framework/optim/sweep.h"

namespace adjoint::optim {

// `Rule::Update(sweep)` is called once for each parameter in a step. It hands
// its rule, one for each choice of options that matters, to the sweep.
template <class Rule>
class ElementwiseOptimizer : public Optimizer {
 protected:
  using Optimizer::Optimizer;

  void UpdateParameter(const nn::Parameter& w, const Tensor& gradient,
                       double factor,
                       absl::Span<const nn::Parameter> state) final {
    VisitFloat(gradient.dtype(), [&](auto zero) {
      using T = decltype(zero);
      static_cast<const Rule*>(this)->Update(
          Sweep<T>(w, gradient, factor, state));
    });
  }
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_
