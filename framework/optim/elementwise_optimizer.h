// Optimizers that treat every element by itself. A new one is its options, the
// names of its state and one update loop:
//
//   // w -= lr sign(g)   (Bernstein, Wang, Azizzadenesheli, Anandkumar 2018)
//   class SignSgd final : public ElementwiseOptimizer<SignSgd> {
//    public:
//     explicit SignSgd(double learning_rate)
//         : ElementwiseOptimizer(learning_rate) {}
//     template <class T>
//     void Update(absl::Span<T> w, absl::Span<const T> g,
//                 const StateSpans<T>& state) const {
//       for (size_t i = 0; i < w.size(); ++i) {
//         w[i] -= static_cast<T>(learning_rate()) * ((g[i] > 0) - (g[i] < 0));
//       }
//     }
//   };
#ifndef ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_
#define ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/optim/gradient_pieces.h"
#include "framework/optim/optimizer.h"

namespace adjoint::optim {

// The state of a range of elements, a span each slot.
template <class T>
using StateSpans = absl::InlinedVector<absl::Span<T>, 4>;

// `Rule::Update(w, g, state)` is called on ranges of a parameter, by several
// threads at once. Weights, gradients and state are read once and written once.
template <class Rule>
class ElementwiseOptimizer : public Optimizer {
 protected:
  using Optimizer::Optimizer;

  void UpdateParameter(const nn::Parameter& w, const Tensor& gradient,
                       double factor,
                       absl::Span<const nn::Parameter> state) final {
    VisitFloat(gradient.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const absl::Span<T> all_w = w.MutableData<T>();
      StateSpans<T> all_state;
      for (const nn::Parameter& s : state) {
        all_state.push_back(s.MutableData<T>());
      }
      // What it takes to be worth the waking of a thread: some 20 us of work.
      constexpr int64_t kGrain = 128 * 1024;
      ParallelFor(all_w.size(), kGrain, [&](int64_t begin, int64_t end) {
        ForEachPiece<T>(gradient, factor, begin, end,
                        [&](int64_t i, absl::Span<const T> g) {
                          UpdateRange(all_w, g, all_state, i);
                        });
      });
    });
  }

 private:
  // The elements from `begin` on that have a gradient in `g`.
  template <class T>
  void UpdateRange(absl::Span<T> w, absl::Span<const T> g, StateSpans<T> state,
                   int64_t begin) const {
    for (absl::Span<T>& s : state) s = s.subspan(begin, g.size());
    WithWidestVectors([&] {
      static_cast<const Rule*>(this)->template Update<T>(
          w.subspan(begin, g.size()), g, state);
    });
  }
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ELEMENTWISE_OPTIMIZER_H_
