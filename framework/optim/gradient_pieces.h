// A gradient as a sweep reads it.
#ifndef ADJOINT_FRAMEWORK_OPTIM_GRADIENT_PIECES_H_
#define ADJOINT_FRAMEWORK_OPTIM_GRADIENT_PIECES_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "framework/base/vectorize.h"
#include "framework/core/memory.h"
#include "framework/core/tensor.h"

namespace adjoint::optim {

// Calls fn(i, piece) for one piece after the other of elements [begin, end) of
// factor * gradient, `piece` being an absl::Span<const T> of those from `i` on.
// What lies in memory as it is wanted is one piece. What has to be computed, an
// outer product (core/array.h) or what a factor scales, comes in pieces that do
// not leave the nearest cache.
template <class T, class Fn>
void ForEachPiece(const Tensor& gradient, double factor, int64_t begin,
                  int64_t end, Fn fn) {
  const Array& array = *gradient.array();
  if (!array.is_outer() && factor == 1) {
    fn(begin, gradient.data<T>().subspan(begin, end - begin));
    return;
  }
  constexpr int64_t kPiece = 2048;  // 16 KiB of f64.
  alignas(kMemoryAlignment) std::array<T, kPiece> computed;
  for (int64_t i = begin; i < end; i += kPiece) {
    const int64_t n = std::min(kPiece, end - i);
    const auto piece = absl::MakeSpan(computed.data(), n);
    if (array.is_outer()) {
      array.Compute(i, piece);
    } else {
      std::copy_n(gradient.data<T>().begin() + i, n, piece.begin());
    }
    if (factor != 1) {
      WithWidestVectors([piece, factor] {
        for (T& g : piece) g = static_cast<T>(g * factor);
      });
    }
    fn(i, absl::Span<const T>(piece));
  }
}

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_GRADIENT_PIECES_H_
