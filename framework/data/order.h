// Orders of examples that can be made again.
#ifndef ADJOINT_FRAMEWORK_DATA_ORDER_H_
#define ADJOINT_FRAMEWORK_DATA_ORDER_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/rng.h"

namespace adjoint::data {

// As many rows as there are weights, each drawn on its own: row i with the
// probability weights[i] / sum. REQUIRES: weights are finite and >= 0, and one
// is > 0 unless there are none.
std::vector<int64_t> WeightedOrder(absl::Span<const double> weights, Rng& rng);

// Every row once, such that the first k of them hold as many of each class as
// its share of k is, within less than one, for every k: the order of classes
// that Tijdeman gives for "the chairman assignment problem" (1980). Which row
// of its class comes when is random. strata[i] is the class of row i.
std::vector<int64_t> StratifiedOrder(absl::Span<const int32_t> strata,
                                     Rng& rng);

// Two parts of the rows of a data set, each in ascending order.
struct Split {
  std::vector<int64_t> train, validation;
};

// Rows 0 to size - 1, round(fraction * size) of them for validation. Throws
// ValueError unless fraction is in [0, 1] and size >= 0.
Split RandomSplit(int64_t size, double fraction, uint64_t seed);

// The same with the shares of the classes alike in both parts: within one
// example of each class. See Labels for the classes of a data set.
Split StratifiedSplit(absl::Span<const int32_t> labels, double fraction,
                      uint64_t seed);

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_ORDER_H_
