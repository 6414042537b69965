#include "framework/train/sparkline.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace adjoint::train {
namespace {

constexpr int kHeights = 8;
constexpr const char* kBlocks[kHeights] = {"▁", "▂", "▃", "▄",
                                           "▅", "▆", "▇", "█"};
constexpr const char* kAscii[kHeights] = {"_", ".", ":", "-",
                                          "=", "+", "*", "#"};

// The mean of the finite values in [begin, end); NaN without any.
double Mean(const std::vector<double>& values, size_t begin, size_t end) {
  double mean = 0;
  double count = 0;
  for (size_t i = begin; i < end; ++i) {
    if (!std::isfinite(values[i])) continue;
    ++count;
    mean += values[i] / count - mean / count;  // Never overflows.
  }
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : mean;
}

}  // namespace

std::string Sparkline(const std::vector<double>& values,
                      const SparklineOptions& options) {
  const size_t n = values.size();
  const size_t cells = std::min<size_t>(n, options.cells);
  std::vector<double> means;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (size_t i = 0; i < cells; ++i) {
    means.push_back(Mean(values, i * n / cells, (i + 1) * n / cells));
    if (std::isnan(means.back())) continue;
    low = std::min(low, means.back());
    high = std::max(high, means.back());
  }
  std::string line;
  for (double mean : means) {
    if (std::isnan(mean)) {
      line += "?";
      continue;
    }
    // Halves, as high - low may overflow.
    const double share =
        high > low ? (mean / 2 - low / 2) / (high / 2 - low / 2) : 0.2;
    const int height = std::min(static_cast<int>(share * kHeights), 7);
    line += (options.utf8 ? kBlocks : kAscii)[height];
  }
  return line;
}

}  // namespace adjoint::train
