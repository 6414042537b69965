// The element types of tensors.
#ifndef ADJOINT_FRAMEWORK_CORE_DTYPE_H_
#define ADJOINT_FRAMEWORK_CORE_DTYPE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace adjoint {

// f32 to train, f64 to prove gradients, i32 for labels and indices.
enum class DType : uint8_t { kF32, kF64, kI32 };

// The size of one element in bytes.
constexpr size_t SizeOf(DType dtype) { return dtype == DType::kF64 ? 8 : 4; }

// "f32", "f64" or "i32".
constexpr absl::string_view Name(DType dtype) {
  return dtype == DType::kF32 ? "f32" : dtype == DType::kF64 ? "f64" : "i32";
}

// Whether gradients can flow through tensors of this dtype.
constexpr bool IsFloat(DType dtype) { return dtype != DType::kI32; }

// The DType of the C++ type T: float, double or int32_t.
template <class T>
inline constexpr DType kDTypeOf = [] {
  static_assert(sizeof(T) == 0, "a tensor holds float, double or int32_t");
}();
template <>
inline constexpr DType kDTypeOf<float> = DType::kF32;
template <>
inline constexpr DType kDTypeOf<double> = DType::kF64;
template <>
inline constexpr DType kDTypeOf<int32_t> = DType::kI32;

// Calls `fn` with a zero of the C++ type that `dtype` names and returns what it
// returns: how generic code gets from a DType to a template argument.
template <class Fn>
decltype(auto) VisitDType(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::kF64:
      return fn(double{});
    case DType::kI32:
      return fn(int32_t{});
    default:
      return fn(float{});
  }
}

// The same for the float dtypes alone, so that `fn` need not compile for
// integers. REQUIRES: IsFloat(dtype).
template <class Fn>
decltype(auto) VisitFloat(DType dtype, Fn&& fn) {
  return dtype == DType::kF64 ? fn(double{}) : fn(float{});
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_DTYPE_H_
