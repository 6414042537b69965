#include "framework/kernels/instruction_set.h"

#include <cstdint>

#include "hwy/highway.h"

namespace adjoint::kernels {

std::string InstructionSet() {
  // Better targets have lower bits.
  const auto supported = static_cast<uint64_t>(hwy::SupportedTargets());
  const std::string name =
      hwy::TargetName(static_cast<int64_t>(supported & (~supported + 1)));
  // Highway's name for AVX-512 and its extensions.
  return name.rfind("AVX3", 0) == 0 ? "AVX-512" : name;
}

}  // namespace adjoint::kernels
