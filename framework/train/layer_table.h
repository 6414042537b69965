// A model as a table.
#ifndef ADJOINT_FRAMEWORK_TRAIN_LAYER_TABLE_H_
#define ADJOINT_FRAMEWORK_TRAIN_LAYER_TABLE_H_

#include <string>

#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/objective.h"

namespace adjoint::train {

// The modules of `model` without children, and those that have parameters
// beside their children, with the shape that each puts out when the objective
// is evaluated for `batch` (its leading extent is shown as N) and their own
// numbers of parameters, and the total:
//
//    layer       output    parameters
//    0 Linear    [N,128]      100,480
//    1 Relu      [N,128]
//    total                    109,386  (0.42 MiB)
std::string LayerTable(const nn::Module& model, const Objective& objective,
                       const data::Batch& batch);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_LAYER_TABLE_H_
