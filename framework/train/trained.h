// The weights that a training left behind.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TRAINED_H_
#define ADJOINT_FRAMEWORK_TRAIN_TRAINED_H_

#include <string>

#include "absl/status/statusor.h"
#include "framework/io/safetensors.h"

namespace adjoint::train {

struct TrainedOptions {
  // Of a run's folder: the weights that it came to last, from whatever was
  // saved last, and not those of its best epoch.
  bool last = false;
  // Of a checkpoint: the averages of the weights, where it has any; if not, the
  // weights themselves.
  bool averages = true;
  bool convert = false;  // As io::SafetensorsOptions has it.
};

// The weights by the names that the model has for them: all tensors of the
// safetensors file at `path`, unless that is a checkpoint (checkpoint.h), of
// which they are a part, or the folder of a run, which has several files.
// NotFound, with the path, for a folder that has none of them, or no best one;
// InvalidArgument for a checkpoint that is damaged, but of the last ones the
// one before is taken; otherwise as io::ReadSafetensors.
absl::StatusOr<io::SafetensorsFile> ReadTrained(
    const std::string& path, const TrainedOptions& options = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TRAINED_H_
