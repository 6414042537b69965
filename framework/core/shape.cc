#include "framework/core/shape.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/base/error.h"

namespace adjoint {

Shape::Shape(absl::Span<const int64_t> dims) {
  constexpr int64_t kMaxSize = int64_t{1} << 59;
  if (dims.size() > kMaxRank) {
    throw ShapeError(absl::StrCat("a shape has at most ", kMaxRank,
                                  " axes, not ", dims.size()));
  }
  rank_ = static_cast<int>(dims.size());
  // A zero extent makes the product zero, so the others are bounded apart.
  int64_t bound = 1;
  for (int i = 0; i < rank_; ++i) {
    dims_[i] = dims[i];
    const bool overflow =
        __builtin_mul_overflow(bound, std::max<int64_t>(dims[i], 1), &bound);
    if (dims[i] < 0 || overflow || bound > kMaxSize) {
      throw ShapeError(absl::StrCat("not a shape: [", absl::StrJoin(dims, ","),
                                    "]: an extent is negative or the product "
                                    "exceeds 2^59"));
    }
    size_ *= dims[i];
  }
}

void Shape::ThrowNoAxis(int axis) const {
  throw ShapeError(
      absl::StrCat("axis ", axis, " is out of range for rank ", rank_));
}

Shape Shape::With(int axis, int64_t extent) const {
  std::array<int64_t, kMaxRank> dims = dims_;
  dims[Axis(axis)] = extent;
  return Shape(absl::MakeConstSpan(dims.data(), rank_));
}

Shape Shape::Without(int axis) const {
  std::array<int64_t, kMaxRank> dims = dims_;
  const auto removed = dims.begin() + Axis(axis);
  std::copy(removed + 1, dims.begin() + rank_, removed);
  return Shape(absl::MakeConstSpan(dims.data(), rank_ - 1));
}

std::string Shape::ToString() const {
  return absl::StrCat("[", absl::StrJoin(dims(), ","), "]");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.ToString();
}

std::optional<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  if (a == b) return a;
  const int rank = std::max(a.rank(), b.rank());
  std::array<int64_t, Shape::kMaxRank> dims;
  for (int i = 1; i <= rank; ++i) {
    const int64_t m = i <= a.rank() ? a[-i] : 1;
    const int64_t n = i <= b.rank() ? b[-i] : 1;
    if (m != n && m != 1 && n != 1) return std::nullopt;
    dims[rank - i] = m == 1 ? n : m;
  }
  return Shape(absl::MakeConstSpan(dims.data(), rank));
}

}  // namespace adjoint
