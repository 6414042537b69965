// The randomness of one example in one epoch.
#ifndef ADJOINT_FRAMEWORK_DATA_EXAMPLE_RNG_H_
#define ADJOINT_FRAMEWORK_DATA_EXAMPLE_RNG_H_

#include <cstdint>

#include "framework/base/rng.h"

namespace adjoint::data {

// Who draws. A program may well use one seed for all.
enum class Drawer : uint64_t { kAugment = 1, kMixup = 2 };

// A stream that depends on nothing but these, and is independent of all others,
// also of what an Rng of the same seed or the order of Batches draws.
inline Rng ExampleRng(Drawer drawer, uint64_t seed, int64_t epoch,
                      int64_t row) {
  const uint64_t first = static_cast<uint64_t>(drawer) << 61;
  Rng of_epoch =
      Rng(Rng::State{.key = seed, .position = first + epoch}).Split();
  return Rng(Rng::State{.key = of_epoch.state().key,
                        .position = static_cast<uint64_t>(row)})
      .Split();
}

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_EXAMPLE_RNG_H_
