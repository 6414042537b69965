// What the kernels run on.
#ifndef ADJOINT_FRAMEWORK_KERNELS_INSTRUCTION_SET_H_
#define ADJOINT_FRAMEWORK_KERNELS_INSTRUCTION_SET_H_

#include <string>

namespace adjoint::kernels {

// The vector instructions that Highway chose on this processor, for people to
// read: "AVX-512", "AVX2", "SSE4", "NEON", ...
std::string InstructionSet();

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_INSTRUCTION_SET_H_
