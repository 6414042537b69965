#include "framework/base/rng.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"

namespace adjoint {
namespace {

// The third word of the counter, so that the keys of Split have nothing to do
// with the numbers drawn at the same position.
constexpr uint32_t kDraw = 0, kSplit = 1;

// What one position of a stream holds.
std::array<uint64_t, 2> Block(uint64_t key, uint64_t position,
                              uint32_t purpose) {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  const std::array<uint32_t, 4> words = Philox4x32(
      {low(position), high(position), purpose, 0}, {low(key), high(key)});
  return {uint64_t{words[1]} << 32 | words[0],
          uint64_t{words[3]} << 32 | words[2]};
}

// [0, 1) in steps of 2^-53.
double ToUniform(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

// The logarithm, sine and cosine below, by their series to about 2^-50, use
// only what IEEE 754 rounds in one way: + - * / sqrt fma. Those of libm differ
// between systems in the last bit. A compiler may fuse a * b + c on one machine
// and not on the next: where the product is not exact, the fma is written out.

// log(x) of a normal x > 0: with x = m 2^e and s = (m - 1) / (m + 1), it is
// e log(2) + 2 (s + s^3/3 + s^5/5 + ...).
double Log(double x) {
  int e;
  double m = std::frexp(x, &e);
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    e -= 1;
  }
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = std::fma(sum, s2, 1.0 / k);
  return std::fma(e, std::numbers::ln2, 2 * s * sum);
}

// {cos(x), sin(x)} for |x| <= pi/4: 1 - x^2/(1*2) (1 - x^2/(3*4) (1 - ...)) and
// x (1 - x^2/(2*3) (1 - x^2/(4*5) (1 - ...))).
std::array<double, 2> CosSin(double x) {
  const double x2 = x * x;
  double cos = 1, sin = 1;
  for (int k = 17; k >= 3; k -= 2) {
    cos = std::fma(-x2 * cos, 1.0 / ((k - 1) * (k - 2)), 1);
    sin = std::fma(-x2 * sin, 1.0 / (k * (k - 1)), 1);
  }
  return {cos, x * sin};
}

// {cos(2 pi u), sin(2 pi u)} for u in [0, 1).
std::array<double, 2> CosSinOfTurn(double u) {
  const int quarter = static_cast<int>(std::floor(4 * u + 0.5));
  const double rest = u - 0.25 * quarter;  // Exact, at most 1/8 in size.
  const auto [c, s] = CosSin(rest * (2 * std::numbers::pi));
  switch (quarter & 3) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

// Two independent standard normals.
std::array<double, 2> BoxMuller(std::array<uint64_t, 2> bits) {
  // (0, 1]: the logarithm of 0 has no value.
  const double u = ToUniform(bits[0]) + 0x1p-53;
  const double radius = std::sqrt(-2 * Log(u));
  const auto [c, s] = CosSinOfTurn(ToUniform(bits[1]));
  return {radius * c, radius * s};
}

// Sets out[2i] and out[2i + 1] to the two values of pair(i).
template <class T, class Pair>
void FillByPairs(absl::Span<T> out, const Pair& pair) {
  constexpr int64_t kGrain = 2048;
  const auto size = static_cast<int64_t>(out.size());
  ParallelFor((size + 1) / 2, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const std::array<T, 2> values = pair(i);
      out[2 * i] = values[0];
      if (2 * i + 1 < size) out[2 * i + 1] = values[1];
    }
  });
}

}  // namespace

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter,
                                   std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;  // The golden ratio.
    key[1] += 0xBB67AE85;  // sqrt(3) - 1.
  }
  return counter;
}

Rng::Rng(uint64_t seed) : state_{seed, 0} {}

Rng Rng::Split() {
  return Rng(State{Block(state_.key, state_.position++, kSplit)[0], 0});
}

uint64_t Rng::NextBits() {
  return Block(state_.key, state_.position++, kDraw)[0];
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
  FillByPairs(out, [=, state = state_](int64_t i) -> std::array<T, 2> {
    const auto draw = [=](uint64_t bits) {
      const double value = std::fma(ToUniform(bits), high - low, low);
      return std::min(std::max(static_cast<T>(value), first), last);
    };
    const auto bits = Block(state.key, state.position + i, kDraw);
    return {draw(bits[0]), draw(bits[1])};
  });
  state_.position += (out.size() + 1) / 2;
}

template <class T>
void Rng::FillNormal(absl::Span<T> out, double mean, double stddev) {
  FillByPairs(out, [=, state = state_](int64_t i) -> std::array<T, 2> {
    const auto [x, y] = BoxMuller(Block(state.key, state.position + i, kDraw));
    return {static_cast<T>(std::fma(x, stddev, mean)),
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
