#include "framework/nn/parameter.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/loss.h"
#include "framework/ops/reduce.h"
#include "framework/optim/sgd.h"

namespace adjoint::nn {
namespace {

using Floats = std::vector<float>;

Floats Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

TEST(Parameter, AStaleGraphSurvivesAnUpdate) {
  const Parameter w(FromValues({3}, {1, 2, 3}));
  const Tensor loss = Sum(Square(w));
  for (float& element : w.MutableData<float>()) element = 100;
  EXPECT_EQ(Values(w), (Floats{100, 100, 100}));
  EXPECT_EQ(Values(Grad(loss, {w})[0]), (Floats{2, 4, 6}));
  // A graph made since has the new value.
  EXPECT_EQ(Values(Grad(Sum(Square(w)), {w})[0]), (Floats{200, 200, 200}));
}

Sequential Mlp(uint64_t seed) {
  Rng rng(seed);
  return Sequential(Linear(6, 5, rng), Tanh(), Linear(5, 3, rng));
}

Tensor LossOf(const Sequential& mlp) {
  return SoftmaxCrossEntropy(mlp(Full({4, 6}, 0.5)),
                             FromValues<int32_t>({4}, {0, 2, 1, 0}));
}

TEST(Parameter, AStaleGraphOfAModelGivesTheOldGradientBitForBit) {
  const Sequential updated = Mlp(1), untouched = Mlp(1);
  const Tensor stale = LossOf(updated);
  optim::Sgd sgd({.learning_rate = 1});
  sgd.Step(updated, Grad(LossOf(updated), updated));
  ASSERT_NE(LossOf(updated).item(), stale.item());

  const Gradients late = Grad(stale, updated);
  const Gradients expected = Grad(LossOf(untouched), untouched);
  ASSERT_EQ(late.items().size(), expected.items().size());
  for (size_t i = 0; i < late.items().size(); ++i) {
    EXPECT_EQ(Values(late.items()[i].gradient),
              Values(expected.items()[i].gradient));
  }
}

TEST(Parameter, ANormalTrainingLoopCopiesNothing) {
  const Sequential mlp = Mlp(1);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const int64_t before = Parameter::CopiesMade();
  for (int step = 0; step < 20; ++step) {
    Tensor loss = LossOf(mlp);
    sgd.Step(mlp, Grad(std::move(loss), mlp));
  }
  EXPECT_EQ(Parameter::CopiesMade(), before);
}

TEST(Parameter, IsCopiedOnceWhileAGraphHoldsItsOldValue) {
  const Parameter w(Ones({3}));
  Tensor loss = Sum(Square(w));
  const int64_t before = Parameter::CopiesMade();
  w.MutableData<float>();
  EXPECT_EQ(Parameter::CopiesMade(), before + 1);
  w.MutableData<float>();
  EXPECT_EQ(Parameter::CopiesMade(), before + 1);
}

TEST(Parameter, IsNotCopiedForAGraphThatDidNotSaveIt) {
  const Parameter w(Ones({3}));
  const Tensor loss = Sum(w);
  const int64_t before = Parameter::CopiesMade();
  w.MutableData<float>();
  EXPECT_EQ(Parameter::CopiesMade(), before);
}

TEST(Parameter, ChangesDoNotShowInTensorsTakenBefore) {
  const Parameter w(FromValues({2}, {1, 2}));
  const Tensor before = w.value();
  w.MutableData<float>()[0] = 7;
  EXPECT_EQ(Values(before), (Floats{1, 2}));
  EXPECT_EQ(Values(w), (Floats{7, 2}));
}

TEST(Parameter, SharesMemoryNeitherWithItsFirstNorWithASetValue) {
  const Tensor first = FromValues({2}, {1, 2}), second = Ones({2});
  const Parameter w(first);
  w.MutableData<float>()[0] = 7;
  EXPECT_EQ(Values(first), (Floats{1, 2}));
  w.Set(second);
  EXPECT_EQ(Values(w), (Floats{1, 1}));
  w.MutableData<float>()[0] = 7;
  EXPECT_EQ(Values(second), (Floats{1, 1}));
}

TEST(Parameter, StaysTheSameVariableWhenItsValueChanges) {
  const Parameter w(Ones({2}));
  const Tensor loss = Sum(Square(w));
  w.Set(Zeros({2}));
  EXPECT_EQ(Values(Grad(loss, {w})[0]), (Floats{2, 2}));
}

TEST(Parameter, CopyIsASecondNameForTheSameCell) {
  const Parameter w(Ones({2})), other(Ones({2}));
  const Parameter tied = w;
  tied.MutableData<float>()[1] = 5;
  EXPECT_EQ(Values(w), (Floats{1, 5}));
  EXPECT_TRUE(tied == w);
  EXPECT_FALSE(other == w);
}

TEST(Parameter, IsALeafOnlyIfTrainable) {
  EXPECT_TRUE(Parameter(Ones({2})).value().node());
  const Parameter frozen(Ones({2}), {.trainable = false});
  EXPECT_FALSE(frozen.trainable());
  EXPECT_FALSE(frozen.value().node());
}

TEST(Parameter, UndefinedThrowsWhenItIsRead) {
  const Parameter none;
  EXPECT_FALSE(none.defined());
  EXPECT_THROW(none.value(), ValueError);
  EXPECT_THROW(none.trainable(), ValueError);
  EXPECT_THROW(none.Set(Ones({})), ValueError);
  EXPECT_THROW(none.MutableData<float>(), ValueError);
}

TEST(Parameter, ThrowsForAValueOrDTypeUnlikeItsOwn) {
  const Parameter w(Ones({2}));
  EXPECT_THROW(w.Set(Ones({1})), ShapeError);
  EXPECT_THROW(w.Set(Ones({2}, DType::kF64)), ShapeError);
  EXPECT_THROW(w.MutableData<double>(), DTypeError);
  EXPECT_EQ(Values(w), (Floats{1, 1}));
}

}  // namespace
}  // namespace adjoint::nn
