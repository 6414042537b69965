#include "framework/nn/module.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/base/error.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/matmul.h"
#include "framework/ops/reduce.h"

namespace adjoint::nn {
namespace {

// What a user writes: parts of several kinds, one parameter of its own.
class Autoencoder final : public Layer {
 public:
  explicit Autoencoder(Rng& rng)
      : encoder_(Linear(4, 3, rng), Tanh(), Linear(3, 2, rng)),
        decoder_(2, 4, rng, {.bias = false}),
        scale_(Ones({4})),
        mean_(Zeros({4}), {.trainable = false}) {}
  void Visit(Visitor& visit) const override {
    visit("encoder", encoder_);
    visit("decoder", decoder_);
    visit("scale", scale_);
    visit("mean", mean_);
    visit("shift", shift_);
  }
  std::string Kind() const override { return "Autoencoder"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override {
    return decoder_(encoder_(x - mean_, pass), pass) * scale_;
  }

 private:
  Sequential encoder_;
  Linear decoder_;
  Parameter scale_, mean_, shift_;  // The last stays undefined.
};

Autoencoder MakeAutoencoder() {
  Rng rng(1);
  return Autoencoder(rng);
}

using Strings = std::vector<std::string>;

TEST(Module, NamesParametersByTheirDottedPath) {
  Strings names;
  const Autoencoder model = MakeAutoencoder();
  for (const NamedParameter& p : Parameters(model)) names.push_back(p.name);
  EXPECT_EQ(names,
            (Strings{"encoder.0.weight", "encoder.0.bias", "encoder.2.weight",
                     "encoder.2.bias", "decoder.weight", "scale", "mean"}));
}

TEST(Module, ListsItselfAndAllBelowParentsFirst) {
  Strings names;
  const Autoencoder model = MakeAutoencoder();
  for (const NamedModule& m : Modules(model)) {
    names.push_back(m.name + ":" + m.module->Kind());
  }
  EXPECT_EQ(names,
            (Strings{":Autoencoder", "encoder:Sequential", "encoder.0:Linear",
                     "encoder.1:Tanh", "encoder.2:Linear", "decoder:Linear"}));
}

TEST(Module, CountsTheElementsOfTrainableParameters) {
  EXPECT_EQ(CountParameters(MakeAutoencoder()),
            (4 * 3 + 3) + (3 * 2 + 2) + 2 * 4 + 4);
}

// y = x w w': one cell under two names.
class Tied final : public Layer {
 public:
  explicit Tied(const Tensor& w) : embed_(w), project_(embed_) {}
  void Visit(Visitor& visit) const override {
    visit("embed", embed_);
    visit("project", project_);
  }
  std::string Kind() const override { return "Tied"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return MatMul(MatMul(x, embed_), project_, {.transpose_b = true});
  }

