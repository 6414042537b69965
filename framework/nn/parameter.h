// The only mutable cell.
#ifndef ADJOINT_FRAMEWORK_NN_PARAMETER_H_
#define ADJOINT_FRAMEWORK_NN_PARAMETER_H_

#include <memory>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::nn {

struct ParameterOptions {
  // Whether optimizers change it. Running statistics, say, are saved with the
  // model and not trained.
  bool trainable = true;
};

// A tensor that can be changed: a weight, or an optimizer's state. Copying a
// Parameter makes a second name for the same cell, which is how weights are
// tied.
class Parameter {
 public:
  // An undefined parameter, such as the bias of a layer without one.
  Parameter() = default;
  explicit Parameter(const Tensor& value, ParameterOptions options = {});

  bool defined() const { return cell_ != nullptr; }

  // The rest throws ValueError for an undefined parameter.

  bool trainable() const { return cell().trainable; }

  // The current value; a leaf of the graph if trainable. Later changes of the
  // parameter do not show in it.
  const Tensor& value() const { return cell().value; }
  operator const Tensor&() const { return value(); }  // NOLINT: is a tensor

  // Replaces the value. Throws ShapeError unless shape and dtype are the same.
  void Set(const Tensor& value) const;

  // The elements for changing them in place. They are copied first if anything
  // else still holds the old value, a live graph for example, whose gradients
  // thus stay right; the reference count tells. Throws DTypeError as
  // Tensor::data does.
  template <class T>
  absl::Span<T> MutableData() const {
    return absl::MakeSpan(static_cast<T*>(Writable(kDTypeOf<T>)),
                          value().size());
  }

  // How often MutableData has had to copy, over all parameters.
  static int64_t CopiesMade();

  // Whether both are names of the same cell.
  friend bool operator==(const Parameter& a, const Parameter& b) {
    return a.cell_ == b.cell_;
  }

 private:
  struct Cell {
    Tensor value;
    bool trainable;
  };
  Cell& cell() const {
    if (!cell_) ThrowUndefined();
    return *cell_;
  }
  [[noreturn]] static void ThrowUndefined();
  void* Writable(DType dtype) const;

  std::shared_ptr<Cell> cell_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_PARAMETER_H_
