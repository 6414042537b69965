// Pictures that look a little different in every epoch.
//
//   const Augment train(mnist.train, {.shift = 2, .rotate = 10, .seed = 42});
//
// What becomes of an example is a function of (seed, epoch, its row): not of
// the batch that it is in, nor of who gathers it. A run that was stopped goes
// on with the same pictures. In the epoch kPlain they are left as they are.
#ifndef ADJOINT_FRAMEWORK_DATA_AUGMENT_H_
#define ADJOINT_FRAMEWORK_DATA_AUGMENT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// Each drawn uniformly for each example; 0 leaves it out.
struct AugmentOptions {
  double shift = 0;   // Pixels, at most, along each axis.
  double rotate = 0;  // Degrees, at most, either way, about the centre.
  double scale = 0;   // The factor is within [1 - scale, 1 + scale].
  // The elastic distortion of Simard, Steinkraus and Platt (2003, "Best
  // practices for convolutional neural networks", section 2): displacements
  // uniform in [-1, 1] a pixel, smoothed by a Gaussian of the standard
  // deviation `smoothness` (pixels), times `elastic`. They took 34 and 4.
  double elastic = 0;
  double smoothness = 4;
  // The side of a square that is made black, with its centre anywhere in the
  // picture (DeVries and Taylor 2017, "Improved regularization of convolutional
  // neural networks with cutout").
  int64_t cutout = 0;
  uint64_t seed = 0;
};

// One bilinear resampling does all but the cutout; beyond its border a picture
// is black.
class Augment : public Dataset {
 public:
  // Throws ShapeError unless dataset.info() has a picture, and ValueError for
  // an option that is negative or not finite, a scale of 1 or more, or a
  // smoothness that is not in (0, 100].
  Augment(DatasetRef dataset, const AugmentOptions& options);

  int64_t size() const override { return dataset_->size(); }
  Batch Gather(absl::Span<const int64_t> rows) const override;

  // Throws DTypeError unless x is f32 or f64 and ShapeError unless an x holds
  // as many elements as a picture.
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override;
  std::unique_ptr<Dataset> Part(std::vector<int64_t> rows) const override;
  DatasetInfo info() const override { return info_; }

 private:
  DatasetRef dataset_;
  AugmentOptions options_;
  DatasetInfo info_;
  std::vector<double> smoothing_;  // The Gaussian's weights, with the sum 1.
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_AUGMENT_H_
