// A training step, once it is warm, takes no memory from the system: neither
// for elements nor for the graph, nor for anything that the program does around
// them. Seen by standing in for malloc and its kin.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/adjoint.h"
#include "models/mnist_lenet/lenet.h"
#include "models/mnist_mlp/model.h"
#include "tests/models/allocations.h"

namespace adjoint {
namespace {

constexpr int64_t kClasses = 10;

// Enough for 120 steps in one epoch, whose order is drawn but once.
data::TensorDataset Examples(const Shape& of_one, int64_t batch) {
  Rng rng(1);
  const int64_t count = 121 * batch;
  std::vector<int64_t> shape = {count};
  shape.insert(shape.end(), of_one.dims().begin(), of_one.dims().end());
  std::vector<int32_t> labels(count);
  for (int32_t& label : labels) {
    label = static_cast<int32_t>(rng.NextBelow(kClasses));
  }
  return data::TensorDataset(RandomUniform(Shape(shape), 0, 1, rng),
                             FromSpan<int32_t>({count}, labels));
}

// Counts what the thread that gathers takes from the system.
class Watched final : public data::Dataset {
 public:
  explicit Watched(const data::Dataset& dataset) : dataset_(dataset) {}
  int64_t size() const override { return dataset_.size(); }
  data::Batch Gather(absl::Span<const int64_t> rows) const override {
    return dataset_.Gather(rows);
  }
  data::Batch Refill(data::Batch spent, absl::Span<const int64_t> rows,
                     int64_t epoch) const override {
    const int64_t before = OwnAllocations();
    data::Batch batch = dataset_.Refill(std::move(spent), rows, epoch);
    if (std::this_thread::get_id() != caller_) {
      allocations_elsewhere += OwnAllocations() - before;
    }
    return batch;
  }

  mutable std::atomic<int64_t> allocations_elsewhere{0};

 private:
  const std::thread::id caller_ = std::this_thread::get_id();
  const data::Dataset& dataset_;
};

struct Threads {
  int count;
  data::Prefetch prefetch;
};

std::string NameOf(Threads threads) {
  if (threads.prefetch == data::Prefetch::kAuto) {
    return absl::StrCat(threads.count, "PrefetchAuto");
  }
  return absl::StrCat(threads.count, threads.prefetch == data::Prefetch::kNever
                                         ? "PrefetchNever"
                                         : "PrefetchAlways");
}

// What steps 20 to 119 of a training take from the system: on the threads that
// train and gather, and on all, the pool's among them.
struct Taken {
  int64_t here_and_ahead, anywhere;
};
Taken AllocationsOf(const nn::Layer& model, optim::Optimizer& optimizer,
                    const data::Dataset& examples, int64_t batch_size,
                    Threads threads) {
  SetNumThreads(threads.count);
  Rng rng(2);
  const Watched dataset(examples);
  const auto taken = [&dataset] {
    return Taken{OwnAllocations() + dataset.allocations_elsewhere, allocations};
  };
  Taken before = {}, after = {};
  const data::Batches batches(
      dataset, {.size = batch_size, .prefetch = threads.prefetch});
  for (const data::Batch& batch : batches.Epoch(0)) {
    if (batch.index == 20) before = taken();
    if (batch.index == 120) {
      after = taken();
      break;
    }
    Tensor loss = SoftmaxCrossEntropy(
        model(batch.x, {.training = true, .rng = &rng}), batch.y);
    const Gradients gradients = Grad(std::move(loss), model);
    EXPECT_TRUE(optim::AllFinite(gradients));
    const double factor = optim::ClipFactor(optim::GlobalNorm(gradients), 1);
    optimizer.Step(model, gradients, {.gradient_factor = factor});
  }
  SetNumThreads(0);
  return {after.here_and_ahead - before.here_and_ahead,
          after.anywhere - before.anywhere};
}

class SteadyStep : public ::testing::TestWithParam<Threads> {
 protected:
  void SetUp() override {
    if (!ADJOINT_COUNTS_MALLOC) GTEST_SKIP() << "malloc is not ours to replace";
    // Where gathering is quick, the thread that gathers ahead may otherwise
    // start as late as in the steps that are counted.
    SetNumThreads(2);
    const data::TensorDataset set(Zeros({8, 1}), Zeros({8}));
    const data::Batches ahead(set,
                              {.size = 1, .prefetch = data::Prefetch::kAlways});
    for (const data::Batch& batch : ahead.Epoch(0)) ASSERT_EQ(batch.size(), 1);
  }

  void ExpectNoAllocations(const nn::Layer& model, optim::Optimizer& optimizer,
                           const Shape& of_one, int64_t batch_size) {
    ExpectNoAllocations(model, optimizer, Examples(of_one, batch_size),
                        batch_size);
  }

