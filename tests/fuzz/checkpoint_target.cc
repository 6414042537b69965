// Checkpoints. The checksum would hide all that is behind it, so each file is
// tried twice: as it is, and with a checksum that is right.
#include <zlib.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/io/npy.h"
#include "framework/train/checkpoint.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

// A training with every kind of state.
class Training {
 public:
  Training() {
    const Tensor x = Ones({1, 2});
    optimizer_.Step(model_, Grad(Sum(Square(model_(x, {}))), model_));
    ema_.Update(model_);
  }

  train::TrainState state() { return {model_, optimizer_, &ema_}; }

  // All that a checkpoint sets.
  std::string Bytes() {
    std::string all = absl::StrCat(optimizer_.steps());
    for (const auto& part :
         {nn::Parameters(model_), optimizer_.State(model_), ema_.State()}) {
      for (const nn::NamedParameter& p : part) {
        all += io::EncodeNpy(p.parameter.value().Detach());
      }
    }
    return all;
  }

 private:
  Rng rng_{1};
  nn::Linear model_{2, 1, rng_};
  optim::Sgd optimizer_{{.learning_rate = 0.1, .momentum = 0.9}};
  optim::Ema ema_{model_, {.decay = 0.9}};
};

// The file with the checksum that it should have; "" if it has no place for
// one.
std::string Sealed(absl::string_view bytes) {
  absl::StatusOr<io::SafetensorsFile> file = io::ParseSafetensors(bytes, kPath);
  if (!file.ok() || file->metadata.erase("crc32") == 0) return "";
  std::sort(file->tensors.begin(), file->tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string all;
  for (const auto& [key, value] : file->metadata) all += key + value;
  for (const auto& [name, tensor] : file->tensors) {
    const Array& array = *tensor.array();
    all += name + " " + Signature(tensor);
    all.append(static_cast<const char*>(array.data()),
               array.shape().size() * SizeOf(array.dtype()));
  }
  file->metadata["crc32"] = absl::StrFormat(
      "%08x",
      crc32_z(0, reinterpret_cast<const Bytef*>(all.data()), all.size()));
  const auto sealed = io::EncodeSafetensors(file->tensors, file->metadata);
  return sealed.ok() ? *sealed : "";
}

bool Loads(absl::string_view bytes) {
  static Training& training = *new Training;
  const std::string before = training.Bytes();
  const std::string path = WriteTemporary("step-1.safetensors", bytes);
  const auto size = static_cast<int64_t>(bytes.size());
  const absl::StatusOr<train::Progress> progress =
      Within(1000 * size + (1 << 20),
             [&] { return train::LoadCheckpoint(path, training.state()); });
  if (progress.ok()) return true;
  Require(progress.status().message().substr(0, path.size()) == path,
          "an error names the path");
  Require(training.Bytes() == before, "all or nothing is loaded");
  return false;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const bool loads = Loads(bytes);
  const std::string sealed = Sealed(bytes);
  const bool sealed_loads = !sealed.empty() && Loads(sealed);
  Require(sealed_loads || !loads, "the right checksum is taken");
  return sealed_loads;
}

std::vector<std::string> Seeds() {
  const std::string path = WriteTemporary("seed.safetensors", "");
  Training training;
  Require(train::SaveCheckpoint(path, training.state(), {.step = 1}).ok(),
          "a checkpoint can be written");
  return {*ReadFile(path)};
}

}  // namespace adjoint::fuzz
