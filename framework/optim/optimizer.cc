#include "framework/optim/optimizer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/optim/range.h"

namespace adjoint::optim {

const ParameterGroup Optimizer::kNoGroup = {};

Optimizer::Optimizer(double learning_rate, double weight_decay)
    : weight_decay_(weight_decay) {
  set_learning_rate(learning_rate);
  RequireNotNegative("optimizer: weight_decay", weight_decay);
}

void Optimizer::AddGroup(ParameterGroup group) {
  if (group.matches == nullptr) {
    throw ValueError("optimizer: a group matches nothing");
  }
  RequireNotNegative("optimizer: learning_rate_factor",
                     group.learning_rate_factor);
  RequireNotNegative("optimizer: weight_decay", group.weight_decay.value_or(0));
  groups_.push_back(std::move(group));
}

void Optimizer::set_learning_rate(double learning_rate) {
  RequireNotNegative("optimizer: learning_rate", learning_rate);
  learning_rate_ = learning_rate;
}

void Optimizer::set_steps(int64_t steps) {
  RequireAtLeast(0, "optimizer: steps", steps);
  steps_ = steps;
}

void Optimizer::Step(const nn::Module& model, const Gradients& gradients,
                     StepOptions options) {
  // However the step ends, the rates are those of no group again.
  struct LeaveGroup {
    Optimizer& optimizer;
    ~LeaveGroup() { optimizer.group_ = &kNoGroup; }
  } const leave{*this};
  const Gradients::Items& items = gradients.items();
  size_t next_item = 0;
  size_t next_entry = 0;
  const auto update = [&](absl::string_view name, const nn::Parameter& p) {
    if (!p.trainable()) return;
    const size_t i = next_item++;
    group_ = &GroupOf(name);
    if (group_->learning_rate_factor == 0) return;
    // Gradients of the same model come in the same order.
    const Tensor& gradient = i < items.size() && items[i].parameter == p
                                 ? items[i].gradient
                                 : gradients[p];
    UpdateParameter(p, gradient, options.gradient_factor,
                    EntryOf(p, next_entry++).state);
  };
  nn::ForEachParameter(model, update);
  ++steps_;
}

const ParameterGroup& Optimizer::GroupOf(absl::string_view name) const {
  for (const ParameterGroup& group : groups_) {
    if (group.matches(name)) return group;
  }
  return kNoGroup;
}

std::vector<nn::NamedParameter> Optimizer::State(const nn::Module& model) {
  std::vector<nn::NamedParameter> all;
  const std::vector<std::string> slots = Slots();
  size_t i = 0;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    if (!p.parameter.trainable()) continue;
    const Entry& entry = EntryOf(p.parameter, i++);
    for (size_t s = 0; s < slots.size(); ++s) {
      all.push_back({absl::StrCat(slots[s], "/", p.name), entry.state[s]});
    }
  }
  return all;
}

Optimizer::Entry& Optimizer::EntryOf(const nn::Parameter& parameter,
                                     size_t hint) {
  if (hint < entries_.size() && entries_[hint].parameter == parameter) {
    return entries_[hint];
  }
  for (Entry& entry : entries_) {
    if (entry.parameter == parameter) return entry;
  }
  Entry& entry = entries_.emplace_back(Entry{parameter, {}});
  const Tensor& value = parameter.value();
  for (size_t s = 0; s < Slots().size(); ++s) {
    entry.state.emplace_back(Zeros(value.shape(), value.dtype()),
                             nn::ParameterOptions{.trainable = false});
  }
  return entry;
}

}  // namespace adjoint::optim
