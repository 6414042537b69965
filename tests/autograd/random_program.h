// Programs of random ops on small arrays, each written twice: in the
// framework's ops, and in plain loops.
#ifndef ADJOINT_TESTS_AUTOGRAD_RANDOM_PROGRAM_H_
#define ADJOINT_TESTS_AUTOGRAD_RANDOM_PROGRAM_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/rng.h"
#include "framework/core/tensor.h"
#include "tests/autograd/plain.h"

namespace adjoint {

// An op with its attributes, of values[operands[0]], values[operands[1]], ...
struct Step {
  std::string name;
  std::vector<int> operands;
  std::function<Tensor(const std::vector<Tensor>&)> tensor;
  std::function<plain::Values(const std::vector<plain::Values>&)> plain;
};

// The values are first the inputs, then the result of each step. Each value
// that no step uses is part of what the program computes: the sum over all
// their elements, each times a weight.
struct RandomProgram {
  std::vector<plain::Values> inputs;
  std::vector<Step> steps;
  std::vector<std::pair<int, plain::Values>> weights;  // By value.

  // All values, for inputs of the same shapes as `inputs`; last their sum.
  std::vector<Tensor> Run(std::vector<Tensor> values) const;
  std::vector<plain::Values> Run(std::vector<plain::Values> values) const;

  // One step a line, with the shapes.
  std::string ToString() const;
};

// Three inputs and `steps` steps, such that no value is larger than 5, and none
// of an op that is not smooth everywhere is near a place where it is not.
RandomProgram DrawProgram(int steps, Rng& rng);

// The names of all ops that DrawProgram may use.
std::vector<std::string> DrawnOps();

}  // namespace adjoint

#endif  // ADJOINT_TESTS_AUTOGRAD_RANDOM_PROGRAM_H_
