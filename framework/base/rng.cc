#include "framework/base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "framework/base/box_muller.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/philox.h"
#include "framework/base/vectorize.h"

namespace adjoint {
namespace {

// The third word of the counter, so that the keys of Split have nothing to do
// with the numbers drawn at the same position.
constexpr uint32_t kDraw = 0, kSplit = 1;

// Sets out[2i] and out[2i + 1] to the two values of pair(first, second), given
// the bits of block i from `state` on.
template <class T, class Pair>
void FillByPairs(Rng::State state, absl::Span<T> out, const Pair& pair) {
  constexpr int64_t kGrain = 8192;
  const int64_t pairs = out.size() / 2;
  ParallelFor(pairs, kGrain, [&](int64_t begin, int64_t end) {
    uint64_t first[kPhiloxBlocks], second[kPhiloxBlocks];
    for (int64_t i = begin; i < end; i += kPhiloxBlocks) {
      const int64_t n = std::min(kPhiloxBlocks, end - i);
      PhiloxBlocks(state.key, state.position + i, kDraw, n, first, second);
      WithWidestVectors([&, i, n] {
        const Pair local = pair;
        T* __restrict to = out.data() + 2 * i;
        for (int64_t j = 0; j < n; ++j) {
          const std::array<T, 2> values = local(first[j], second[j]);
          to[2 * j] = values[0];
          to[2 * j + 1] = values[1];
        }
      });
    }
  });
  if (out.size() % 2 == 0) return;
  const auto last = PhiloxBlock(state.key, state.position + pairs, kDraw);
  out.back() = pair(last[0], last[1])[0];
}

}  // namespace

Rng::Rng(uint64_t seed) : state_{seed, 0} {}

Rng Rng::Split() {
  return Rng(State{PhiloxBlock(state_.key, state_.position++, kSplit)[0], 0});
}

uint64_t Rng::NextBits() {
  return PhiloxBlock(state_.key, state_.position++, kDraw)[0];
}

double Rng::NextUniform() { return ToUniform(NextBits()); }

int64_t Rng::NextBelow(int64_t n) {
  ADJOINT_CHECK(n >= 1);
  // Of the 2^64 values, the lowest 2^64 mod n are drawn again; of the others
  // each remainder has equally many.
  const auto divisor = static_cast<uint64_t>(n);
  const uint64_t excess = -divisor % divisor;
  uint64_t bits;
  do bits = NextBits();
  while (bits < excess);
  return static_cast<int64_t>(bits % divisor);
}

template <class T>
void Rng::FillUniform(absl::Span<T> out, double low, double high) {
  ADJOINT_CHECK(low < high && std::isfinite(high - low));
  // The first and the last T in [low, high): rounding may leave the range.
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  auto first = static_cast<T>(low), last = static_cast<T>(high);
  if (first < low) first = std::nextafter(first, kInfinity);
  if (last >= high) last = std::nextafter(last, -kInfinity);
  ADJOINT_CHECK(first <= last);
  const auto draw = [=, width = high - low](uint64_t bits) {
    const double value = std::fma(ToUniform(bits), width, low);
    return std::min(std::max(static_cast<T>(value), first), last);
  };
  FillByPairs(state_, out, [=](uint64_t b0, uint64_t b1) {
    return std::array<T, 2>{draw(b0), draw(b1)};
  });
  state_.position += (out.size() + 1) / 2;
}

template <class T>
void Rng::FillNormal(absl::Span<T> out, double mean, double stddev) {
  FillByPairs(state_, out, [=](uint64_t b0, uint64_t b1) {
    const auto [x, y] = BoxMuller(b0, b1);
    return std::array<T, 2>{static_cast<T>(std::fma(x, stddev, mean)),
                            static_cast<T>(std::fma(y, stddev, mean))};
  });
  state_.position += (out.size() + 1) / 2;
}

template void Rng::FillUniform(absl::Span<float>, double, double);
template void Rng::FillUniform(absl::Span<double>, double, double);
template void Rng::FillNormal(absl::Span<float>, double, double);
template void Rng::FillNormal(absl::Span<double>, double, double);

std::vector<int64_t> Rng::Permutation(int64_t n) {
  ADJOINT_CHECK(n >= 0);
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = n; i > 1; --i) std::swap(order[i - 1], order[NextBelow(i)]);
  return order;
}

}  // namespace adjoint
