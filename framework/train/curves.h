// The curves of a run's log, thinned out so that a page can hold them.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CURVES_H_
#define ADJOINT_FRAMEWORK_TRAIN_CURVES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "framework/train/metric_row.h"

namespace adjoint::train {

// One value of one split against the steps.
struct Curve {
  struct Point {
    int64_t step = 0, epoch = 0;
    double value = 0;
  };
  std::string split;  // As MetricRow's.
  std::string name;   // "loss", say.
  std::vector<Point> points;
};

// A curve for each name and split in `rows`, in the order in which they occur.
// Values that are not finite are left out. Of a curve with more than
// `max_points` points so many stay: the least and the greatest of each of
// equally long stretches, so that no spike is lost.
std::vector<Curve> Curves(absl::Span<const MetricRow> rows,
                          int64_t max_points = 2000);

// [{"split": "test", "name": "loss", "step": [..], "epoch": [..], "value":
// [..]}, ..], with values of six digits.
std::string CurvesJson(absl::Span<const Curve> curves);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CURVES_H_
