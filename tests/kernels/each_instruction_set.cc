// Runs a test program once for each set of vector instructions that this
// processor has and kernels are compiled for: those of vectorize.h and those of
// Highway. What is right on the newest processor may be wrong on an older one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "framework/base/vectorize.h"
#include "hwy/highway.h"

namespace adjoint {
namespace {

using vectorize_internal::Width;

// Highway's targets, the best first; without those that would only repeat
// others, for no kernel is compiled for them. (EMU128 stands for SCALAR too,
// which a compiler has in its place.)
std::vector<int64_t> Targets() {
  std::vector<int64_t> targets;
  const int64_t repeats = HWY_SSSE3 | HWY_AVX3_DL | HWY_SCALAR;
  for (int64_t rest = hwy::SupportedTargets() & ~repeats; rest != 0;
       rest &= rest - 1) {
    targets.push_back(rest & -rest);
  }
  return targets;
}

// The loops that belong to a target.
Width WidthOf(int64_t target) {
  if (target <= HWY_AVX3) return Width::kAvx512;
  return target == HWY_AVX2 ? Width::kAvx2 : Width::kBaseline;
}

// Sets the target of each turn.
class EachTarget : public ::testing::EmptyTestEventListener {
 public:
  explicit EachTarget(std::vector<int64_t> targets)
      : targets_(std::move(targets)), own_(vectorize_internal::widest) {}

  void OnTestIterationStart(const ::testing::UnitTest&, int turn) override {
    const int64_t target = targets_[turn % targets_.size()];
    std::printf("Instructions: %s\n", hwy::TargetName(target));
    // That one or a worse one, for not all kernels are compiled for all.
    hwy::SetSupportedTargetsForTest(0);
    hwy::SetSupportedTargetsForTest(hwy::SupportedTargets() & -target);
    vectorize_internal::widest = std::min(own_, WidthOf(target));
  }

 private:
  const std::vector<int64_t> targets_;
  const Width own_;
};

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const std::vector<int64_t> targets = adjoint::Targets();
  GTEST_FLAG_SET(repeat, static_cast<int>(targets.size()));
  // GoogleTest deletes it.
  ::testing::UnitTest::GetInstance()->listeners().Append(
      new adjoint::EachTarget(targets));
  return RUN_ALL_TESTS();
}
