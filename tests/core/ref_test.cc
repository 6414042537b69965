#include "framework/core/ref.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace adjoint {
namespace {

// Counts its own deletions.
struct Counted : RefCounted {
  explicit Counted(int* deletions) : deletions(deletions) {}
  static void Delete(const Counted* counted) {
    ++*counted->deletions;
    delete counted;
  }
  int* deletions;
};

TEST(Ref, IsNullAtFirst) {
  const Ref<Counted> ref;
  EXPECT_FALSE(ref);
  EXPECT_EQ(ref.get(), nullptr);
  EXPECT_EQ(ref, nullptr);
}

TEST(Ref, DeletesItsTargetWhenTheLastOneIsGone) {
  int deletions = 0;
  {
    Ref<Counted> first(new Counted(&deletions));
    Ref<Counted> second = first;
    EXPECT_EQ(first, second);
    first = nullptr;
    EXPECT_EQ(deletions, 0);
  }
  EXPECT_EQ(deletions, 1);
}

TEST(Ref, LeavesItsTargetWhenMoved) {
  int deletions = 0;
  Ref<Counted> first(new Counted(&deletions));
  Counted* const target = first.get();
  Ref<Counted> second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: what a move leaves is promised
  EXPECT_EQ(second.get(), target);
  EXPECT_TRUE(target->unique());
  first = std::move(second);
  EXPECT_EQ(first.get(), target);
  EXPECT_EQ(deletions, 0);
}

TEST(Ref, DropsTheOldTargetOnAssignment) {
  int old_deletions = 0;
  int new_deletions = 0;
  Ref<Counted> ref(new Counted(&old_deletions));
  ref = Ref<Counted>(new Counted(&new_deletions));
  EXPECT_EQ(old_deletions, 1);
  EXPECT_EQ(new_deletions, 0);
}

TEST(Ref, SurvivesAssignmentToItself) {
  int deletions = 0;
  Ref<Counted> ref(new Counted(&deletions));
  Ref<Counted>& same = ref;
  ref = same;
  EXPECT_EQ(deletions, 0);
  ref = std::move(same);
  ASSERT_TRUE(ref);
  EXPECT_TRUE(ref->unique());
  EXPECT_EQ(deletions, 0);
}

TEST(Ref, IsUniqueWhileItIsAlone) {
  int deletions = 0;
  const Ref<Counted> first(new Counted(&deletions));
  EXPECT_TRUE(first->unique());
  {
    const Ref<Counted> second = first;
    EXPECT_FALSE(first->unique());
  }
  EXPECT_TRUE(first->unique());
}

TEST(Ref, ThreadsDeleteASharedTargetOnce) {
  for (int round = 0; round < 200; ++round) {
    int deletions = 0;
    Ref<Counted> shared(new Counted(&deletions));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([mine = shared]() mutable {
        for (int i = 0; i < 50; ++i) {
          const Ref<Counted> copy = mine;
          EXPECT_EQ(copy, mine);
        }
        mine = nullptr;
      });
    }
    shared = nullptr;
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(deletions, 1);
  }
}

}  // namespace
}  // namespace adjoint
