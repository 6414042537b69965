#include "framework/nn/module.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint {
namespace nn {
namespace {

// Walks a module and all below it, keeping the dotted name of where it is.
class Walk final : public Visitor {
 public:
  using OnParameter =
      absl::FunctionRef<void(absl::string_view, const Parameter&)>;
  using OnModule = absl::FunctionRef<void(absl::string_view, const Module&)>;

  Walk(OnParameter on_parameter, OnModule on_module)
      : on_parameter_(on_parameter), on_module_(on_module) {}

  void operator()(absl::string_view name, const Parameter& part) override {
    if (!part.defined()) return;
    const size_t outer = Enter(name);
    on_parameter_({path_.data(), path_.size()}, part);
    path_.resize(outer);
  }

  void operator()(absl::string_view name, const Module& part) override {
    const size_t outer = Enter(name);
    on_module_({path_.data(), path_.size()}, part);
    part.Visit(*this);
    path_.resize(outer);
  }

 private:
  // Appends `name`; returns what to cut the path to when leaving.
  size_t Enter(absl::string_view name) {
    const size_t outer = path_.size();
    if (outer > 0) path_.push_back('.');
    path_.append(name.data(), name.size());
    return outer;
  }

  const OnParameter on_parameter_;
  const OnModule on_module_;
  std::basic_string<char, std::char_traits<char>, PooledAllocator<char>> path_;
};

// Calls one of the two for `root` and for each part below it, parents first.
void ForEachPart(const Module& root, Walk::OnParameter on_parameter,
                 Walk::OnModule on_module) {
  Walk walk(on_parameter, on_module);
  on_module("", root);
  root.Visit(walk);
}

// A Scope::PathOf: the name of `inner` below `root`, both modules.
std::string NameBelow(const void* root, const void* inner) {
  for (const NamedModule& m : Modules(*static_cast<const Module*>(root))) {
    if (m.module == inner) return m.name;
  }
  return "";
}

}  // namespace

void Module::Visit(Visitor&) const {}

void ForEachParameter(
    const Module& module,
    absl::FunctionRef<void(absl::string_view, const Parameter&)> fn) {
  absl::InlinedVector<Parameter, 16, PooledAllocator<Parameter>> known;
  ForEachPart(
      module,
      [&](absl::string_view name, const Parameter& p) {
        if (std::find(known.begin(), known.end(), p) != known.end()) return;
        known.push_back(p);
        fn(name, p);
      },
      [](absl::string_view, const Module&) {});
}

std::vector<NamedParameter> Parameters(const Module& module) {
  std::vector<NamedParameter> all;
  ForEachParameter(module, [&](absl::string_view name, const Parameter& p) {
    all.push_back({std::string(name), p});
  });
  return all;
}

int64_t CountParameters(const Module& module) {
  int64_t count = 0;
  ForEachParameter(module, [&](absl::string_view, const Parameter& p) {
    if (p.trainable()) count += p.value().size();
  });
  return count;
}

std::vector<NamedModule> Modules(const Module& module) {
  std::vector<NamedModule> all;
  ForEachPart(
      module, [](absl::string_view, const Parameter&) {},
      [&](absl::string_view name, const Module& m) {
        all.push_back({std::string(name), &m});
      });
  return all;
}

ModuleScope::ModuleScope(const Module& module) : Scope(&module, NameBelow) {}

}  // namespace nn

Gradients::Gradients(Items items) : items_(std::move(items)) {
  for (const auto& [parameter, gradient] : items_) {
    const Tensor& value = parameter;
    if (gradient.shape() == value.shape() &&
        gradient.dtype() == value.dtype()) {
      continue;
    }
    throw ShapeError(absl::StrCat("gradients: ", Signature(gradient),
                                  " for a parameter ", Signature(value)));
  }
}

const Tensor& Gradients::operator[](const nn::Parameter& parameter) const {
  for (const Item& item : items_) {
    if (item.parameter == parameter) return item.gradient;
  }
  throw ValueError(absl::StrCat("gradients: none by this parameter: ",
                                Signature(parameter)));
}

Gradients Grad(Tensor loss, const nn::Module& model,
               const GradOptions& options) {
  Gradients::Items items;
  PooledVector<Tensor> values;
  nn::ForEachParameter(model, [&](absl::string_view, const nn::Parameter& p) {
    if (!p.trainable()) return;
    items.push_back({p, {}});
    values.push_back(p.value());
  });
  if (loss.defined() && !loss.node() && !values.empty()) {
    throw ValueError(
        "grad: the loss has no history: it was made under NoGrad, detached, or "
        "from no parameter of a model");
  }
  PooledVector<Tensor> gradients(values.size());
  Grad(std::move(loss), values, options, absl::MakeSpan(gradients));
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].gradient = std::move(gradients[i]);
  }
  return Gradients(std::move(items));
}

}  // namespace adjoint
