#include "framework/nn/module.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint {
namespace nn {
namespace {

std::string Join(absl::string_view prefix, absl::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

// Walks a module and all below it, keeping the dotted name of where it is.
class Walk final : public Visitor {
 public:
  using OnParameter =
      absl::FunctionRef<void(const std::string&, const Parameter&)>;
  using OnModule = absl::FunctionRef<void(const std::string&, const Module&)>;

  Walk(OnParameter on_parameter, OnModule on_module)
      : on_parameter_(on_parameter), on_module_(on_module) {}

  void operator()(absl::string_view name, const Parameter& part) override {
    if (part.defined()) on_parameter_(Join(prefix_, name), part);
  }

  void operator()(absl::string_view name, const Module& part) override {
    std::string outer = std::exchange(prefix_, Join(prefix_, name));
    on_module_(prefix_, part);
    part.Visit(*this);
    prefix_ = std::move(outer);
  }

 private:
  const OnParameter on_parameter_;
  const OnModule on_module_;
  std::string prefix_;
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

std::vector<NamedParameter> Parameters(const Module& module) {
  std::vector<NamedParameter> all;
  ForEachPart(
      module,
      [&](const std::string& name, const Parameter& p) {
        const bool known = std::any_of(
            all.begin(), all.end(),
            [&](const NamedParameter& other) { return other.parameter == p; });
        if (!known) all.push_back({name, p});
      },
      [](const std::string&, const Module&) {});
  return all;
}

int64_t CountParameters(const Module& module) {
  int64_t count = 0;
  for (const NamedParameter& p : Parameters(module)) {
    if (p.parameter.trainable()) count += p.parameter.value().size();
  }
  return count;
}

std::vector<NamedModule> Modules(const Module& module) {
  std::vector<NamedModule> all;
  ForEachPart(
      module, [](const std::string&, const Parameter&) {},
      [&](const std::string& name, const Module& m) {
        all.push_back({name, &m});
      });
  return all;
}

ModuleScope::ModuleScope(const Module& module) : Scope(&module, NameBelow) {}

}  // namespace nn

const Tensor& Gradients::operator[](const nn::Parameter& parameter) const {
  for (const Item& item : items_) {
    if (item.parameter == parameter) return item.gradient;
  }
  throw ValueError("gradients: none by this parameter");
}

Gradients Grad(Tensor loss, const nn::Module& model,
               const GradOptions& options) {
  std::vector<Gradients::Item> items;
  std::vector<Tensor> values;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    if (!p.parameter.trainable()) continue;
    items.push_back({p.parameter, {}});
    values.push_back(p.parameter.value());
  }
  std::vector<Tensor> gradients = Grad(std::move(loss), values, options);
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].gradient = std::move(gradients[i]);
  }
  return Gradients(std::move(items));
}

}  // namespace adjoint
