#include "framework/inspect/step_memory.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "framework/core/memory.h"

namespace adjoint::inspect {

std::string StepMemory::ToString() const {
  const auto mebibytes = [](int64_t bytes) {
    return absl::StrFormat("%.2f MiB", static_cast<double>(bytes) / (1 << 20));
  };
  return absl::StrFormat(
      "memory  parameters %s, gradients %s, optimizer %s, activations %s at "
      "batch %d, peak %s\n",
      mebibytes(parameters), mebibytes(gradients), mebibytes(optimizer),
      mebibytes(activations), batch, mebibytes(peak()));
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
