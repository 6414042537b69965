#include "framework/data/order.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::data {
namespace {

// Splits off the first rows of `order` for validation.
Split Cut(std::vector<int64_t> order, double fraction) {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw ValueError(
        absl::StrCat("Split: the fraction must be in [0, 1]: ", fraction));
  }
  const auto size = static_cast<double>(order.size());
  const auto middle = order.begin() + std::llround(fraction * size);
  std::sort(order.begin(), middle);
  std::sort(middle, order.end());
  return {.train = {middle, order.end()},
          .validation = {order.begin(), middle}};
}

struct Class {
  std::vector<int64_t> rows;
  int64_t used = 0;  // How many of them are in the order.
};

}  // namespace

std::vector<int64_t> WeightedOrder(absl::Span<const double> weights, Rng& rng) {
  std::vector<double> sums(weights.size());
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  std::vector<int64_t> order(weights.size());
  for (int64_t& row : order) {
    // Rounding may give the sum itself; the last row that has a weight is the
    // first whose sum is that.
    const double at = rng.NextUniform() * sums.back();
    auto found = std::upper_bound(sums.begin(), sums.end(), at);
    if (found == sums.end()) {
      found = std::lower_bound(sums.begin(), sums.end(), sums.back());
    }
    row = found - sums.begin();
  }
  return order;
}

std::vector<int64_t> StratifiedOrder(absl::Span<const int32_t> strata,
                                     Rng& rng) {
  const auto n = static_cast<int64_t>(strata.size());
  std::map<int32_t, Class> by_label;
  for (int64_t row : rng.Permutation(n))
    by_label[strata[row]].rows.push_back(row);
  std::vector<Class> classes;
  for (auto& [label, c] : by_label) classes.push_back(std::move(c));
  // Lags are in units of 1 / n of an example, and so are exact.
  const auto size = static_cast<double>(n);
  const double unit = std::max<double>(1, 2.0 * classes.size() - 2);
  std::vector<int64_t> order;
  order.reserve(n);
  for (int64_t k = 1; k <= n; ++k) {
    // Of the classes that lag enough to come next, of which there is always
    // one, the class that would be too late first.
    Class* next = nullptr;
    double first = 0;
    for (Class& c : classes) {
      const auto share = static_cast<double>(c.rows.size());
      const double lag =
          share * static_cast<double>(k) - static_cast<double>(c.used) * size;
      if (lag * unit < size) continue;
      const double deadline = (size - size / unit - lag) / share;
      if (next != nullptr && deadline >= first) continue;
      next = &c;
      first = deadline;
    }
    ADJOINT_CHECK(next != nullptr);
    order.push_back(next->rows[next->used++]);
  }
  return order;
}

Split RandomSplit(int64_t size, double fraction, uint64_t seed) {
  if (size < 0) {
    throw ValueError(absl::StrCat("Split: the size must be >= 0: ", size));
  }
  return Cut(Rng(seed).Permutation(size), fraction);
}

Split StratifiedSplit(absl::Span<const int32_t> labels, double fraction,
                      uint64_t seed) {
  Rng rng(seed);
  return Cut(StratifiedOrder(labels, rng), fraction);
}

}  // namespace adjoint::data
