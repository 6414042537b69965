#include "framework/kernels/broadcast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace adjoint::kernels {
namespace {

template <class T>
class Broadcast : public ::testing::Test {};
using Types = ::testing::Types<float, double, int32_t>;
TYPED_TEST_SUITE(Broadcast, Types);

using Extents = std::vector<int64_t>;

int64_t Size(const Extents& extents) {
  int64_t size = 1;
  for (int64_t extent : extents) size *= extent;
  return size;
}

// Where element i of the output `y` lies in an operand of extents `x`.
int64_t PlaceOf(int64_t i, const Extents& y, const Extents& x) {
  int64_t place = 0, stride = 1;
  for (size_t axis = 1; axis <= y.size(); ++axis) {
    const int64_t extent = y[y.size() - axis], at = i % extent;
    i /= extent;
    if (axis > x.size()) continue;
    if (x[x.size() - axis] != 1) place += at * stride;
    stride *= x[x.size() - axis];
  }
  return place;
}

Extents OutputOf(Extents a, const Extents& b) {
  if (a.size() < b.size()) a.insert(a.begin(), b.size() - a.size(), 1);
  for (size_t i = 1; i <= b.size(); ++i) {
    int64_t& extent = a[a.size() - i];
    extent = std::max(extent, b[b.size() - i]);
  }
  return a;
}

// f(a, b) = 1'000 a + b, so that each result says what it was made of. It is
// exact in every type, for elements are below 1'000.
template <class T>
void ExpectEveryElementInItsPlace(const Extents& a, const Extents& b) {
  const Extents y = OutputOf(a, b);
  const auto number = [](int64_t i) { return static_cast<T>(i % 997); };
  std::vector<T> from_a(Size(a)), from_b(Size(b)), to(Size(y) + 1, T(-1));
  for (size_t i = 0; i < from_a.size(); ++i) from_a[i] = number(i);
  for (size_t i = 0; i < from_b.size(); ++i) from_b[i] = number(i);
  BroadcastZip(BroadcastPlan(a, b, y), from_a.data(), from_b.data(), to.data(),
               [](T u, T v) { return 1000 * u + v; });
  for (int64_t i = 0; i < Size(y); ++i) {
    ASSERT_EQ(to[i], 1000 * number(PlaceOf(i, y, a)) + number(PlaceOf(i, y, b)))
        << "element " << i << " for " << ::testing::PrintToString(a) << " and "
        << ::testing::PrintToString(b);
  }
  EXPECT_EQ(to[Size(y)], T(-1)) << "written behind the end";
}

template <class T>
void ExpectBothWays(const Extents& a, const Extents& b) {
  ExpectEveryElementInItsPlace<T>(a, b);
  ExpectEveryElementInItsPlace<T>(b, a);
}

TYPED_TEST(Broadcast, AlongRowsOfAnyLength) {
  using T = TypeParam;
  std::vector<int64_t> lengths(70);
  std::iota(lengths.begin(), lengths.end(), 1);
  for (int64_t n : {511, 512, 513, 1023, 1024, 1025, 1100, 3000}) {
    lengths.push_back(n);
  }
  for (int64_t n : lengths) {
    for (int64_t rows : {1, 2, 37}) {
      ExpectBothWays<T>({rows, n}, {n});
      ExpectBothWays<T>({rows, n}, {rows, 1});
      ExpectBothWays<T>({rows, 1}, {n});
      ExpectBothWays<T>({rows, n}, {});
      ExpectBothWays<T>({3, rows, n}, {3, 1, n});
      ExpectBothWays<T>({3, rows, n}, {rows, 1});
    }
  }
}

TYPED_TEST(Broadcast, AlongAnyAxes) {
  using T = TypeParam;
  ExpectBothWays<T>({}, {});
  ExpectBothWays<T>({1, 1}, {1});
  ExpectBothWays<T>({2, 1, 3, 1}, {4, 1, 2});
  ExpectBothWays<T>({300, 1, 5}, {7, 1});
  ExpectBothWays<T>({3, 1, 5, 1, 7}, {2, 5, 3, 7});
  ExpectBothWays<T>({3, 1, 5, 1, 7}, {3, 4, 5, 6, 1});
  ExpectBothWays<T>({2, 1, 3, 1, 2, 1, 3, 1}, {1, 2, 1, 3, 1, 2, 1, 3});
  ExpectBothWays<T>({2, 600, 3, 1}, {600, 1, 2});
  ExpectBothWays<T>({5, 1, 2000}, {5, 3, 1});
}

TYPED_TEST(Broadcast, InManyChunks) {
  using T = TypeParam;
  ExpectBothWays<T>({50'021, 3}, {3});
  ExpectBothWays<T>({50'021, 3}, {50'021, 1});
  ExpectBothWays<T>({200'003}, {1});
  // Of several rows, and of a part of one.
  for (int64_t n : {31, 32, 33, 64, 112}) {
    ExpectBothWays<T>({3'001, n}, {n});
    ExpectBothWays<T>({3'001, n}, {3'001, 1});
    ExpectBothWays<T>({3'001, 1}, {n});
    ExpectBothWays<T>({2, 1'501, n}, {2, 1, n});
  }
  for (int64_t n : {32'768, 32'769, 70'000}) {
    ExpectBothWays<T>({5, n}, {n});
    ExpectBothWays<T>({5, n}, {5, 1});
  }
}

}  // namespace
}  // namespace adjoint::kernels
