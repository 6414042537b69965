// A model's weights as one number.
#ifndef ADJOINT_FRAMEWORK_TRAIN_WEIGHTS_H_
#define ADJOINT_FRAMEWORK_TRAIN_WEIGHTS_H_

#include <string>

#include "framework/nn/module.h"

namespace adjoint::train {

// The SHA-256, in hexadecimal digits, of the bytes of all parameters, in the
// order of their names. Two models of one architecture and of equal digest have
// the same weights, bit for bit.
std::string WeightsSha256(const nn::Module& model);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_WEIGHTS_H_
