// What is wrong with a text that is no JSON, or not the JSON it should be.
#ifndef ADJOINT_FRAMEWORK_TRAIN_JSON_ERROR_H_
#define ADJOINT_FRAMEWORK_TRAIN_JSON_ERROR_H_

#include <exception>
#include <string>

namespace adjoint::train {

// What `error` says, fit for a terminal: JSON's library quotes the text that it
// could not read, of any length and with whatever bytes it has.
std::string JsonError(const std::exception& error);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_JSON_ERROR_H_
