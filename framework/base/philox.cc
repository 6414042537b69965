#include "framework/base/philox.h"

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/base/philox.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void Blocks(uint64_t key, uint64_t position, uint32_t purpose, int64_t n,
            uint64_t* first, uint64_t* second) {
  for (int64_t i = 0; i < n; ++i) {
    const auto block = PhiloxBlock(key, position + i, purpose);
    first[i] = block[0];
    second[i] = block[1];
  }
}
#else
// A word is the lower half of a lane of 64 bits, where its product with another
// has room; what the upper half holds never counts. A compiler that is given
// Philox4x32 spends most of its instructions on moving words between widths.
void Blocks(uint64_t key, uint64_t position, uint32_t purpose, int64_t n,
            uint64_t* first, uint64_t* second) {
  const hn::ScalableTag<uint64_t> d;
  const hn::Repartition<uint32_t, decltype(d)> halves;
  const auto times = [&](auto word, uint32_t factor) HWY_ATTR {
    return hn::MulEven(hn::BitCast(halves, word), hn::Set(halves, factor));
  };
  const auto join = [&](auto upper, auto lower) HWY_ATTR {
    return hn::BitCast(
        d, hn::OddEven(hn::BitCast(halves, hn::ShiftLeft<32>(upper)),
                       hn::BitCast(halves, lower)));
  };
  const auto step = hn::Set(d, hn::Lanes(d));
  auto counter = hn::Iota(d, position);
  for (int64_t i = 0; i < n; i += hn::Lanes(d)) {
    auto w0 = counter, w1 = hn::ShiftRight<32>(counter);
    auto w2 = hn::Set(d, purpose), w3 = hn::Zero(d);
    uint32_t key0 = static_cast<uint32_t>(key);
    uint32_t key1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < kPhiloxRounds; ++round) {
      const auto a = times(w0, kPhiloxFactors[0]);
      const auto b = times(w2, kPhiloxFactors[1]);
      w0 = hn::Xor3(hn::ShiftRight<32>(b), w1, hn::Set(d, key0));
      w1 = b;
      w2 = hn::Xor3(hn::ShiftRight<32>(a), w3, hn::Set(d, key1));
      w3 = a;
      key0 += kPhiloxSteps[0];
      key1 += kPhiloxSteps[1];
    }
    hn::StoreU(join(w1, w0), d, first + i);
    hn::StoreU(join(w3, w2), d, second + i);
    counter = hn::Add(counter, step);
  }
}
#endif

}  // namespace adjoint::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint {

HWY_EXPORT(Blocks);

void PhiloxBlocks(uint64_t key, uint64_t position, uint32_t purpose, int64_t n,
                  uint64_t* first, uint64_t* second) {
  HWY_DYNAMIC_DISPATCH(Blocks)(key, position, purpose, n, first, second);
}

}  // namespace adjoint
#endif  // HWY_ONCE
