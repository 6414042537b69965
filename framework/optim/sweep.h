// One pass over a parameter, its gradient and the state that belongs to it.
#ifndef ADJOINT_FRAMEWORK_OPTIM_SWEEP_H_
#define ADJOINT_FRAMEWORK_OPTIM_SWEEP_H_

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/core/tensor.h"
#include "framework/kernels/gemm.h"
#include "framework/nn/parameter.h"

namespace adjoint::optim {

// T is the C++ type of all elements.
template <class T>
class Sweep {
 public:
  // Of `w` by `factor` times the gradient, all of one shape and dtype.
  Sweep(const nn::Parameter& w, const Tensor& gradient, double factor,
        absl::Span<const nn::Parameter> state)
      : w_(w.MutableData<T>()),
        gradient_(gradient),
        factor_(static_cast<T>(factor)),
        state_(state) {}

  // Calls rule(T& w, T g, T& s...) for each element, s being that of each slot.
  // Weights, gradients and state are read once and written once, in vectors,
  // and by several threads at once. Throws ValueError if the rule takes another
  // number of states than there are slots.
  template <class Rule>
  void operator()(const Rule& rule) const {
    constexpr size_t kSlots = CountSlots<Rule>(std::index_sequence<>());
    if (state_.size() != kSlots) {
      throw ValueError(
          absl::StrCat("optimizer: the rule takes states: ", kSlots,
                       ", Slots() names: ", state_.size()));
    }
    std::array<T*, kSlots> state;
    for (size_t s = 0; s < kSlots; ++s) {
      state[s] = state_[s].MutableData<T>().data();
    }
    SweepAll(rule, state, std::make_index_sequence<kSlots>());
  }

  // w += rate * gradient, for the rules that are no more than that. A gradient
  // whose elements nobody has asked for (core/array.h) is added to the weights
  // as it is computed, and never lies in memory; the result is the same.
  void Add(T rate) const {
    const Array& g = *gradient_.array();
    if (factor_ != 1 || g.is_outer()) {
      return (*this)([rate](T& w, T x) { w += rate * x; });
    }
    if (!g.is_pending()) {
      const T* const x = gradient_.data<T>().data();
      return ParallelFor(w_.size(), kGrain, [&](int64_t begin, int64_t end) {
        kernels::AddMultiple<T>(end - begin, rate, x + begin,
                                w_.data() + begin);
      });
    }
    const int64_t k = g.a().shape()[0], m = g.shape()[0], n = g.shape()[1];
    kernels::GemmAdd<T>(m, n, k, rate,
                        {static_cast<const T*>(g.a().data()), m, true},
                        {static_cast<const T*>(g.b().data()), n}, w_.data(), n);
  }

 private:
  // Fine enough that a thread updates about those rows of a weight whose
  // gradient it has computed: they are still in its cache.
  static constexpr int64_t kGrain = 16 * 1024;

  // How many states the rule takes: sizeof...(slot) or more.
  template <class Rule, size_t... slot>
  static constexpr size_t CountSlots(std::index_sequence<slot...>) {
    constexpr size_t kSlots = sizeof...(slot);
    static_assert(kSlots <= 8, "a rule is called as rule(T& w, T g, T& s...)");
    if constexpr (std::invocable<const Rule&, T&, T, State<slot>...>) {
      return kSlots;
    } else if constexpr (kSlots <= 8) {
      return CountSlots<Rule>(std::make_index_sequence<kSlots + 1>());
    }
  }
  template <size_t>
  using State = T&;

  template <class Rule, size_t... slot>
  void SweepAll(const Rule& rule, const std::array<T*, sizeof...(slot)>& state,
                std::index_sequence<slot...>) const {
    const Array& g = *gradient_.array();
    // Here, where all threads may share the product that it may be.
    const T* const x = g.is_outer() ? nullptr : static_cast<const T*>(g.data());
    ParallelFor(w_.size(), kGrain, [&](int64_t begin, int64_t end) {
      WithWidestVectors([&] {
        ForEachPiece(begin, end, x,
                     [&](int64_t i, int64_t n, T factor, const T* piece) {
                       SweepPiece(rule, n, factor, piece, w_.data() + i,
                                  (state[slot] + i)...);
                     });
      });
    });
  }

  // Calls fn(i, n, factor, piece) for one piece after the other of [begin,
  // end): the gradient's n elements from i on are factor * piece[0], factor *
  // piece[1], ... What lies in memory, at x, is one piece. An outer product
  // (core/array.h), for which x is null, has one a row, so nobody has to write
  // it to memory.
  template <class Fn>
  void ForEachPiece(int64_t begin, int64_t end, const T* x, Fn fn) const {
    if (x != nullptr) return fn(begin, end - begin, factor_, x + begin);
    const Array& g = *gradient_.array();
    const T* const column = static_cast<const T*>(g.a().data());
    const T* const row = static_cast<const T*>(g.b().data());
    const int64_t width = g.b().shape().size();
    for (int64_t i = begin; i < end;) {
      const int64_t j = i % width, n = std::min(width - j, end - i);
      fn(i, n, factor_ * column[i / width], row + j);
      i += n;
    }
  }

  // The rule by value: what is stored could be one of its constants otherwise,
  // and all would be loaded again for each vector.
  template <class Rule, class... States>
  static void SweepPiece(Rule rule, int64_t n, T factor, const T* x, T* w,
                         States*... state) {
    ADJOINT_INDEPENDENT_TURNS
    for (int64_t i = 0; i < n; ++i) rule(w[i], factor * x[i], state[i]...);
  }

  absl::Span<T> w_;
  const Tensor& gradient_;
  T factor_;
  absl::Span<const nn::Parameter> state_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_SWEEP_H_
