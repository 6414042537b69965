#include "framework/autograd/on_gradient.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/autograd/custom_vjp.h"
#include "framework/base/error.h"

namespace adjoint {

Tensor OnGradient(const Tensor& x, GradientHook hook) {
  const auto identity = [](absl::Span<const Tensor> xs) { return xs[0]; };
  const auto rule = [hook = std::move(hook)](const Tensor& dy, const Tensor&,
                                             absl::Span<const Tensor>) {
    const Tensor dx = hook(dy);
    if (!dx.defined()) return std::vector<Tensor>{dy};
    if (dx.shape() != dy.shape() || dx.dtype() != dy.dtype()) {
      throw ShapeError(absl::StrCat("on_gradient: the hook returned ",
                                    Signature(dx), " for ", Signature(dy)));
    }
    return std::vector<Tensor>{dx};
  };
  return CustomVjp(identity, rule, {x});
}

}  // namespace adjoint
