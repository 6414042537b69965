// What a training step holds in memory.
#ifndef ADJOINT_FRAMEWORK_INSPECT_STEP_MEMORY_H_
#define ADJOINT_FRAMEWORK_INSPECT_STEP_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::inspect {

// In bytes. MeasureStep measures activations and working; the rest is for the
// caller to fill in.
struct StepMemory {
  int64_t parameters = 0;
  int64_t gradients = 0;
  int64_t optimizer = 0;
  int64_t batch = 0;        // Examples, of which
  int64_t batches = 0;      // so many bytes are held, with those read ahead.
  int64_t activations = 0;  // Held between forward and backward.
  int64_t working = 0;      // The most that both held at once, with gradients.
  int64_t evaluation = 0;   // The most that an evaluation holds, batch and all.

  // Parameters, the optimizer's state, and what a step or an evaluation holds
  // at its fullest.
  int64_t peak() const { return parameters + optimizer + batches + working; }
  int64_t evaluation_peak() const {
    return parameters + optimizer + evaluation;
  }

  // memory  parameters 427.3 KiB, gradients 427.3 KiB, optimizer 427.3 KiB
  //         activations 128.1 KiB, batches 896.5 KiB at batch 128
  //         peak of a step 2.26 MiB, of an evaluation 2.61 MiB
  std::string ToString() const;
};

int64_t SizeInBytes(absl::Span<const Tensor> tensors);

// Runs `forward` and gives its result, the loss, to `backward`, which is to
// move it into Grad, and measures what they add to the memory of tensors and
// graph nodes (core/memory.h): what was there before, such as the batch, does
// not count. Nothing else may run meanwhile. Resets the memory's peak.
StepMemory MeasureStep(absl::FunctionRef<Tensor()> forward,
                       absl::FunctionRef<void(Tensor loss)> backward);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_STEP_MEMORY_H_
