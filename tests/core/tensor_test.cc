#include "framework/core/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "framework/base/error.h"

namespace adjoint {
namespace {

// The text of the E that `fn` throws.
template <class E, class Fn>
std::string ErrorOf(Fn fn) {
  try {
    fn();
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

TEST(Tensor, UndefinedThrowsWhateverItIsAskedFor) {
  const Tensor x;
  EXPECT_FALSE(x.defined());
  EXPECT_THROW(x.dtype(), ValueError);
  EXPECT_THROW(x.shape(), ValueError);
  EXPECT_THROW(x.rank(), ValueError);
  EXPECT_THROW(x.size(), ValueError);
  EXPECT_THROW(x.data<float>(), ValueError);
  EXPECT_THROW(x.item(), ValueError);
  EXPECT_THROW(x.Ghost(), ValueError);
  EXPECT_THROW(Leaf(x), ValueError);
  EXPECT_EQ(ErrorOf<ValueError>([&x] { x.dtype(); }),
            "the tensor is undefined");
}

TEST(Tensor, HoldsTheValuesItIsMadeOf) {
  EXPECT_EQ(Values<float>(FromValues({2, 2}, {1, 2.5, -3, 4})),
            (std::vector<float>{1, 2.5, -3, 4}));
  EXPECT_EQ(Values<double>(FromValues<double>({}, {0.1})),
            std::vector<double>{0.1});
  const std::vector<int32_t> values = {7, std::numeric_limits<int32_t>::min()};
  EXPECT_EQ(Values<int32_t>(FromSpan<int32_t>({2, 1}, values)), values);
  EXPECT_EQ(FromValues({0, 3}, {}).size(), 0);
}

TEST(Tensor, RejectsValuesThatDoNotFillTheShape) {
  EXPECT_THROW(FromValues({2}, {1}), ShapeError);
  EXPECT_THROW(FromValues({0}, {1}), ShapeError);
  EXPECT_EQ(ErrorOf<ShapeError>([] {
              FromValues({2, 2}, {1, 2, 3});
            }),
            "3 values do not fill shape [2,2]");
}

TEST(Tensor, IsReadAsItsOwnDTypeOnly) {
  EXPECT_EQ(ErrorOf<DTypeError>([] { Ones({2}).data<double>(); }),
            "data: read as f64: f32 [2]");
  EXPECT_EQ(ErrorOf<DTypeError>([] { Ones({}).data<int32_t>(); }),
            "data: read as i32: f32 []");
  EXPECT_EQ(ErrorOf<DTypeError>([] {
              Zeros({0, 3}, DType::kI32).data<float>();
            }),
            "data: read as f32: i32 [0,3]");
}

TEST(Tensor, GhostKeepsTheSignatureAndFailsLoudly) {
  const Tensor ghost = Leaf(Ones({2, 3})).Ghost();
  EXPECT_TRUE(ghost.defined());
  EXPECT_EQ(Signature(ghost), "f32 [2,3]");
  EXPECT_FALSE(ghost.node());
  EXPECT_EQ(ErrorOf<ValueError>([&ghost] { ghost.data<float>(); }),
            "data: a ghost, a value that was not saved, was read: f32 [2,3]");
  EXPECT_THROW(Ones({}).Ghost().item(), ValueError);
}

TEST(Tensor, ItemIsTheOneElementWhateverItsDTypeAndRank) {
  EXPECT_EQ(Full({}, 0.5).item(), 0.5);
  EXPECT_EQ(Full({1, 1}, 0.1, DType::kF64).item(), 0.1);
  EXPECT_EQ(Full({}, 0.1).item(), static_cast<double>(0.1f));
  EXPECT_EQ(Full({1}, -7, DType::kI32).item(), -7);
  EXPECT_EQ(ErrorOf<ShapeError>([] { Ones({2}).item(); }),
            "item: one element wanted: f32 [2]");
  EXPECT_THROW(Ones({0}).item(), ShapeError);
}

TEST(Tensor, ConstantsHaveNoHistory) {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kI32}) {
    const Tensor zeros = Zeros({2, 3}, dtype);
    const Tensor ones = Ones({2, 3}, dtype);
    const Tensor range = Arange(6, dtype);
    VisitDType(dtype, [&](auto zero) {
      using T = decltype(zero);
      EXPECT_EQ(Values<T>(zeros), std::vector<T>(6, 0));
      EXPECT_EQ(Values<T>(ones), std::vector<T>(6, 1));
      EXPECT_EQ(Values<T>(range), (std::vector<T>{0, 1, 2, 3, 4, 5}));
    });
    for (const Tensor& x : {zeros, ones, range}) EXPECT_FALSE(x.node());
  }
  EXPECT_EQ(Arange(0).shape(), Shape({0}));
  EXPECT_THROW(Arange(-1), ShapeError);
}

TEST(Tensor, ArangeDoesNotStandStillWhereFloatsAreSparse) {
  constexpr int64_t kFirstGap = 1 << 24;  // 2^24 + 1 is no float, 2^24 + 2 is.
  const Tensor x = Arange(kFirstGap + 3);
  EXPECT_EQ(x.data<float>()[kFirstGap + 2], 16777218.0f);
}

TEST(Tensor, LeafSharesTheValueAndBeginsAHistory) {
  const Tensor x = Ones({3});
  const Tensor leaf = Leaf(x);
  EXPECT_EQ(leaf.array(), x.array());
  ASSERT_TRUE(leaf.node());
  EXPECT_TRUE(leaf.node()->is_leaf());
  EXPECT_EQ(leaf.node()->name(), "leaf");
  EXPECT_NE(Leaf(leaf).node(), leaf.node());
}

TEST(Tensor, DetachSharesTheValueAndEndsTheHistory) {
  const Tensor leaf = Leaf(Ones({3}));
  EXPECT_EQ(leaf.Detach().array(), leaf.array());
  EXPECT_FALSE(leaf.Detach().node());
  EXPECT_TRUE(leaf.node());
}

TEST(Tensor, LeafOfIntegersThrows) {
  EXPECT_EQ(ErrorOf<DTypeError>([] { Leaf(Arange(3, DType::kI32)); }),
            "leaf: no gradient flows to integers: i32 [3]");
}

TEST(Tensor, SignatureIsDTypeAndShape) {
  EXPECT_EQ(Signature(Zeros({128, 784})), "f32 [128,784]");
  EXPECT_EQ(Signature(Ones({}, DType::kF64)), "f64 []");
  EXPECT_EQ(Signature(Tensor()), "undefined");
}

TEST(Tensor, MayBeReadCopiedAndDroppedByManyThreads) {
  std::vector<std::thread> threads;
  {
    const Tensor x = Leaf(Arange(1000));
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([x] {
        for (int i = 0; i < 1000; ++i) {
          const Tensor copy = x;
          EXPECT_EQ(copy.data<float>()[i], i);
          EXPECT_TRUE(copy.node());
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace adjoint
