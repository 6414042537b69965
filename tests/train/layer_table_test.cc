#include "framework/train/layer_table.h"

#include <gtest/gtest.h>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

// A layer whose outputs are scaled, and shifted by its own bias once more.
class Block final : public nn::Layer {
 public:
  explicit Block(Rng& rng) : inner_(40, 32, rng), gain_(Ones({32})) {}
  void Visit(nn::Visitor& visit) const override {
    visit("inner", inner_);
    visit("gain", gain_);
    visit("again", inner_.bias());
  }
  std::string Kind() const override { return "Block"; }
  Tensor Forward(const Tensor& x, const nn::Pass& pass) const override {
    return inner_(x, pass) * gain_ + inner_.bias();
  }

 private:
  nn::Linear inner_;
  nn::Parameter gain_;
};

TEST(LayerTable, HasARowForWhatAModuleHasBesideItsChildren) {
  Rng rng(1);
  const nn::Sequential model(Block(rng), nn::Linear(32, 1, rng));
  const data::Batch batch = {Ones({2, 40}), Ones({2, 1})};
  // 32, 40 x 32 + 32, and 33.
  EXPECT_EQ(LayerTable(model, Supervised(model, MeanSquaredError), batch),
            " layer           output  parameters\n"
            " 0 Block         [N,32]          32\n"
            " 0.inner Linear  [N,32]       1,312\n"
            " 1 Linear        [N,1]           33\n"
            " total                        1,377  (5.4 KiB)\n");
}

}  // namespace
}  // namespace adjoint::train
