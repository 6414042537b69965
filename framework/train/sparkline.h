// A curve in one word.
#ifndef ADJOINT_FRAMEWORK_TRAIN_SPARKLINE_H_
#define ADJOINT_FRAMEWORK_TRAIN_SPARKLINE_H_

#include <string>
#include <vector>

namespace adjoint::train {

struct SparklineOptions {
  int cells = 20;  // At most so many, at least 1.
  bool utf8 = true;
};

// `values` as bars of eight heights from the smallest to the largest,
// "▇▅▃▂▁▁", or without UTF-8 as "_.:-=+*#". More values than cells are averaged
// over stretches of (almost) one length. A constant series is drawn at the
// lowest height but one; a stretch without a finite value is "?". Empty without
// values.
std::string Sparkline(const std::vector<double>& values,
                      const SparklineOptions& options = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_SPARKLINE_H_
