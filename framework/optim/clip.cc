#include "framework/optim/clip.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/core/memory.h"
#include "framework/optim/range.h"

namespace adjoint::optim {
namespace {

constexpr int64_t kGrain = 128 * 1024;

template <class T>
absl::Span<const T> Elements(const Array& x) {
  return {static_cast<const T*>(x.data()),
          static_cast<size_t>(x.shape().size())};
}

// The sum of fn(chunk) over the chunks of x, in their order.
template <class Fn>
double SumOverChunks(const Array& x, Fn fn) {
  return VisitFloat(x.dtype(), [&](auto zero) {
    const auto elements = Elements<decltype(zero)>(x);
    absl::InlinedVector<double, 16, PooledAllocator<double>> sums(
        NumChunks(elements.size(), kGrain));
    ParallelFor(elements.size(), kGrain, [&](int64_t begin, int64_t end) {
      WithWidestVectors([&] {
        sums[begin / kGrain] = fn(elements.subspan(begin, end - begin));
      });
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  });
}

// In so many sums that no addition waits for the one before it; in two halves,
// for g++ unrolls no loop of more than 16 turns, and then the sums stay in
// registers.
template <class T>
double SumOfSquares(absl::Span<const T> x) {
  constexpr size_t kSums = 32, kHalf = kSums / 2;
  std::array<double, kSums> sums = {};
  const auto add_square = [&sums](size_t s, double v) { sums[s] += v * v; };
  const T* v = x.data();  // A span would check each index.
  size_t left = x.size();
  for (; left >= kSums; left -= kSums, v += kSums) {
    for (size_t s = 0; s < kHalf; ++s) add_square(s, v[s]);
    for (size_t s = kHalf; s < kSums; ++s) add_square(s, v[s]);
  }
  for (size_t s = 0; s < left; ++s) add_square(s, v[s]);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// The largest |v| of x, NaN being larger than all. By integers, for a maximum
// of floats that minds NaN is no vector instruction.
template <class T>
T LargestMagnitude(absl::Span<const T> x) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  constexpr Bits kSign = std::bit_cast<Bits>(T(-0.0));
  Bits largest = 0;
  for (const T v : x) {
    largest = std::max(largest, std::bit_cast<Bits>(v) & ~kSign);
  }
  return std::bit_cast<T>(largest);
}

double LargestMagnitude(const Array& x) {
  return VisitFloat(x.dtype(), [&](auto zero) {
    const auto elements = Elements<decltype(zero)>(x);
    double largest;
    WithWidestVectors([&] { largest = LargestMagnitude(elements); });
    return largest;
  });
}

// What no element of a product exceeds, and one of an outer product reaches:
// the product of the largest factors, times the number of those in a sum, with
// room for rounding. Beyond the dtype or inf * 0, it is not finite.
double BoundOfProduct(const Array& x) {
  double bound = LargestMagnitude(x.a()) * LargestMagnitude(x.b());
  if (!x.is_outer()) bound *= 2.0 * static_cast<double>(x.a().shape()[0]);
  return x.dtype() == DType::kF32 ? static_cast<float>(bound) : bound;
}

bool AllFinite(const Array& x) {
  if (x.is_outer()) return std::isfinite(BoundOfProduct(x));
  if (x.is_pending() && std::isfinite(BoundOfProduct(x))) return true;
  return SumOverChunks(x, [](auto chunk) {
           return std::isfinite(LargestMagnitude(chunk)) ? 0.0 : 1.0;
         }) == 0;
}

double SumOfSquares(const Array& x) {
  // The square of a product is that of the squares, which doubles hold for
  // every f32, unless the product itself is too large.
  if (x.is_outer() && x.dtype() == DType::kF32 && AllFinite(x)) {
    return SumOfSquares(x.a()) * SumOfSquares(x.b());
  }
  return SumOverChunks(x, [](auto chunk) { return SumOfSquares(chunk); });
}

// The gradients with `fn` applied to each element.
template <class Fn>
Gradients Map(const Gradients& gradients, Fn fn) {
  Gradients::Items items;
  for (const auto& [parameter, x] : gradients.items()) {
    Ref<Array> y = Array::New(x.dtype(), x.shape());
    VisitFloat(x.dtype(), [&, &x = x](auto zero) {
      using T = decltype(zero);
      const T* from = x.template data<T>().data();
      T* to = static_cast<T*>(y->data());
      ParallelFor(x.size(), kGrain, [&](int64_t begin, int64_t end) {
        WithWidestVectors([=] {
          for (int64_t i = begin; i < end; ++i) to[i] = fn(from[i]);
        });
      });
    });
    items.push_back({parameter, Tensor(std::move(y))});
  }
  return Gradients(std::move(items));
}

}  // namespace

bool AllFinite(const Gradients& gradients) {
  return std::all_of(gradients.items().begin(), gradients.items().end(),
                     [](const Gradients::Item& item) {
                       return AllFinite(*item.gradient.array());
                     });
}

double GlobalNorm(const Gradients& gradients) {
  double sum = 0;
  for (const Gradients::Item& item : gradients.items()) {
    sum += SumOfSquares(*item.gradient.array());
  }
  return std::sqrt(sum);
}

double ClipFactor(double norm, double max_norm) {
  RequireNotNegative("clip by norm: max_norm", max_norm);
  return std::isfinite(norm) && norm > max_norm ? max_norm / norm : 1;
}

ClippedGradients ClipByNorm(const Gradients& gradients, double max_norm) {
  const double norm = GlobalNorm(gradients);
  const double factor = ClipFactor(norm, max_norm);
  if (factor == 1) return {gradients, norm};
  const auto shrink = [factor](auto x) {
    return static_cast<decltype(x)>(x * factor);
  };
  return {Map(gradients, shrink), norm};
}

Gradients ClipByValue(const Gradients& gradients, double max_value) {
  RequireNotNegative("clip by value: max_value", max_value);
  return Map(gradients, [max_value](auto x) {
    const auto bound = static_cast<decltype(x)>(max_value);
    return std::clamp(x, -bound, bound);
  });
}

}  // namespace adjoint::optim
