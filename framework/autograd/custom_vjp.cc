#include "framework/autograd/custom_vjp.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint {
namespace {

class CustomNode final : public Node {
 public:
  CustomNode(absl::Span<const Tensor> xs, const Tensor& y, VjpFunction vjp)
      : xs_(xs.begin(), xs.end()), y_(y.array()), vjp_(std::move(vjp)) {}

  absl::string_view name() const override { return "custom_vjp"; }
  absl::Span<const Tensor> inputs() const override { return xs_; }
  const Array* saved_output() const override { return y_.get(); }
  void Vjp(const Tensor& dy, absl::Span<const bool> needs,
           absl::Span<Tensor> dx) const override {
    const Tensor y(y_, Ref<Node>(const_cast<CustomNode*>(this)));
    std::vector<Tensor> gradients = vjp_(dy, y, xs_);
    if (gradients.size() != dx.size()) {
      throw ValueError(absl::StrCat("it returned ", gradients.size(),
                                    " cotangents for ", dx.size(), " inputs"));
    }
    for (size_t i = 0; i < dx.size(); ++i) {
      if (needs[i]) dx[i] = std::move(gradients[i]);
    }
  }

 private:
  const std::vector<Tensor> xs_;
  const Ref<Array> y_;
  const VjpFunction vjp_;
};

}  // namespace

Tensor CustomVjp(const ForwardFunction& forward, VjpFunction vjp,
                 absl::Span<const Tensor> xs) {
  Tensor y;
  {
    NoGrad no_grad;
    y = forward(xs).Detach();
  }
  const bool has_history =
      std::any_of(xs.begin(), xs.end(),
                  [](const Tensor& x) { return static_cast<bool>(x.node()); });
  if (!IsRecording() || !has_history) return y;
  return Tensor(y.array(), Ref<Node>(new CustomNode(xs, y, std::move(vjp))));
}

}  // namespace adjoint
