#include "framework/optim/optimizer.h"

#include "absl/strings/str_cat.h"
#include "framework/optim/range.h"

namespace adjoint::optim {

Optimizer::Optimizer(double learning_rate) { set_learning_rate(learning_rate); }

void Optimizer::set_learning_rate(double learning_rate) {
  RequireNotNegative("optimizer: learning_rate", learning_rate);
  learning_rate_ = learning_rate;
}

void Optimizer::set_steps(int64_t steps) {
  RequireAtLeast(0, "optimizer: steps", steps);
  steps_ = steps;
}

void Optimizer::Step(const nn::Module& model, const Gradients& gradients) {
  size_t i = 0;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    if (!p.parameter.trainable()) continue;
    // Gradients of the same model come in the same order.
    const bool in_place = i < gradients.items().size() &&
                          gradients.items()[i].parameter == p.parameter;
    const Tensor& gradient =
        in_place ? gradients.items()[i].gradient : gradients[p.parameter];
    UpdateParameter(p.parameter, gradient, EntryOf(p.parameter, i).state);
    ++i;
  }
  ++steps_;
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
