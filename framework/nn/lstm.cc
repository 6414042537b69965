#include "framework/nn/lstm.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/nn/init.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/lstm.h"
#include "framework/ops/matmul.h"
#include "framework/ops/shape.h"

namespace adjoint::nn {
namespace {

// Layer k of a state of zeros or of `state` [layers, batch, hidden]:
// [batch, hidden].
Tensor LayerOf(const Tensor& state, int64_t k, const Shape& shape,
               DType dtype) {
  if (!state.defined()) return Zeros(shape, dtype);
  return Reshape(Slice(state, 0, k, k + 1), shape);
}

// The last time of y [batch, time, hidden] as a layer of a state:
// [1, batch, hidden].
Tensor Last(const Tensor& y) {
  const int64_t time = y.shape()[1];
  return Reshape(Slice(y, 1, time - 1, time), {1, y.shape()[0], y.shape()[2]});
}

}  // namespace

LstmState LstmState::Detach() const { return {h.Detach(), c.Detach()}; }

Lstm::Lstm(int64_t input_size, int64_t hidden_size, Rng& rng,
           const LstmOptions& options)
    : input_size_(input_size),
      hidden_size_(hidden_size),
      dropout_(options.dropout) {
  if (input_size < 1 || hidden_size < 1 || options.num_layers < 1) {
    throw ShapeError(absl::StrCat("Lstm: sizes must be >= 1: input ",
                                  input_size, ", hidden ", hidden_size,
                                  ", layers ", options.num_layers));
  }
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
  const auto draw = [&](const Shape& shape) {
    return Parameter(init::Uniform(-bound, bound)(shape, options.dtype, rng));
  };
  const int64_t gates = 4 * hidden_size;
  for (int64_t k = 0; k < options.num_layers; ++k) {
    Weights layer;
    layer.weight_ih = draw({gates, k == 0 ? input_size : hidden_size});
    layer.weight_hh = draw({gates, hidden_size});
    if (options.bias) {
      layer.bias_ih = draw({gates});
      layer.bias_hh = draw({gates});
    }
    layers_.push_back(std::move(layer));
  }
}

void Lstm::Visit(Visitor& visit) const {
  for (size_t k = 0; k < layers_.size(); ++k) {
    visit(absl::StrCat("weight_ih_l", k), layers_[k].weight_ih);
    visit(absl::StrCat("weight_hh_l", k), layers_[k].weight_hh);
    visit(absl::StrCat("bias_ih_l", k), layers_[k].bias_ih);
    visit(absl::StrCat("bias_hh_l", k), layers_[k].bias_hh);
  }
}

std::string Lstm::Kind() const {
  if (layers_.size() == 1) return "Lstm";
  return absl::StrCat("Lstm ", layers_.size(), " layers");
}

Tensor Lstm::Forward(const Tensor& x, const Pass& pass) const {
  return Run(x, {}, pass, nullptr);
}

Lstm::Output Lstm::Continue(const Tensor& x, const LstmState& state,
                            const Pass& pass) const {
  ModuleScope scope(*this);
  Output output;
  output.y = Run(x, state, pass, &output.state);
  return output;
}

Tensor Lstm::Run(Tensor x, const LstmState& state, const Pass& pass,
                 LstmState* last) const {
  if (x.rank() != 3 || x.shape()[2] != input_size_) {
    throw ShapeError(Explain(
        "Lstm", absl::StrCat("x [batch,time,", input_size_, "] wanted"), {&x}));
  }
  const int64_t batch = x.shape()[0];
  for (const Tensor* part : {&state.h, &state.c}) {
    const Shape wanted = {static_cast<int64_t>(layers_.size()), batch,
                          hidden_size_};
    if (part->defined() && part->shape() != wanted) {
      throw ShapeError(Explain(
          "Lstm", absl::StrCat("a state ", wanted.ToString(), " wanted"),
          {&x, part}));
    }
  }
  const Shape of_layer = {batch, hidden_size_};
  std::vector<Tensor> h, c;
  for (size_t k = 0; k < layers_.size(); ++k) {
    const Weights& layer = layers_[k];
    if (k > 0) x = dropout_.Forward(x, pass);
    const Tensor projected =
        layer.bias_ih.defined()
            ? adjoint::Linear(x, layer.weight_ih, layer.bias_ih + layer.bias_hh)
            : adjoint::Linear(x, layer.weight_ih);
    const Tensor y = adjoint::Lstm(
        projected, LayerOf(state.h, k, of_layer, x.dtype()),
        LayerOf(state.c, k, of_layer, x.dtype()), layer.weight_hh);
    x = PlaneOf(y, LstmPlane::kHidden);
    if (last == nullptr) continue;
    h.push_back(Last(x));
    c.push_back(Last(PlaneOf(y, LstmPlane::kCell)));
  }
  if (last != nullptr) *last = {Concat(h, 0), Concat(c, 0)};
  return x;
}

}  // namespace adjoint::nn
