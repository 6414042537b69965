#include <iostream>

#include "framework/adjoint.h"

namespace ad = adjoint;

int main() {
  ad::Tensor x = ad::Leaf(ad::FromValues({3}, {0, 1, 2}));
  ad::Tensor y = ad::Sum(ad::Exp(x) * x);
  ad::Tensor dy = ad::Grad(y, {x}, {.create_graph = true})[0];
  ad::Tensor ddy = ad::Grad(ad::Sum(dy), {x})[0];
  std::cout << dy << "\n" << ddy << "\n";  // e^x (1 + x) and e^x (2 + x)
  const bool right = dy.data<float>()[0] == 1 && ddy.data<float>()[0] == 2;
  return right ? 0 : 1;
}
