// Batch normalisation.
#ifndef ADJOINT_FRAMEWORK_NN_BATCH_NORM_H_
#define ADJOINT_FRAMEWORK_NN_BATCH_NORM_H_

#include <cstdint>
#include <string>

#include "framework/nn/module.h"

namespace adjoint::nn {

struct BatchNormOptions {
  double epsilon = 1e-5;
  // The share of the newest batch in the running statistics.
  double momentum = 0.1;
  // Whether there are a weight and a bias; else they are 1 and 0.
  bool affine = true;
  DType dtype = DType::kF32;
};

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, each channel by
// itself: x [n, c] or [n, c, ...] -> the same. (Ioffe and Szegedy 2015.)
//
// In training, mean and variance are those of the batch, the gradient knows
// that they depend on x, and the running statistics move towards them; else
// they are the running statistics.
//
// Parameters: weight [c], bias [c]; not trained: running_mean [c],
// running_var [c]. As in PyTorch, the variance that divides is the biased one
// and running_var follows the unbiased one.
class BatchNorm final : public Layer {
 public:
  // Throws ShapeError unless channels >= 1, ValueError unless epsilon >= 0 and
  // momentum is in [0, 1].
  explicit BatchNorm(int64_t channels, const BatchNormOptions& options = {});

  const Parameter& weight() const { return weight_; }  // May be undefined.
  const Parameter& bias() const { return bias_; }      // May be undefined.
  const Parameter& running_mean() const { return running_mean_; }
  const Parameter& running_var() const { return running_var_; }

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "BatchNorm"; }

  // Throws ValueError in training if a channel has less than two values: they
  // have no variance.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  void UpdateRunningStatistics(const Tensor& x) const;

  double epsilon_, momentum_;
  Parameter weight_, bias_, running_mean_, running_var_;
  Tensor ones_, zeros_;  // In place of the weight and the bias.
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_BATCH_NORM_H_
