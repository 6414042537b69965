// Columns of very different sizes brought to one: each to the mean 0 and the
// standard deviation 1 that it has in the training data.
//
//   // Of the test data never.
//   const auto columns = Standardizer::Of(train);
//   const Map train_set = Standardized(train, columns);
//   const Map test_set = Standardized(test, columns);
//   // For whoever predicts.
//   columns.Save("columns.safetensors");
//
// A task measures them in Task::Prepare, which does not see what
// --validation_fraction holds out.
#ifndef ADJOINT_FRAMEWORK_DATA_STANDARDIZE_H_
#define ADJOINT_FRAMEWORK_DATA_STANDARDIZE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/data/subset.h"

namespace adjoint::data {

// A mean and a deviation of each element of an example, and nothing of its
// place in a data set.
class Standardizer {
 public:
  // Of the x of all examples as they are in the epoch kPlain, gathered in
  // blocks. The deviation is that of the population, and of a column whose
  // values are all the same 1, as in scikit-learn's StandardScaler: such a
  // column becomes 0. Throws ValueError for no examples and for a column with a
  // value that is not finite, and DTypeError unless x is f32 or f64.
  static Standardizer Of(const Dataset& dataset);

  // Of the rows of x [n, ...], the targets of a regression, say.
  static Standardizer Of(const Tensor& x);

  // Of the shape of one example, f64, finite, and deviations > 0, or else
  // ShapeError, DTypeError or ValueError.
  Standardizer(const Tensor& mean, const Tensor& deviation);

  const Tensor& mean() const { return mean_; }            // f64 [...]
  const Tensor& deviation() const { return deviation_; }  // f64 [...]

  // (x - mean) / deviation for each row of x [n, ...] -> [n, ...], computed in
  // f64; a constant. Throws ShapeError for rows of another shape and DTypeError
  // unless x is f32 or f64.
  Tensor Apply(const Tensor& x) const;

  // x deviation + mean, of a prediction for standardised targets, say.
  Tensor Invert(const Tensor& x) const;

  // A safetensors file of "mean" and "deviation". Saving fails as
  // io::WriteSafetensors does; loading as io::ReadSafetensors, and with
  // InvalidArgument and the path for a file of anything else.
  absl::Status Save(const std::string& path) const;
  static absl::StatusOr<Standardizer> Load(const std::string& path);

 private:
  Tensor mean_, deviation_;
};

// The data set with `standardizer` applied to the x of each batch, in every
// epoch. Throws as Apply does when it gathers. Its info() has no picture.
Map Standardized(DatasetRef dataset, Standardizer standardizer);

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_STANDARDIZE_H_
