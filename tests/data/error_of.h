// The text of errors.
#ifndef ADJOINT_TESTS_DATA_ERROR_OF_H_
#define ADJOINT_TESTS_DATA_ERROR_OF_H_

#include <string>

namespace adjoint::data {

// The text of the E that `fn` throws; empty if it throws none.
template <class E, class Fn>
std::string ErrorOf(const Fn& fn) {
  try {
    fn();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace adjoint::data

#endif  // ADJOINT_TESTS_DATA_ERROR_OF_H_
