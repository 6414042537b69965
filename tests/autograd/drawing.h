// How a step of a random program is drawn.
#ifndef ADJOINT_TESTS_AUTOGRAD_DRAWING_H_
#define ADJOINT_TESTS_AUTOGRAD_DRAWING_H_

#include <optional>
#include <vector>

#include "framework/base/rng.h"
#include "tests/autograd/plain.h"
#include "tests/autograd/random_program.h"

namespace adjoint {

// An op of some of `values`, where each has derivatives; none if those drawn
// suit no op.
std::optional<Step> DrawStep(const std::vector<plain::Values>& values,
                             Rng& rng);

}  // namespace adjoint

#endif  // ADJOINT_TESTS_AUTOGRAD_DRAWING_H_
