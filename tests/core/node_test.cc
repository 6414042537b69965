#include "framework/core/node.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdint>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "framework/core/memory.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

// A node that does nothing but to keep its inputs and count its deletions.
class TestNode final : public Node {
 public:
  TestNode(std::vector<Tensor> inputs, int64_t* deletions)
      : inputs_(std::move(inputs)), deletions_(deletions) {}
  ~TestNode() override { ++*deletions_; }

  absl::string_view name() const override { return "test"; }
  absl::Span<const Tensor> inputs() const override { return inputs_; }
  void Vjp(const Tensor&, absl::Span<const bool>,
           absl::Span<Tensor>) const override {}

 private:
  std::vector<Tensor> inputs_;
  int64_t* const deletions_;
};

Tensor ApplyTest(std::vector<Tensor> inputs, int64_t* deletions) {
  Ref<Array> value = inputs[0].array();
  return Tensor(std::move(value),
                Ref<Node>(new TestNode(std::move(inputs), deletions)));
}

TEST(Node, IdsGrowFromInputsToOutputs) {
  int64_t deletions = 0;
  Tensor x = Leaf(Ones({}));
  for (int i = 0; i < 1000; ++i) {
    const Tensor y = ApplyTest({x, Leaf(x), x}, &deletions);
    for (const Tensor& input : y.node()->inputs()) {
      EXPECT_LT(input.node()->id(), y.node()->id());
    }
    x = y;
  }
}

TEST(Node, IdsGrowAndDifferOverAllThreads) {
  constexpr int kThreads = 4;
  std::vector<std::vector<uint64_t>> ids(kThreads);
  const uint64_t before = Leaf(Ones({})).node()->id();
  std::vector<std::thread> threads;
  for (std::vector<uint64_t>& mine : ids) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 1000; ++i) {
        mine.push_back(Leaf(Ones({})).node()->id());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> all;
  for (const std::vector<uint64_t>& mine : ids) {
    EXPECT_GT(mine.front(), before);
    for (size_t i = 1; i < mine.size(); ++i) EXPECT_LT(mine[i - 1], mine[i]);
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), kThreads * 1000);
}

TEST(Node, IsALeafIfItHasNoInputs) {
  int64_t deletions = 0;
  const Tensor x = Leaf(Ones({}));
  EXPECT_TRUE(x.node()->is_leaf());
  EXPECT_FALSE(ApplyTest({x}, &deletions).node()->is_leaf());
}

TEST(Node, KeepsItsInputsAndNotItsOutput) {
  int64_t deletions = 0;
  {
    Tensor x = ApplyTest({Leaf(Ones({}))}, &deletions);
    Tensor y = ApplyTest({x}, &deletions);
    const Ref<Node> node = y.node();
    x = Tensor();
    EXPECT_EQ(deletions, 0);
    y = Tensor();
    EXPECT_TRUE(node->unique());
    EXPECT_EQ(deletions, 0);
  }
  EXPECT_EQ(deletions, 2);
}

TEST(Node, SharedByManyIsDeletedOnce) {
  int64_t deletions = 0;
  {
    // Each node is used twice: there are 2^60 ways from the end to the leaf.
    Tensor x = Leaf(Ones({}));
    for (int i = 0; i < 60; ++i) x = ApplyTest({x, x}, &deletions);
    EXPECT_EQ(deletions, 0);
  }
  EXPECT_EQ(deletions, 60);
}

TEST(Node, IsDeletedOnceByThreadsThatShareIt) {
  for (int round = 0; round < 100; ++round) {
    int64_t deletions = 0;
    std::vector<std::thread> threads;
    {
      Tensor x = Leaf(Ones({}));
      for (int i = 0; i < 20; ++i) x = ApplyTest({x, x}, &deletions);
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([x]() mutable { x = Tensor(); });
      }
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(deletions, 20);
  }
}

// What `fn(argument)` does on a thread whose stack is `bytes` large.
void RunOnSmallStack(size_t bytes, void* (*fn)(void*), void* argument) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, fn, argument), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Node, AChainOfAMillionIsFreedInConstantStack) {
  constexpr int64_t kLength = 1000000;
  const int64_t live = GetMemoryStats().live;
  int64_t deletions = 0;
  Tensor x = Leaf(Ones({}));
  for (int64_t i = 0; i < kLength; ++i) x = ApplyTest({x}, &deletions);
  EXPECT_GT(GetMemoryStats().live, live + 64 * kLength);
  // Recursion would need at least two words a node, 16 MB.
  const auto drop = [](void* tensor) -> void* {
    *static_cast<Tensor*>(tensor) = Tensor();
    return nullptr;
  };
  RunOnSmallStack(256 * 1024, drop, &x);
  EXPECT_EQ(deletions, kLength);
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Recording, IsOnAtFirstAndSetByScopesThatNest) {
  EXPECT_TRUE(IsRecording());
  {
    const NoGrad no_grad;
    EXPECT_FALSE(IsRecording());
    {
      const RecordingScope record(true);
      EXPECT_TRUE(IsRecording());
      {
        const NoGrad inner;
        EXPECT_FALSE(IsRecording());
      }
      EXPECT_TRUE(IsRecording());
    }
    EXPECT_FALSE(IsRecording());
  }
  EXPECT_TRUE(IsRecording());
}

TEST(Recording, IsSetForItsThreadAlone) {
  const NoGrad no_grad;
  std::thread([] { EXPECT_TRUE(IsRecording()); }).join();
}

}  // namespace
}  // namespace adjoint
