// The list of all ops linked into the program, with the examples that prove,
// time and document them. Applying an op anywhere in the program's code puts it
// here, before main (op.h): there is no call to register one.
#ifndef ADJOINT_FRAMEWORK_CORE_CATALOG_H_
#define ADJOINT_FRAMEWORK_CORE_CATALOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/base/rng.h"
#include "framework/core/tensor.h"

namespace adjoint {

// What a backward rule may read. Everything else reaches it as a ghost: shape
// and dtype without elements. A set of flags.
enum class Save : uint8_t {
  kNothing = 0,
  kOutput = 1,
  kInput0 = 2,
  kInput1 = 4,
  kInput2 = 8,
  kInput3 = 16,
  kInputs = 0xfe,
};

constexpr Save operator|(Save a, Save b) {
  return static_cast<Save>(static_cast<int>(a) | static_cast<int>(b));
}
constexpr bool Includes(Save set, Save flag) {
  return (static_cast<int>(set) & static_cast<int>(flag)) != 0;
}
// Whether `set` includes input `i`; inputs from the seventh on go together.
constexpr bool IncludesInput(Save set, size_t i) {
  return (static_cast<int>(set) >> (i < 6 ? i + 1 : 7) & 1) != 0;
}

// What an input may be.
enum class Takes : uint8_t {
  kFloat,  // f32 or f64, of one dtype with the other floats.
  kIndex,  // i32.
  kAny,    // f32, f64 or i32, of one dtype with the other floats and anys.
};

// How to draw one input of an example.
struct Operand {
  enum class Kind { kUniform, kAwayFromZero, kDistinct, kIndex };
  Shape shape;
  Kind kind = Kind::kUniform;
  double low = -2;
  double high = 2;
};

// Uniform over [low, high), by default over [-2, 2). For a function with kinks
// elsewhere than at 0, one example for each side of them.
Operand Real(const Shape& shape);
Operand Real(const Shape& shape, double low, double high);
// Uniform over [0.5, 2): inside the domain of log and 1/x.
Operand Positive(const Shape& shape);
// Uniform over [-2, -0.25) and [0.25, 2): clear of a kink at 0.
Operand AwayFromZero(const Shape& shape);
// A random order of equally spaced values in [-2, 2]: clear of ties.
Operand Distinct(const Shape& shape);
// i32, uniform over [0, bound).
Operand Index(const Shape& shape, int64_t bound);

// The inputs of an example: at most eight, kept in place. A vector, which each
// op's examples would have to free, takes a compiler much longer.
class OperandList {
 public:
  OperandList() = default;
  OperandList(std::initializer_list<Operand> operands);

  size_t size() const { return size_; }
  Operand& operator[](size_t i) { return operands_[i]; }
  const Operand& operator[](size_t i) const { return operands_[i]; }
  const Operand* begin() const { return operands_.data(); }
  const Operand* end() const { return operands_.data() + size_; }

 private:
  std::array<Operand, 8> operands_;
  size_t size_ = 0;
};

// Draws a tensor as `operand` says; reals as `dtype`.
Tensor Draw(const Operand& operand, DType dtype, Rng& rng);

// An application that proves an op, or that must fail. Written in the op's
// Examples(); the designated initializers name what is set.
template <class OpT>
struct Example {
  OpT op = {};
  OperandList inputs;
  // Worth a benchmark, and too large to be differentiated by differences.
  bool timed = false;
  // If not empty: the application must throw, and its text contain this.
  absl::string_view error = "";
  // The tolerance of the gradient checks; looser than this only with a comment.
  double rtol = 1e-5;
  double atol = 1e-7;
};

// The same with the op's type erased.
struct CatalogExample {
  std::function<Tensor(absl::Span<const Tensor> x)> apply;
  // The bare rule, as Node::Vjp with the tensors it reads; null if there is
  // none.
  std::function<void(const Tensor& dy, const Tensor& y,
                     absl::Span<const Tensor> x, absl::Span<const bool> needs,
                     absl::Span<Tensor> dx)>
      vjp;
  OperandList inputs;
  bool timed;
  absl::string_view error = "";
  double rtol;
  double atol;
};

struct CatalogEntry {
  absl::string_view name;
  absl::string_view doc;  // The formula.
  bool differentiable;    // Whether it has a Vjp.
  Save save;
  absl::Span<const Takes> takes;  // As kTakes (op.h).
  int arity;                      // -1 for any number of inputs.
  std::vector<CatalogExample> (*examples)();
};

// All ops, sorted by name. REQUIRES: main has begun.
const std::vector<CatalogEntry>& Catalog();

// Called by op.h before main. Ends the process if two ops share a name.
void AddToCatalog(const CatalogEntry& entry);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_CATALOG_H_
