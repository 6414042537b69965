#include "framework/testing/rule_node.h"

#include <utility>
#include <vector>

namespace adjoint::testing {
namespace {

class RuleNode final : public Node {
 public:
  RuleNode(Tensor y, absl::Span<const Tensor> xs, RuleFunction rule)
      : y_(std::move(y)), xs_(xs.begin(), xs.end()), rule_(std::move(rule)) {}

  absl::string_view name() const override { return "mutant"; }
  absl::Span<const Tensor> inputs() const override { return xs_; }
  void Vjp(const Tensor& dy, absl::Span<const bool> needs,
           absl::Span<Tensor> dx) const override {
    rule_(dy, y_, xs_, needs, dx);
  }

 private:
  const Tensor y_;
  const std::vector<Tensor> xs_;
  const RuleFunction rule_;
};

}  // namespace

Tensor WithRule(const Tensor& y, absl::Span<const Tensor> xs,
                RuleFunction rule) {
  return Tensor(y.array(),
                Ref<Node>(new RuleNode(y.Detach(), xs, std::move(rule))));
}

}  // namespace adjoint::testing
