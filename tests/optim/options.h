// Checks of options out of range.
#ifndef ADJOINT_TESTS_OPTIM_OPTIONS_H_
#define ADJOINT_TESTS_OPTIM_OPTIONS_H_

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "framework/base/error.h"

namespace adjoint::optim {

// Values out of the range of an option that must be finite and >= 0.
inline std::vector<double> Negatives() { return {-0.1, INFINITY, NAN}; }

// And of one that must be in [0, 1).
inline std::vector<double> NotBelowOne() { return {-0.1, 1, NAN}; }

// Expects a ValueError whose text names the option.
template <class Fn>
void ExpectBadOption(const std::string& name, Fn make) {
  try {
    make();
    ADD_FAILURE() << "a bad " << name << " was taken";
  } catch (const ValueError& e) {
    EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
  }
}

}  // namespace adjoint::optim

#endif  // ADJOINT_TESTS_OPTIM_OPTIONS_H_
