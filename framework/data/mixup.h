// Examples mixed with others, targets included.
#ifndef ADJOINT_FRAMEWORK_DATA_MIXUP_H_
#define ADJOINT_FRAMEWORK_DATA_MIXUP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

struct MixupOptions {
  int64_t classes = 0;  // At least 1.
  double alpha = 0.2;   // Of Beta(alpha, alpha), above 0.
  uint64_t seed = 0;
};

// mixup (Zhang, Cisse, Dauphin and Lopez-Paz 2018, equation 1): each example is
// mixed with one drawn from the whole data set,
//
//   x = l x_i + (1 - l) x_j,  y = l onehot(y_i) + (1 - l) onehot(y_j)
//
// with l ~ Beta(alpha, alpha). y is [n, classes] of the dtype of x, for
// SoftmaxCrossEntropy (ops/loss.h). l and j are functions of (seed, epoch, i).
// In the epoch kPlain the examples are left as they are, y too: i32 [n].
//
// What is held out for a test is not to be mixed into the rest: Part mixes what
// remains.
class Mixup : public Dataset {
 public:
  // Throws ValueError for options out of range.
  Mixup(DatasetRef dataset, const MixupOptions& options);

  int64_t size() const override { return dataset_->size(); }
  Batch Gather(absl::Span<const int64_t> rows) const override;

  // Throws DTypeError unless x is f32 or f64 and y is i32, ShapeError unless y
  // is [n], and ValueError for a label that is not in [0, classes).
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override;
  std::unique_ptr<Dataset> Part(std::vector<int64_t> rows) const override;
  DatasetInfo info() const override { return dataset_->info(); }

 private:
  DatasetRef dataset_;
  MixupOptions options_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_MIXUP_H_
