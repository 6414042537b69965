// What a training step holds in memory.
#ifndef ADJOINT_FRAMEWORK_INSPECT_STEP_MEMORY_H_
#define ADJOINT_FRAMEWORK_INSPECT_STEP_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::inspect {

// In bytes. The first three follow from shapes, and are for the caller to fill
// in with SizeInBytes; the others are of the batch that was measured.
struct StepMemory {
  int64_t parameters = 0;
  int64_t gradients = 0;
  int64_t optimizer = 0;
  int64_t batch = 0;        // Examples.
  int64_t activations = 0;  // Held between forward and backward.
  int64_t working = 0;      // The most that both held at once, with gradients.

  // Parameters, the optimizer's state and what the step holds at its fullest.
  int64_t peak() const { return parameters + optimizer + working; }

  // memory  parameters 427.3 KiB, gradients 427.3 KiB, optimizer 427.3 KiB
  //         activations 1.10 MiB at batch 128, peak of a step 3.00 MiB
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
