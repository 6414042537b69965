// A layer of one's own.
#ifndef ADJOINT_TESTS_EXAMPLES_HIGHWAY_H_
#define ADJOINT_TESTS_EXAMPLES_HIGHWAY_H_

#include <cstdint>
#include <string>

#include "framework/adjoint.h"
#include "tests/examples/softsign.h"

namespace examples {

// y = t h + (1 - t) x, where h = softsign(hidden(x)) and the gate
// t = sigmoid(gate(x)) begins nearly closed: x [..., size] -> [..., size].
// (Srivastava, Greff and Schmidhuber 2015, equation 3.)
class Highway final : public adjoint::nn::Layer {
 public:
  Highway(int64_t size, adjoint::Rng& rng)
      : hidden_(size, size, rng),
        gate_(size, size, rng, {.bias_init = adjoint::nn::init::Constant(-2)}) {
  }

  void Visit(adjoint::nn::Visitor& visit) const override {
    visit("hidden", hidden_);
    visit("gate", gate_);
  }
  std::string Kind() const override { return "Highway"; }
  adjoint::Tensor Forward(const adjoint::Tensor& x,
                          const adjoint::nn::Pass& pass) const override {
    const adjoint::Tensor t = Sigmoid(gate_(x, pass));
    return x + t * (Softsign(hidden_(x, pass)) - x);
  }

 private:
  adjoint::nn::Linear hidden_, gate_;
};

}  // namespace examples

#endif  // ADJOINT_TESTS_EXAMPLES_HIGHWAY_H_
