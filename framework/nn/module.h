// Modules: things that have parameters.
//
//   class Mlp final : public Layer {
//    public:
//     explicit Mlp(Rng& rng) : hidden_(784, 128, rng), out_(128, 10, rng) {}
//     void Visit(Visitor& visit) const override {
//       visit("hidden", hidden_);
//       visit("out", out_);
//     }
//     std::string Kind() const override { return "Mlp"; }
//     Tensor Forward(const Tensor& x, const Pass& pass) const override {
//       return out_(adjoint::Relu(hidden_(x, pass)), pass);
//     }
//    private:
//     Linear hidden_, out_;
//   };
#ifndef ADJOINT_FRAMEWORK_NN_MODULE_H_
#define ADJOINT_FRAMEWORK_NN_MODULE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "framework/autograd/grad.h"
#include "framework/base/rng.h"
#include "framework/core/memory.h"
#include "framework/core/scope.h"
#include "framework/core/tensor.h"
#include "framework/nn/parameter.h"

namespace adjoint::nn {

class Module;

// What Module::Visit shows its parts to.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void operator()(absl::string_view name, const Parameter& part) = 0;
  virtual void operator()(absl::string_view name, const Module& part) = 0;
};

// A thing with parameters and child modules. Parameter lists, dotted names,
// checkpoints, counts and summaries all stand on Visit.
class Module {
 public:
  virtual ~Module() = default;

  // Names the parameters and the children, always in the same order. Undefined
  // parameters may be named; nobody sees them. A module without parts keeps
  // this empty version.
  virtual void Visit(Visitor& visit) const;

  // The kind of module, with its sizes where it has any: "Linear", "Dropout
  // 0.5". For people to read.
  virtual std::string Kind() const = 0;
};

// A parameter and its dotted name within a module: "encoder.2.bias".
struct NamedParameter {
  std::string name;
  Parameter parameter;
};

// All parameters of `module` and of what is below it, in the order of Visit. A
// cell with several names is listed once, by the first.
std::vector<NamedParameter> Parameters(const Module& module);

// The same, shown to `fn` one after the other: what each training step calls,
// for it takes no memory from the system.
void ForEachParameter(
    const Module& module,
    absl::FunctionRef<void(absl::string_view name, const Parameter&)> fn);

// The number of elements of the trainable parameters.
int64_t CountParameters(const Module& module);

// A module below another, and its dotted name there.
struct NamedModule {
  std::string name;
  const Module* module;
};

// `module` itself, named "", and all modules below it, parents first.
std::vector<NamedModule> Modules(const Module& module);

// What a forward pass needs to know besides its input.
struct Pass {
  // Whether this pass is for training: dropout drops, statistics are updated.
  bool training = false;
  // Where randomness comes from. May be null if nothing random is in the way.
  Rng* rng = nullptr;
};

// Marks the current thread as running inside `module`, for errors and
// observers. Layer's call operator opens one; a module with a Forward of
// another signature opens its own.
class ModuleScope : Scope {
 public:
  explicit ModuleScope(const Module& module);
};

// A module from one tensor to one tensor.
class Layer : public Module {
 public:
  virtual Tensor Forward(const Tensor& x, const Pass& pass) const = 0;

  // Forward, with errors that tell where in the model they arose.
  Tensor operator()(const Tensor& x, const Pass& pass = {}) const {
    ModuleScope scope(*this);
    return Forward(x, pass);
  }
};

}  // namespace adjoint::nn

namespace adjoint {

// The gradients of a model's trainable parameters.
class Gradients {
 public:
  struct Item {
    nn::Parameter parameter;
    Tensor gradient;  // Of the parameter's shape.
  };
  using Items = PooledVector<Item>;

  Gradients() = default;
  // Throws ShapeError unless each gradient has its parameter's shape and dtype.
  explicit Gradients(Items items);

  // In the order of nn::Parameters.
  const Items& items() const { return items_; }

  // The gradient by `parameter`. Throws ValueError if it was not asked for.
  const Tensor& operator[](const nn::Parameter& parameter) const;

 private:
  Items items_;
};

// The gradient of `loss`, a tensor of one element, with respect to each
// trainable parameter of `model`; zeros for those it does not depend on.
// `Grad(std::move(loss), model)` frees the graph as it goes. Throws as
// Grad(y, xs) does, and ValueError for a loss without history.
Gradients Grad(Tensor loss, const nn::Module& model,
               const GradOptions& options = {});

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_NN_MODULE_H_
