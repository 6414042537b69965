// Where a NaN or an infinity comes from.
//
//   NanTracer tracer;
//   {
//     ObserverScope observe(&tracer);
//     gradients = Grad(LossOf(model(x)), model);
//   }
//   if (tracer.first()) std::cerr << tracer.first()->ToString();
//
//   log in encoder.1, forward: 2 of 6 elements are not finite
//     x0  f32 [2,3]  from 0 to 1.5
//     y   f32 [2,3]  from -0.7 to 0.4, 2 not finite
#ifndef ADJOINT_FRAMEWORK_INSPECT_NAN_TRACER_H_
#define ADJOINT_FRAMEWORK_INSPECT_NAN_TRACER_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "framework/core/observer.h"
#include "framework/core/tensor.h"
#include "framework/inspect/module_paths.h"

namespace adjoint::inspect {

// What the elements of a tensor are like.
struct Range {
  DType dtype = DType::kF32;
  Shape shape;
  // Of the finite elements; min > max if there are none.
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  int64_t non_finite = 0;  // How many are NaN or infinite.
};

Range RangeOf(const Tensor& x);

// An application of an op whose output is not finite everywhere.
struct NonFinite {
  std::string op;
  bool backward = false;  // Whether Grad made it.
  // The dotted path of the module it was made in, in backward of the one whose
  // gradient it is. Empty outside of modules and in the outermost one.
  std::string module;
  std::vector<Range> inputs;
  Range output;

  // A line for the op and one for each of its tensors, as above.
  std::string ToString() const;
};

// Remembers the first op whose output has an element that is NaN or infinite.
// Until then it costs a pass over each output, and nothing from then on.
// Integers are never looked at.
class NanTracer final : public Observer {
 public:
  void OnOp(const OpEvent& event) override;

  const std::optional<NonFinite>& first() const { return first_; }

 private:
  ModulePaths paths_;
  std::optional<NonFinite> first_;
};

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_NAN_TRACER_H_
