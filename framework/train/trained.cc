#include "framework/train/trained.h"

#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "framework/train/checkpoint.h"

namespace adjoint::train {
namespace {

using io::SafetensorsFile;

// Of a checkpoint's tensors those of the model, by their names there.
std::vector<io::NamedTensor> ModelIn(const std::vector<io::NamedTensor>& all,
                                     bool averages) {
  std::vector<absl::string_view> parts = {"model/"};
  // Integers have no averages.
  if (averages) parts.insert(parts.begin(), "ema/");
  std::map<std::string, Tensor> model;
  for (const absl::string_view part : parts) {
    for (const auto& [name, tensor] : all) {
      absl::string_view own = name;
      if (absl::ConsumePrefix(&own, part)) model.emplace(own, tensor);
    }
  }
  std::vector<io::NamedTensor> tensors;
  for (auto& [name, tensor] : model) tensors.push_back({name, tensor});
  return tensors;
}

absl::StatusOr<SafetensorsFile> ReadOne(const std::string& path,
                                        const TrainedOptions& options) {
  absl::StatusOr<SafetensorsFile> file =
      io::ReadSafetensors(path, {.convert = options.convert});
  if (!file.ok() || !IsCheckpoint(*file)) return file;
  const absl::Status status = CheckIsWhole(*file, path);
  if (!status.ok()) return status;
  file->tensors = ModelIn(file->tensors, options.averages);
  return file;
}

// After how many steps the weights of a file were so; -1 if it does not say.
int64_t StepOf(const SafetensorsFile& file) {
  const auto found = file.metadata.find("step");
  int64_t step;
  return found != file.metadata.end() && absl::SimpleAtoi(found->second, &step)
             ? step
             : -1;
}

// What was saved last in the folder of a run: it may have ended, gone on and
// been killed.
absl::StatusOr<SafetensorsFile> ReadLast(const std::string& folder,
                                         const TrainedOptions& options) {
  absl::StatusOr<SafetensorsFile> model =
      ReadOne(folder + "/model.safetensors", options);
  for (const auto& [step, path] :
       CheckpointFolder(folder + "/checkpoints").Files()) {
    if (model.ok() && step <= StepOf(*model)) break;
    absl::StatusOr<SafetensorsFile> checkpoint = ReadOne(path, options);
    if (checkpoint.ok()) return checkpoint;
    if (absl::IsNotFound(model.status())) model = checkpoint.status();
  }
  return model;
}

absl::StatusOr<SafetensorsFile> ReadBest(const std::string& folder,
                                         const TrainedOptions& options) {
  const std::string path = folder + "/checkpoints/best.safetensors";
  absl::StatusOr<SafetensorsFile> best = ReadOne(path, options);
  if (absl::IsNotFound(best.status())) {
    return absl::NotFoundError(
        absl::StrCat(folder,
                     " is the folder of no run, or of one without a "
                     "best epoch yet: there is no ",
                     path));
  }
  return best;
}

}  // namespace

absl::StatusOr<SafetensorsFile> ReadTrained(const std::string& path,
                                            const TrainedOptions& options) {
  std::error_code unreadable;
  if (!std::filesystem::is_directory(path, unreadable)) {
    return ReadOne(path, options);
  }
  return options.last ? ReadLast(path, options) : ReadBest(path, options);
}

}  // namespace adjoint::train