 private:
  Parameter embed_, project_;
};

TEST(Module, ListsATiedParameterOnceByItsFirstName) {
  const Tied tied(Ones({2, 3}));
  const std::vector<NamedParameter> all = Parameters(tied);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "embed");
  EXPECT_EQ(CountParameters(tied), 6);
}

TEST(Module, GivesATiedParameterTheSumOfItsGradients) {
  // For x = 1 and w = [a b], y = a^2 + b^2: 2a and 2b, half of it each way.
  const Tied tied(FromValues({1, 2}, {3, -5}));
  const Gradients gradients = Grad(Sum(tied(Ones({1, 1}))), tied);
  ASSERT_EQ(gradients.items().size(), 1u);
  EXPECT_EQ(gradients.items()[0].gradient.data<float>()[0], 6);
  EXPECT_EQ(gradients.items()[0].gradient.data<float>()[1], -10);
}

TEST(Module, GradientsAreOfTrainableParametersInTheOrderOfTheList) {
  const Autoencoder model = MakeAutoencoder();
  const Gradients gradients = Grad(Sum(model(Ones({2, 4}))), model);
  size_t next = 0;
  for (const NamedParameter& p : Parameters(model)) {
    if (!p.parameter.trainable()) continue;
    ASSERT_LT(next, gradients.items().size());
    const Gradients::Item& item = gradients.items()[next++];
    EXPECT_TRUE(item.parameter == p.parameter) << p.name;
    EXPECT_EQ(item.gradient.shape(), p.parameter.value().shape()) << p.name;
    EXPECT_EQ(gradients[p.parameter].array(), item.gradient.array());
  }
  EXPECT_EQ(next, gradients.items().size());
  EXPECT_THROW(gradients[Parameter(Ones({1}))], ValueError);
}

TEST(Module, GradientsAreLikeTheirParameters) {
  const Parameter w(Ones({2, 3}));
  for (const Tensor& wrong :
       {Ones({1}), Ones({3, 2}), Ones({2, 4}), Ones({2, 3}, DType::kF64)}) {
    Gradients::Items items;
    items.push_back({w, wrong});
    EXPECT_THROW(Gradients(std::move(items)), ShapeError) << Signature(wrong);
  }
}

TEST(Module, HasNoGradientsOfALossWithoutHistory) {
  const Autoencoder model = MakeAutoencoder();
  const Tensor loss = Sum(model(Ones({2, 4})));
  EXPECT_THROW(Grad(loss.Detach(), model), ValueError);
  const Tensor unrecorded = [&] {
    NoGrad no_grad;
    return Sum(model(Ones({2, 4})));
  }();
  EXPECT_THROW(Grad(unrecorded, model), ValueError);
}

// The text of the ShapeError that `model` throws for x.
std::string ErrorOf(const Layer& model, const Tensor& x) {
  try {
    model(x);
  } catch (const ShapeError& e) {
    return e.what();
  }
  return "";
}

// A part named "encoder", as Autoencoder's, that takes what it is given.
class Wrapper final : public Layer {
 public:
  explicit Wrapper(Sequential encoder) : encoder_(std::move(encoder)) {}
  void Visit(Visitor& visit) const override { visit("encoder", encoder_); }
  std::string Kind() const override { return "Wrapper"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override {
    return encoder_(x, pass) + Ones({7});
  }

 private:
  Sequential encoder_;
};

TEST(Module, ErrorsTellTheDottedPathOfTheModuleTheyAroseIn) {
  Rng rng(1);
  const Wrapper model(Sequential(Linear(4, 3, rng)));
  const std::string below = ErrorOf(model, Ones({2, 5}));
  EXPECT_TRUE(absl::StartsWith(below, "linear: ")) << below;
  EXPECT_TRUE(absl::EndsWith(below, " (in encoder.0)")) << below;
  // The outermost module has no name, also after an error from below.
  const std::string own = ErrorOf(model, Ones({2, 4}));
  EXPECT_TRUE(absl::StartsWith(own, "add: ")) << own;
  EXPECT_TRUE(absl::EndsWith(own, "f32 [2,3], f32 [7]")) << own;
}

TEST(Module, ErrorsOfNestedSequentialsTellTheirPath) {
  Rng rng(1);
  Sequential inner(Linear(4, 3, rng), Tanh(), Linear(5, 2, rng));
  const Sequential outer(Tanh(), std::move(inner));
  const std::string error = ErrorOf(outer, Ones({2, 4}));
  EXPECT_TRUE(absl::StartsWith(error, "linear: ")) << error;
  EXPECT_TRUE(absl::StrContains(error, "f32 [2,3], f32 [2,5]")) << error;
  EXPECT_TRUE(absl::EndsWith(error, " (in 1.2)")) << error;
  // A layer that is itself the root has no path.
  EXPECT_TRUE(absl::EndsWith(ErrorOf(Linear(5, 2, rng), Ones({2, 4})), "[2]"));
  EXPECT_TRUE(absl::EndsWith(ErrorOf(outer, Ones({2, 9})), " (in 1.0)"));
}

}  // namespace
}  // namespace adjoint::nn
