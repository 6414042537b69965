// How misuse is reported.
//
// Wrong shapes throw, wrong files return. A call that breaks the rules of the
// tensor API throws one of the classes below; its text names the op, every
// operand's dtype and shape, the rule that was broken and, inside a module,
// the module's dotted path:
//
//   matmul: inner dimensions differ, 784 and 785: f32 [128,784], f32 [785,64]
//   (in encoder.0)
//
// What comes from outside the program (files, flags) never throws: those
// functions return absl::Status. A bug of our own ends the process through
// ADJOINT_CHECK, with the place and the condition.
#ifndef ADJOINT_FRAMEWORK_BASE_ERROR_H_
#define ADJOINT_FRAMEWORK_BASE_ERROR_H_

#include <stdexcept>
#include <string>

namespace adjoint {

// Misuse of the tensor API.
class Error : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

// Operands whose shapes do not fit each other or the attributes of the op.
class ShapeError : public Error {
 public:
  using Error::Error;
};

// An operand of a dtype that the op does not take.
class DTypeError : public Error {
 public:
  using Error::Error;
};

// An undefined tensor or a value that was not kept was read, or a value is out
// of its range.
class ValueError : public Error {
 public:
  using Error::Error;
};

// Prints `file:line: check failed: condition` to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line,
                              const char* condition);

}  // namespace adjoint

// Ends the process if `condition` is false: for our own bugs, never for input.
#define ADJOINT_CHECK(condition) \
  (static_cast<bool>(condition)  \
       ? static_cast<void>(0)    \
       : ::adjoint::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // ADJOINT_FRAMEWORK_BASE_ERROR_H_