  void ExpectNoAllocations(const nn::Layer& model, optim::Optimizer& optimizer,
                           const data::Dataset& examples, int64_t batch_size) {
    const Taken taken =
        AllocationsOf(model, optimizer, examples, batch_size, GetParam());
    EXPECT_EQ(taken.here_and_ahead, 0);
    // On a busy machine a worker of the pool may come late to a kernel, and
    // then takes the memory that it works in, once.
    EXPECT_LT(taken.anywhere, 40);
  }
};
INSTANTIATE_TEST_SUITE_P(Threads, SteadyStep,
                         ::testing::Values(Threads{1, data::Prefetch::kAuto},
                                           Threads{2, data::Prefetch::kNever},
                                           Threads{2, data::Prefetch::kAuto},
                                           Threads{2, data::Prefetch::kAlways}),
                         [](const auto& info) { return NameOf(info.param); });

TEST_P(SteadyStep, OfAPerceptronAllocatesNothing) {
  Rng rng(1);
  const nn::Sequential model = models::MakeMlp({}, rng);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  ExpectNoAllocations(model, sgd, {784}, 128);
}

TEST_P(SteadyStep, WithAdamAllocatesNothing) {
  Rng rng(1);
  const nn::Sequential model = models::MakeMlp({}, rng);
  optim::Adam adam({.weight_decay = 0.01, .decoupled_weight_decay = true});
  adam.AddGroup(
      {.matches =
           [](absl::string_view name) { return absl::EndsWith(name, "bias"); },
       .weight_decay = 0});
  ExpectNoAllocations(model, adam, {784}, 32);
}

TEST_P(SteadyStep, OfLenetAllocatesNothing) {
  Rng rng(1);
  const nn::Sequential model = models::MakeLenet5(28, 6, DType::kF32, rng);
  optim::Sgd sgd({.learning_rate = 0.01, .momentum = 0.9});
  ExpectNoAllocations(model, sgd, {1, 28, 28}, 16);
}

TEST_P(SteadyStep, WithBatchNormAndDropoutAllocatesNothing) {
  Rng rng(1);
  const nn::Sequential model(nn::Conv2d(1, 8, 3, rng), nn::BatchNorm(8),
                             nn::Relu(), nn::MaxPool2d({.kernel = 2}),
                             nn::Flatten(), nn::Dropout(0.5),
                             nn::Linear(8 * 5 * 5, 32, rng), nn::LayerNorm(32),
                             nn::Gelu(), nn::Linear(32, kClasses, rng));
  optim::Rmsprop rmsprop;
  ExpectNoAllocations(model, rmsprop, {1, 12, 12}, 16);
}

// Names the classes by what an LSTM of two layers says last.
class Reader final : public nn::Layer {
 public:
  explicit Reader(Rng& rng)
      : lstm_(5, 16, rng, {.num_layers = 2, .dropout = 0.1}),
        out_(16, kClasses, rng) {}
  void Visit(nn::Visitor& visit) const override {
    visit("a_name_that_no_string_holds_inline", lstm_);
    visit("out", out_);
  }
  std::string Kind() const override { return "Reader"; }
  Tensor Forward(const Tensor& x, const nn::Pass& pass) const override {
    const Tensor y = lstm_(x, pass);
    const int64_t time = y.shape()[1];
    const Tensor last = Slice(y, 1, time - 1, time);
    return out_(Reshape(last, {y.shape()[0], y.shape()[2]}), pass);
  }

 private:
  nn::Lstm lstm_;
  nn::Linear out_;
};

TEST_P(SteadyStep, OfAnLstmAllocatesNothing) {
  Rng rng(1);
  const Reader model(rng);
  optim::Adagrad adagrad;
  ExpectNoAllocations(model, adagrad, {7, 5}, 8);
}

TEST_P(SteadyStep, OverDataSetsMadeOfOthersAllocatesNothing) {
  Rng rng(1);
  const nn::Sequential model = models::MakeMlp({}, rng);
  optim::Sgd sgd({.learning_rate = 0.1});
  const data::TensorDataset examples = Examples({784}, 32);
  std::vector<int64_t> backwards;
  for (int64_t i = examples.size(); i > 0; --i) backwards.push_back(i - 1);
  const data::Subset subset(examples, backwards);
  const data::Map same(subset, [](data::Batch batch) { return batch; });
  ExpectNoAllocations(model, sgd, same, 32);
}

TEST(CountOfAllocations, SeesEachWayToAllocate) {
  if (!ADJOINT_COUNTS_MALLOC) GTEST_SKIP() << "malloc is not ours to replace";
  const auto counted = [](auto allocate) {
    const int64_t before = allocations;
    void* volatile block = allocate();
    const int64_t count = allocations - before;
    std::free(block);
    return count;
  };
  EXPECT_EQ(counted([] { return std::malloc(8); }), 1);
  EXPECT_EQ(counted([] { return std::calloc(2, 8); }), 1);
  EXPECT_EQ(counted([] { return std::realloc(nullptr, 8); }), 1);
  EXPECT_EQ(counted([] { return std::aligned_alloc(64, 64); }), 1);
  EXPECT_EQ(counted([] {
              void* block = nullptr;
              return posix_memalign(&block, 64, 8) == 0 ? block : nullptr;
            }),
            1);
  EXPECT_GE(counted([] { return operator new(8); }), 1);
  // Code of the shared libraries: a string of theirs, a block of the cache's.
  EXPECT_GE(counted([] { return ::strdup("twelve bytes"); }), 1);
}

}  // namespace
}  // namespace adjoint
