#include "framework/io/element.h"

namespace adjoint::io {

std::optional<Shape> CheckedShape(absl::Span<const int64_t> dims) {
  if (dims.size() > Shape::kMaxRank) return std::nullopt;
  int64_t bound = 1;
  for (int64_t d : dims) {
    if (__builtin_mul_overflow(bound, std::max<int64_t>(d, 1), &bound) ||
        bound > int64_t{1} << 59) {
      return std::nullopt;
    }
  }
  return Shape(dims);
}

void AppendElements(std::string& out, const Tensor& x) {
  VisitDType(x.dtype(), [&](auto zero) {
    const auto elements = x.data<decltype(zero)>();
    const size_t begin = out.size();
    out.append(reinterpret_cast<const char*>(elements.data()),
               elements.size() * sizeof(zero));
    if constexpr (std::endian::native == std::endian::big) {
      for (size_t i = begin; i < out.size(); i += sizeof(zero)) {
        std::reverse(out.begin() + i, out.begin() + i + sizeof(zero));
      }
    }
  });
}

}  // namespace adjoint::io
