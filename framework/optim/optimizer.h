// Optimizers: from gradients to new parameters.
//
// The base walks the parameters and owns the state. Most optimizers treat each
// element by itself and derive from ElementwiseOptimizer
// (elementwise_optimizer.h), which leaves one update loop to write.
#ifndef ADJOINT_FRAMEWORK_OPTIM_OPTIMIZER_H_
#define ADJOINT_FRAMEWORK_OPTIM_OPTIMIZER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/nn/module.h"
#include "framework/optim/parameter_group.h"

namespace adjoint::optim {

struct StepOptions {
  // What each gradient is multiplied by, in the sweep that uses it: ClipFactor
  // (clip.h), or one over a loss's scale.
  double gradient_factor = 1;
};

class Optimizer {
 public:
  // Throws ValueError unless both are finite and >= 0. What weight decay does
  // is for the optimizer to say; one that has none leaves it out.
  explicit Optimizer(double learning_rate, double weight_decay = 0);
  virtual ~Optimizer() = default;

  // From the next step on, treats the parameters that `group` matches as it
  // says: the first such group, where there are several. Groups are options,
  // not state; what resumes a training adds them again. Throws ValueError for
  // values out of range or no `matches`.
  void AddGroup(ParameterGroup group);

  // Changes each trainable parameter of `model` that is not frozen by its
  // gradient. State begins as zeros when a parameter is first seen. Throws
  // ValueError if a parameter has no gradient in `gradients`.
  void Step(const nn::Module& model, const Gradients& gradients,
            StepOptions options = {});

  // May be changed between steps; a schedule does. While Step updates a
  // parameter, it is that of its group.
  double learning_rate() const {
    return learning_rate_ * group_->learning_rate_factor;
  }
  void set_learning_rate(double learning_rate);

  // Steps made: while Step updates, those before it. Set by what resumes a
  // training. Throws ValueError unless steps >= 0.
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps);

  // The state as parameters that can be read and set, each named by the slot
  // and the parameter it belongs to ("velocity/0.weight"): what a checkpoint
  // holds beside steps(). Missing state is made.
  std::vector<nn::NamedParameter> State(const nn::Module& model);

 protected:
  // The names of the tensors kept for each parameter, such as "velocity".
  virtual std::vector<std::string> Slots() const { return {}; }

  // Of the options or, while Step updates a parameter, of its group.
  double weight_decay() const {
    return group_->weight_decay.value_or(weight_decay_);
  }

  // Updates `w`, which has the shape and dtype of `gradient` and of each slot
  // of `state`, by `factor` times the gradient.
  virtual void UpdateParameter(const nn::Parameter& w, const Tensor& gradient,
                               double factor,
                               absl::Span<const nn::Parameter> state) = 0;

 private:
  struct Entry {
    nn::Parameter parameter;
    std::vector<nn::Parameter> state;
  };
  // The entry of a parameter, made if need be. `hint` is where it should be.
  Entry& EntryOf(const nn::Parameter& parameter, size_t hint);
  const ParameterGroup& GroupOf(absl::string_view name) const;

  // Of a parameter that matches no group, and of none.
  static const ParameterGroup kNoGroup;

  double learning_rate_ = 0;
  double weight_decay_ = 0;
  std::vector<ParameterGroup> groups_;
  const ParameterGroup* group_ = &kNoGroup;  // Of what Step updates.
  int64_t steps_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_OPTIMIZER_H_
