#include "framework/train/checkpoint.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "framework/io/safetensors.h"
#include "framework/train/load.h"
#include "framework/train/progress_json.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

constexpr char kFormat[] = "adjoint checkpoint 1";
constexpr char kPrefix[] = "step-", kSuffix[] = ".safetensors";

// All tensors of a training under one root, each with its name in the file.
class StateModule final : public nn::Module {
 public:
  explicit StateModule(const TrainState& state) {
    const auto add = [this](absl::string_view kind,
                            const std::vector<nn::NamedParameter>& all) {
      for (const nn::NamedParameter& p : all) {
        parameters_.push_back({absl::StrCat(kind, "/", p.name), p.parameter});
      }
    };
    add("model", nn::Parameters(state.model));
    add("optimizer", state.optimizer.State(state.model));
    if (state.ema != nullptr) add("ema", state.ema->State());
  }

  void Visit(nn::Visitor& visit) const override {
    for (const nn::NamedParameter& p : parameters_) visit(p.name, p.parameter);
  }
  std::string Kind() const override { return "a training"; }

 private:
  std::vector<nn::NamedParameter> parameters_;
};

using Metadata = std::map<std::string, std::string>;

// Of the metadata and of each tensor's name, shape and bytes, by name.
std::string Crc32Of(const Metadata& metadata,
                    std::vector<io::NamedTensor> tensors) {
  uLong crc = crc32_z(0, nullptr, 0);
  const auto add = [&crc](const void* bytes, size_t size) {
    crc = crc32_z(crc, static_cast<const Bytef*>(bytes), size);
  };
  for (const auto& [key, value] : metadata) {
    add(key.data(), key.size());
    add(value.data(), value.size());
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& [name, tensor] : tensors) {
    const std::string like = absl::StrCat(name, " ", Signature(tensor));
    add(like.data(), like.size());
    const Array& array = *tensor.array();
    add(array.data(), array.shape().size() * SizeOf(array.dtype()));
  }
  return absl::StrFormat("%08x", crc);
}

// The file's progress and optimizer steps, if the file is whole.
struct Contents {
  Progress progress;
  int64_t optimizer_steps;
};

absl::Status Refusal(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
}

