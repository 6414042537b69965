// Examples and weights as pictures for the report.
#ifndef ADJOINT_FRAMEWORK_TRAIN_REPORT_PICTURES_H_
#define ADJOINT_FRAMEWORK_TRAIN_REPORT_PICTURES_H_

#include <optional>
#include <string>
#include <vector>

#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/evaluation.h"
#include "framework/train/report.h"

namespace adjoint::train {

// The examples of evaluation.mistakes(), as PNG files. Empty if the data set's
// info() does not say that its examples are pictures, or if they have not so
// many values.
std::vector<std::string> MistakePictures(const Evaluation& evaluation,
                                         const data::Dataset& dataset);

// What the units of the first layer look for: the weights of each, blue for
// negative and red for positive, white for 0. The first parameter of `model`
// decides: [units, rows * cols] with the rows and columns of info.picture, or
// the kernels [units, channels, rows, cols] of a convolution, of which each
// channel is a picture of its own. The first 64; none if it has another shape.
std::optional<ReportPicture> FirstLayerPicture(const nn::Module& model,
                                               const data::DatasetInfo& info);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_REPORT_PICTURES_H_
