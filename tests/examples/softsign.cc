#include "tests/examples/softsign.h"

#include <cmath>
#include <vector>

#include "absl/types/span.h"

namespace examples {
namespace {

namespace ad = adjoint;

// y = x / (1 + |x|), and dy/dx = 1 / (1 + |x|)^2 = (1 - |y|)^2
struct SoftsignOp {
  static constexpr auto kName = "softsign", kDoc = "y = x / (1 + |x|)";
  static constexpr ad::Save kSave = ad::Save::kOutput;
  ad::Shape Infer(const ad::Shape& x) const { return x; }
  template <class T>
  void Forward(const ad::Tensor& x, absl::Span<T> y) const {
    const absl::Span<const T> in = x.data<T>();
    for (size_t i = 0; i < y.size(); ++i) y[i] = in[i] / (1 + std::abs(in[i]));
  }
  ad::Tensor Vjp(const ad::Tensor& dy, const ad::Tensor& y,
                 const ad::Tensor&) const {
    const ad::Tensor magnitude = ad::Relu(y) + ad::Relu(-y);
    return dy * ad::Square(1 - magnitude);
  }
  static std::vector<ad::Example<SoftsignOp>> Examples() {
    return {
        {.inputs = {ad::AwayFromZero({3, 4})}},
        {.inputs = {ad::AwayFromZero({})}},
        {.inputs = {ad::AwayFromZero({0, 2})}},
    };
  }
};

}  // namespace

ad::Tensor Softsign(const ad::Tensor& x) { return ad::Apply(SoftsignOp{}, x); }

}  // namespace examples
