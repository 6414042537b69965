#include <iostream>

#include "framework/adjoint.h"

namespace ad = adjoint;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ad::Rng rng(0);  // Of first weights, none of which will stay.
  const ad::nn::Sequential model(ad::nn::Linear(6, 4, rng), ad::nn::Relu(),
                                 ad::nn::Linear(4, 3, rng));
  const absl::Status loaded = ad::train::LoadInto(model, argv[1]);
  if (!loaded.ok()) {
    std::cerr << loaded.message() << "\n";
    return 1;
  }
  const ad::NoGrad no_grad;  // No history, hence less memory.
  const ad::Tensor x = ad::FromValues({1, 6}, {1, 0, -1, 2, 0.5, 0});
  std::cout << ad::Softmax(model(x)) << "\n";
}
