// A Progress as text: what a checkpoint holds beside its tensors.
#ifndef ADJOINT_FRAMEWORK_TRAIN_PROGRESS_JSON_H_
#define ADJOINT_FRAMEWORK_TRAIN_PROGRESS_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// JSON in one line. Every number is read back bit for bit.
std::string ToJson(const Progress& progress);

// InvalidArgument, naming the field, for anything that ToJson does not write.
absl::StatusOr<Progress> ProgressFromJson(absl::string_view text);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_PROGRESS_JSON_H_
