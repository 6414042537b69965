#include "framework/nn/checkpoint.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/autograd/checkpoint.h"

namespace adjoint::nn {
namespace {

// A parameter, and the value it has or had.
struct Valued {
  Parameter parameter;
  Tensor value;
};

// While it lives, parameters have the values of another time. Those that have
// them still, as weights do until the next step, are not touched.
class AsOf {
 public:
  explicit AsOf(const std::vector<Valued>& then) {
    for (const auto& [parameter, value] : then) {
      if (parameter.value().array() == value.array()) continue;
      now_.push_back({parameter, parameter.value()});
      parameter.Set(value);
    }
  }
  ~AsOf() {
    for (const auto& [parameter, value] : now_) parameter.Set(value);
  }
  AsOf(const AsOf&) = delete;
  AsOf& operator=(const AsOf&) = delete;

 private:
  std::vector<Valued> now_;
};

// A forward pass of a layer that can be run again.
class Replay {
 public:
  // Takes down how things are before the first run.
  Replay(std::shared_ptr<const Layer> layer, const Pass& pass)
      : layer_(std::move(layer)),
        pass_(pass),
        rng_(pass.rng != nullptr ? *pass.rng : Rng(0)) {
    for (const NamedParameter& p : Parameters(*layer_)) {
      values_.push_back({p.parameter, p.parameter.value()});
    }
  }

  // x and the trainable parameters.
  std::vector<Tensor> InputsWith(const Tensor& x) const {
    std::vector<Tensor> xs = {x};
    for (const auto& [parameter, value] : values_) {
      if (parameter.trainable()) xs.push_back(value);
    }
    return xs;
  }

  Tensor operator()(absl::Span<const Tensor> xs) const {
    const AsOf then(values_);
    Rng rng = rng_;
    Pass pass = pass_;
    if (pass.rng != nullptr) pass.rng = &rng;
    return layer_->Forward(xs[0], pass);
  }

 private:
  std::shared_ptr<const Layer> layer_;
  Pass pass_;
  Rng rng_;
  std::vector<Valued> values_;
};

}  // namespace

// The layer takes the place of this one, under whose name it runs.
void Checkpoint::Visit(Visitor& visit) const { layer_->Visit(visit); }

std::string Checkpoint::Kind() const {
  return absl::StrCat("Checkpoint ", layer_->Kind());
}

Tensor Checkpoint::Forward(const Tensor& x, const Pass& pass) const {
  if (!IsRecording()) return layer_->Forward(x, pass);
  const Replay replay(layer_, pass);
  return adjoint::Checkpoint(
      [&](absl::Span<const Tensor> xs) { return layer_->Forward(xs[0], pass); },
      replay, replay.InputsWith(x));
}

}  // namespace adjoint::nn
