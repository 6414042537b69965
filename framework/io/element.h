// The elements of an array as files hold them: little-endian, at any address.
#ifndef ADJOINT_FRAMEWORK_IO_ELEMENT_H_
#define ADJOINT_FRAMEWORK_IO_ELEMENT_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::io {

// Floats of 16 bits: IEEE 754's (5 bits of exponent), and the upper half of an
// f32 (8 bits).
struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

template <class T>
T LoadElement(const char* from) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return std::bit_cast<T>(bytes);
}

// The value of `x` as a To; none if a To cannot hold it. Exact.
template <class To, class From>
std::optional<To> Exactly(From x) {
  if constexpr (std::is_same_v<From, BFloat16>) {
    return std::bit_cast<float>(uint32_t{x.bits} << 16);
  } else if constexpr (std::is_same_v<From, Half>) {
    const uint32_t sign = uint32_t{x.bits} >> 15 << 31;
    const uint32_t rest = x.bits & 0x7fff;
    // Subnormals count in units of 2^-24.
    if (rest < 0x400) {
      const float magnitude = static_cast<float>(rest) * 0x1p-24f;
      return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
    }
    // The bias of the exponent grows from 15 to 127; the largest exponent is
    // that of infinity and NaN in both.
    const uint32_t bias = rest >= 0x7c00 ? 255 - 31 : 127 - 15;
    return std::bit_cast<float>(sign | ((rest << 13) + (bias << 23)));
  } else if constexpr (sizeof(From) > sizeof(To)) {
    static_assert(std::is_integral_v<From> && std::is_integral_v<To>);
    if (x < std::numeric_limits<To>::min() ||
        x > std::numeric_limits<To>::max()) {
      return std::nullopt;
    }
    return static_cast<To>(x);
  } else {
    return x;
  }
}

// Copies as many elements as `array` has; false if a value does not fit. The
// index of the i-th element of the array among those at `from` is i or, with
// `steps`, the sum of its coordinates' steps.
template <class From, class To>
bool CopyElements(const char* from, absl::Span<const int64_t> steps,
                  Array& array) {
  const Shape& shape = array.shape();
  To* to = static_cast<To*>(array.data());
  std::array<int64_t, Shape::kMaxRank> at = {};  // The coordinates.
  int64_t index = 0;
  for (int64_t i = 0; i < shape.size(); ++i) {
    const std::optional<To> value =
        Exactly<To>(LoadElement<From>(from + index * sizeof(From)));
    if (!value) return false;
    to[i] = *value;
    if (steps.empty()) {
      ++index;
      continue;
    }
    int axis = shape.rank() - 1;
    while (axis > 0 && at[axis] == shape[axis] - 1) {
      index -= steps[axis] * std::exchange(at[axis], 0);
      --axis;
    }
    ++at[axis];
    index += steps[axis];
  }
  return true;
}

// The shape of these extents; none if it would have more than Shape::kMaxRank
// axes or 2^59 elements, also when an extent of zero hides that.
// REQUIRES: each is >= 0.
std::optional<Shape> CheckedShape(absl::Span<const int64_t> dims);

// The elements of `x` as they lie in memory, row-major. Throws ValueError for
// an undefined tensor or a ghost.
absl::string_view BytesOf(const Tensor& x);

// `x` if this machine is little-endian, else with the bytes of each element
// turned round.
Tensor LittleEndian(const Tensor& x);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_ELEMENT_H_