// The value of `key`; "" if there is none.
std::string ValueOf(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

absl::StatusOr<Contents> Verify(const io::SafetensorsFile& file,
                                const std::string& path) {
  if (!IsCheckpoint(file)) return Refusal(path, "is not a checkpoint");
  const absl::Status status = CheckIsWhole(file, path);
  if (!status.ok()) return status;
  Contents contents;
  if (!absl::SimpleAtoi(ValueOf(file.metadata, "optimizer_steps"),
                        &contents.optimizer_steps) ||
      contents.optimizer_steps < 0) {
    return Refusal(path, "optimizer_steps is not a number >= 0");
  }
  absl::StatusOr<Progress> progress =
      ProgressFromJson(ValueOf(file.metadata, "progress"));
  if (!progress.ok()) {
    return Refusal(path,
                   absl::StrCat("progress: ", progress.status().message()));
  }
  contents.progress = *std::move(progress);
  return contents;
}

// A training as it is now. Nothing is copied: tensors are values, and whoever
// writes to a parameter next makes it a new one.
struct Snapshot {
  Metadata metadata;
  std::vector<io::NamedTensor> tensors;
};

Snapshot Take(const TrainState& state, const Progress& progress) {
  return {
      .metadata = {{"format", kFormat},
                   {"progress", ToJson(progress)},
                   {"optimizer_steps", absl::StrCat(state.optimizer.steps())}},
      .tensors = TensorsOf(StateModule(state))};
}

absl::StatusOr<io::SafetensorsPieces> Encode(const Snapshot& snapshot) {
  Metadata metadata = snapshot.metadata;
  metadata["crc32"] = Crc32Of(metadata, snapshot.tensors);
  return io::SafetensorsPieces::Of(snapshot.tensors, metadata);
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, const TrainState& state,
                            const Progress& progress) {
  const auto file = Encode(Take(state, progress));
  if (!file.ok()) return file.status();
  return WriteFileAtomically(path, file->pieces());
}

bool IsCheckpoint(const io::SafetensorsFile& file) {
  return ValueOf(file.metadata, "format") == kFormat;
}

absl::Status CheckIsWhole(const io::SafetensorsFile& file,
                          const std::string& path) {
  Metadata metadata = file.metadata;
  const std::string crc = metadata["crc32"];
  metadata.erase("crc32");
  return crc == Crc32Of(metadata, file.tensors)
             ? absl::OkStatus()
             : Refusal(path, "is damaged: its checksum differs");
}

absl::StatusOr<Progress> LoadCheckpoint(const std::string& path,
                                        const TrainState& state) {
  absl::StatusOr<io::SafetensorsFile> file = io::ReadSafetensors(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<Contents> contents = Verify(*file, path);
  if (!contents.ok()) return contents.status();
  absl::Status status = LoadTensors(StateModule(state), *file, path);
  if (!status.ok()) return status;
  state.optimizer.set_steps(contents->optimizer_steps);
  return std::move(contents->progress);
}

CheckpointFolder::CheckpointFolder(std::string folder, int64_t keep)
    : folder_(std::move(folder)), keep_(keep) {
  if (keep < 1) {
    throw ValueError(
        absl::StrCat("CheckpointFolder: keep must be at least 1: ", keep));
  }
}

std::vector<std::pair<int64_t, std::string>> CheckpointFolder::Files() const {
  std::vector<std::pair<int64_t, std::string>> files;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    absl::string_view digits = name;
    std::error_code ignored;
    int64_t step;
    if (it->is_regular_file(ignored) && absl::ConsumePrefix(&digits, kPrefix) &&
        absl::ConsumeSuffix(&digits, kSuffix) &&
        absl::SimpleAtoi(digits, &step)) {
      files.push_back({step, it->path().string()});
    }
  }
  std::sort(files.begin(), files.end(), std::greater<>());
  return files;
}

std::function<absl::Status()> CheckpointFolder::Saving(const TrainState& state,
                                                       const Progress& progress,
                                                       bool is_best) const {
  return
      [this, step = progress.step, is_best, snapshot = Take(state, progress)] {
        const auto file = Encode(snapshot);
        return file.ok() ? Write(step, file->pieces(), is_best) : file.status();
      };
}

absl::Status CheckpointFolder::Save(const TrainState& state,
                                    const Progress& progress, bool is_best) {
  return Saving(state, progress, is_best)();
}

void CheckpointFolder::RememberBest(const TrainState& state,
                                    const Progress& progress) {
  remembered_ = Saving(state, progress, /*is_best=*/true);
}

absl::Status CheckpointFolder::SaveInBackground(const TrainState& state,
                                                const Progress& progress,
                                                bool is_best) {
  absl::Status before = WaitForThreads();
  if (!before.ok()) return before;
  // The two beside each other, for each waits for the disk. Should the later
  // one be there first and leave no room for the best one, that is best all the
  // same: Write then writes it as such. Where the system refuses a thread, they
  // are written when they are waited for.
  const auto start = [this](std::function<absl::Status()> save) {
    saving_.push_back(std::async(std::move(save)));
  };
  if (remembered_ != nullptr && !is_best) start(std::move(remembered_));
  remembered_ = nullptr;
  start(Saving(state, progress, is_best));
  return absl::OkStatus();
}

absl::Status CheckpointFolder::WaitForThreads() {
  absl::Status status;
  for (auto& saving : std::exchange(saving_, {})) status.Update(saving.get());
  return status;
}

absl::Status CheckpointFolder::Wait() {
  absl::Status status = WaitForThreads();
  if (remembered_ != nullptr) {
    status.Update(std::exchange(remembered_, nullptr)());
  }
  return status;
}

absl::Status CheckpointFolder::Write(int64_t step,
                                     absl::Span<const absl::string_view> pieces,
                                     bool is_best) const {
  // Not its parents: those of a run's folder that was removed stay so.
  std::error_code error;
  fs::create_directory(folder_, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot make directory ", folder_));
  }
  const std::string path =
      absl::StrFormat("%s/%s%08d%s", folder_, kPrefix, step, kSuffix);
  absl::Status status = WriteFileAtomically(path, pieces);
  if (!status.ok()) return status;
  if (is_best) {
    const std::string best = absl::StrCat(folder_, "/best", kSuffix);
    status = LinkAtomically(path, best);
    // Not every disk has links, and another save may have removed the file.
    if (!status.ok()) status = WriteFileAtomically(best, pieces);
    if (!status.ok()) return status;
  }
  const auto files = Files();
  for (size_t i = keep_; i < files.size(); ++i) {
    std::error_code ignored;
    fs::remove(files[i].second, ignored);  // One too many does no harm.
  }
  return absl::OkStatus();
}

void CheckpointFolder::Drop(int64_t step) {
  const auto files = Files();
  if (files.size() < 2) return;
  for (const auto& [of_step, path] : files) {
    std::error_code ignored;
    if (of_step == step) fs::remove(path, ignored);
  }
}

absl::StatusOr<Progress> CheckpointFolder::LoadNewest(
    const TrainState& state, std::vector<std::string>& passed_over) {
  absl::Status first = absl::NotFoundError(
      absl::StrCat(folder_, ": there is no checkpoint to go on from"));
  for (const auto& [step, path] : Files()) {
    absl::StatusOr<Progress> progress = LoadCheckpoint(path, state);
    if (progress.ok()) return progress;
    if (absl::IsNotFound(first)) first = progress.status();
    passed_over.push_back(std::string(progress.status().message()));
  }
  return first;
}

}  // namespace adjoint::train
