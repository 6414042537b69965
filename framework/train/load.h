// A model's weights in a safetensors file.
#ifndef ADJOINT_FRAMEWORK_TRAIN_LOAD_H_
#define ADJOINT_FRAMEWORK_TRAIN_LOAD_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "framework/io/safetensors.h"
#include "framework/nn/module.h"

namespace adjoint::train {

struct LoadOptions {
  // Whether file and model must have the same names. If not, what is in both is
  // loaded, provided shape and dtype are the same, and the rest is let alone.
  bool strict = true;
  // Whether tensors of F16, BF16 and I64 are taken, as f32 and i32, where that
  // loses nothing.
  bool convert = false;
  // Which weights of a run's folder, and which of a checkpoint.
  bool last = false;
  bool averages = true;
  // How names in the file become names in the model: the first of these with
  // which a name begins is replaced by what stands beside it.
  // {{"module.", ""}, {"fc1.", "0."}}
  std::vector<std::pair<std::string, std::string>> rename = {};
};

// Sets the parameters of `model`, trainable or not, to the tensors of their
// dotted names in the safetensors file at `path`, which may be a checkpoint; or
// in the folder of a run, those of its best epoch. A file made from the
// state_dict of PyTorch's nn.Sequential has the names of nn::Sequential.
//
//   LoadInto(model, "runs/seven")                     // The best epoch.
//   LoadInto(model, "runs/seven", {.last = true})
//   LoadInto(model, "runs/seven/model.safetensors")
//
// All or nothing: unless the status is OK no parameter has changed. One
// InvalidArgument error lists all names that are missing, all that are
// unexpected and all that have another shape or dtype (the first 1,000 of
// each), with the nearest unexpected name for each missing one. Not strict, it
// is an error only if nothing fits. What cannot be read or is malformed fails
// as ReadTrained says (trained.h); memory that is short is ResourceExhausted.
absl::Status LoadInto(const nn::Module& model, const std::string& path,
                      const LoadOptions& options = {});

// The same from the tensors of a file as they are, of which `path` tells in
// messages.
absl::Status LoadTensors(const nn::Module& model,
                         const io::SafetensorsFile& file,
                         const std::string& path,
                         const LoadOptions& options = {});

// The parameters of `model` by their dotted names, as they are now.
std::vector<io::NamedTensor> TensorsOf(const nn::Module& model);

// Writes the parameters of `model` by their dotted names to `path`, atomically
// and so that LoadInto reads them. Equal weights give equal bytes.
absl::Status SaveWeights(
    const nn::Module& model, const std::string& path,
    const std::map<std::string, std::string>& metadata = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_LOAD_H_
