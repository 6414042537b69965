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

absl::string_view BytesOf(const Tensor& x) {
  return VisitDType(x.dtype(), [&](auto zero) {
    const auto elements = x.data<decltype(zero)>();
    return absl::string_view(reinterpret_cast<const char*>(elements.data()),
                             elements.size() * sizeof(zero));
  });
}

Tensor LittleEndian(const Tensor& x) {
  if constexpr (std::endian::native == std::endian::little) return x;
  const absl::string_view bytes = BytesOf(x);
  const size_t size = SizeOf(x.dtype());
  Ref<Array> turned = Array::New(x.dtype(), x.shape());
  char* out = static_cast<char*>(turned->data());
  for (size_t i = 0; i < bytes.size(); i += size) {
    std::reverse_copy(bytes.data() + i, bytes.data() + i + size, out + i);
  }
  return Tensor(std::move(turned));
}

}  // namespace adjoint::io
