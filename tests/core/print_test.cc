#include <gtest/gtest.h>

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "framework/core/array.h"
#include "framework/core/tensor.h"
#include "tests/core/print_golden.h"

namespace adjoint {
namespace {

Tensor Fill(const PrintGolden& golden) {
  return VisitDType(golden.dtype, [&golden](auto zero) {
    using T = decltype(zero);
    std::vector<T> values(golden.shape.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t period = golden.values.size();
      values[i] = static_cast<T>(period == 0 ? static_cast<double>(i)
                                             : golden.values[i % period]);
    }
    return FromSpan<T>(golden.shape, values);
  });
}

TEST(Print, AgreesWithNumpy) {
  for (const PrintGolden& golden : PrintGoldens()) {
    const Tensor x = Fill(golden);
    EXPECT_EQ(ToString(x), Signature(x) + "\n" + golden.text);
  }
}

TEST(Print, ShowsDTypeAndShapeInTheFirstLine) {
  EXPECT_EQ(ToString(FromValues({2, 3}, {1, 2.5, 3, 4, 5, 6})),
            "f32 [2,3]\n"
            "[[1.  2.5 3. ]\n"
            " [4.  5.  6. ]]");
  EXPECT_EQ(ToString(Full({}, 7, DType::kI32)), "i32 []\n7");
  EXPECT_EQ(ToString(Zeros({2, 0}, DType::kF64)), "f64 [2,0]\n[]");
}

TEST(Print, SaysWhenThereIsNothingToShow) {
  EXPECT_EQ(ToString(Tensor()), "undefined");
  EXPECT_EQ(ToString(Ones({2, 3}).Ghost()), "f32 [2,3] (not saved)");
}

TEST(Print, StreamsWhatToStringReturns) {
  const Tensor x = Arange(5);
  std::ostringstream out;
  out << x << "|" << Tensor();
  EXPECT_EQ(out.str(), ToString(x) + "|undefined");
}

TEST(Print, ShowsTheElementsOfAViewAndNotOfItsBase) {
  const Tensor x = Arange(10, DType::kI32);
  EXPECT_EQ(ToString(Tensor(Array::View(x.array(), {2, 2}, 3))),
            "i32 [2,2]\n"
            "[[3 4]\n"
            " [5 6]]");
}

}  // namespace
}  // namespace adjoint
