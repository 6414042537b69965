// What bench/guard/check.py counts the instructions of. A case is prepared and
// warmed up, then run once inside GuardedRun, the function at which valgrind
// begins and ends to count.
//
//   ./bazelw run //bench:guard               # the names of the cases
//   ./bazelw run //bench:guard -- adam       # runs one

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bench/training_step.h"
#include "framework/adjoint.h"
#include "framework/data/idx.h"
#include "framework/kernels/instruction_set.h"

extern "C" [[gnu::noinline]] void GuardedRun(const std::function<void()>& run) {
  run();
}

namespace adjoint {
namespace {

struct Case {
  absl::string_view name;
  // Prepares it; the result may be called any number of times.
  std::function<std::function<void()>()> make;
};

// Records, differentiates and frees a thousand ops of two elements.
std::function<void()> MakeChain() {
  const Tensor x = Leaf(FromValues({2}, {1, 2}));
  return [x, seed = Ones({2})] {
    Tensor y = x;
    for (int i = 0; i < 1000; ++i) y = -y;
    Grad(std::move(y), {x}, {.seed = seed});
  };
}

std::function<void()> MakeStep(absl::string_view model, int64_t batch_size) {
  const auto step = std::make_shared<TrainingStep>(model, batch_size);
  return [step] { step->Run(); };
}

std::function<void()> MakeAdam() {
  Rng rng(1);
  const auto layer = std::make_shared<nn::Linear>(784, 128, rng);
  const auto adam = std::make_shared<optim::Adam>();
  const auto gradients = std::make_shared<Gradients>(
      Grad(Sum(Square((*layer)(RandomUniform({8, 784}, -1, 1, rng)))), *layer));
  return [=] { adam->Step(*layer, *gradients); };
}

std::function<void()> MakeCrossEntropy() {
  Rng rng(1);
  const Tensor logits = Leaf(RandomNormal({128, 10}, 0, 3, rng));
  std::vector<int32_t> classes(128);
  for (int32_t& c : classes) c = static_cast<int32_t>(rng.NextBelow(10));
  const Tensor labels = FromSpan<int32_t>({128}, classes);
  return [=] { Grad(SoftmaxCrossEntropy(logits, labels), {logits}); };
}

// A thousand images of 28 by 28, from a file's plain contents.
std::function<void()> MakeParseIdx() {
  std::string file("\0\0\x08\x03\0\0\x03\xe8\0\0\0\x1c\0\0\0\x1c", 16);
  file.resize(16 + 1000 * 28 * 28, '\x7f');
  return [file] { ADJOINT_CHECK(data::ParseIdx(file, "images").ok()); };
}

// An epoch of shuffled batches of 128 of a thousand images.
std::function<void()> MakeBatches() {
  data::LabeledImages images = {.count = 1000, .rows = 28, .cols = 28};
  images.pixels.assign(1000 * 28 * 28, 127);
  images.labels.assign(1000, 3);
  const auto dataset = std::make_shared<data::ImageDataset>(std::move(images));
  return [dataset] {
    for (const data::Batch& batch :
         data::Batches(*dataset, {.size = 128}).Epoch(0)) {
      ADJOINT_CHECK(batch.x.defined());
    }
  };
}

const std::vector<Case>& Cases() {
  static const auto& cases = *new std::vector<Case>{
      {"chain_of_1000_ops", MakeChain},
      {"mlp_step_batch_1", [] { return MakeStep("mlp", 1); }},
      {"mlp_step_batch_32", [] { return MakeStep("mlp", 32); }},
      {"lenet_step_batch_2", [] { return MakeStep("lenet", 2); }},
      {"adam", MakeAdam},
      {"softmax_cross_entropy", MakeCrossEntropy},
      {"parse_idx", MakeParseIdx},
      {"batches", MakeBatches},
  };
  return cases;
}

bool Run(absl::string_view name) {
  for (const Case& c : Cases()) {
    if (c.name != name) continue;
    SetNumThreads(1);
    const std::function<void()> run = c.make();
    for (int i = 0; i < 3; ++i) run();  // Fills the memory cache.
    GuardedRun(run);
    return true;
  }
  return false;
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  if (argc < 2) {
    for (const adjoint::Case& c : adjoint::Cases()) std::puts(c.name.data());
    return 0;
  }
  if (!adjoint::Run(argv[1])) {
    std::fprintf(stderr, "guard: no case is called %s\n", argv[1]);
    return 2;
  }
  // What the counts are counts of.
  std::printf("%s, %s\n", adjoint::kernels::InstructionSet().c_str(),
#if defined(__clang__)
              "clang " __clang_version__);
#else
              "g++ " __VERSION__);
#endif
  return 0;
}
