#include "framework/nn/pool2d.h"

#include <vector>

#include "framework/base/error.h"
#include "gtest/gtest.h"

namespace adjoint::nn {
namespace {

std::vector<float> Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

// 1 2 3 4
// 5 6 7 8
const Tensor& Image() {
  static const Tensor x =
      FromValues<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  return x;
}

TEST(MaxPool2d, TakesTheLargestOfEachWindow) {
  EXPECT_EQ(Values(MaxPool2d({.kernel = 2})(Image())),
            std::vector<float>({6, 8}));
  EXPECT_EQ(Values(MaxPool2d({.kernel = {1, 2}, .stride = 1})(Image())),
            std::vector<float>({2, 3, 4, 6, 7, 8}));
  EXPECT_EQ(Values(MaxPool2d({.kernel = 2, .padding = {0, 1}})(Image())),
            std::vector<float>({5, 7, 8}));
}

TEST(AvgPool2d, TakesTheMeanOfEachWindow) {
  EXPECT_EQ(Values(AvgPool2d({.kernel = 2})(Image())),
            std::vector<float>({3.5, 5.5}));
  EXPECT_EQ(Values(AvgPool2d({.kernel = 2, .padding = {0, 1}})(Image())),
            std::vector<float>({1.5, 4.5, 3}));
  EXPECT_EQ(Values(AvgPool2d({.kernel = 2,
                              .padding = {0, 1},
                              .count_include_pad = false})(Image())),
            std::vector<float>({3, 4.5, 6}));
}

TEST(PoolingLayers, TellTheirKernelAndAnUnusualStride) {
  EXPECT_EQ(MaxPool2d({.kernel = 2}).Kind(), "MaxPool2d 2x2");
  EXPECT_EQ(MaxPool2d({.kernel = 2, .stride = 2}).Kind(), "MaxPool2d 2x2");
  EXPECT_EQ(MaxPool2d({.kernel = 3, .stride = 2, .padding = 1}).Kind(),
            "MaxPool2d 3x3 stride 2x2");
  EXPECT_EQ(AvgPool2d({.kernel = {1, 7}}).Kind(), "AvgPool2d 1x7");
}

TEST(PoolingLayers, HaveNoParameters) {
  EXPECT_TRUE(Parameters(MaxPool2d({.kernel = 2})).empty());
  EXPECT_TRUE(Parameters(AvgPool2d({.kernel = 2})).empty());
}

TEST(PoolingLayers, ThrowForOptionsOutOfRange) {
  EXPECT_THROW(MaxPool2d({.kernel = 0}), ShapeError);
  EXPECT_THROW(MaxPool2d({.kernel = 2, .stride = {1, -1}}), ShapeError);
  EXPECT_THROW(MaxPool2d({.kernel = 3, .padding = 2}), ShapeError);
  EXPECT_THROW(AvgPool2d({.kernel = {2, 0}}), ShapeError);
  EXPECT_THROW(AvgPool2d({.kernel = 2, .padding = -1}), ShapeError);
}

}  // namespace
}  // namespace adjoint::nn
