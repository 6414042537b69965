#include "framework/inspect/step_memory.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "framework/core/memory.h"
#include "framework/inspect/table.h"

namespace adjoint::inspect {

std::string StepMemory::ToString() const {
  const auto text = [](int64_t bytes) {
    return bytes == 0 ? "0 B" : Bytes(bytes);
  };
  return absl::StrFormat(
      "memory  parameters %s, gradients %s, optimizer %s\n"
      "        activations %s, batches %s at batch %d\n"
      "        peak of a step %s, of an evaluation %s\n",
      text(parameters), text(gradients), text(optimizer), text(activations),
      text(batches), batch, text(peak()), text(evaluation_peak()));
}

int64_t SizeInBytes(absl::Span<const Tensor> tensors) {
  int64_t bytes = 0;
  for (const Tensor& x : tensors) bytes += x.size() * SizeOf(x.dtype());
  return bytes;
}

StepMemory MeasureStep(absl::FunctionRef<Tensor()> forward,
                       absl::FunctionRef<void(Tensor loss)> backward) {
  StepMemory memory;
  const int64_t before = GetMemoryStats().live;
  ResetMemoryPeak();
  Tensor loss = forward();
  memory.activations = GetMemoryStats().live - before;
  backward(std::move(loss));
  memory.working = GetMemoryStats().peak - before;
  return memory;
}

}  // namespace adjoint::inspect
