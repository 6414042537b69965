#include "framework/train/divergence.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "framework/inspect/nan_tracer.h"

namespace adjoint::train {

std::string FirstNonFinite(const nn::Module& model, const Objective& objective,
                           const data::Batch& batch, Rng rng) {
  inspect::NanTracer tracer;
  {
    const ObserverScope observe(&tracer);
    Tensor loss = objective(batch, {.training = true, .rng = &rng}).loss;
    if (!tracer.first()) Grad(std::move(loss), model);
  }
  if (!tracer.first()) return "";
  return std::string(
      absl::StripTrailingAsciiWhitespace(tracer.first()->ToString()));
}

}  // namespace adjoint::train
