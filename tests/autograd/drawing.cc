#include "tests/autograd/drawing.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "absl/types/span.h"
#include "framework/ops/matmul.h"
#include "tests/autograd/movements.h"
#include "tests/autograd/program_ops.h"

namespace adjoint {
namespace {

using plain::Extents;
using plain::Values;

// Each function gives none where the values that it happens to draw do not suit
// its op.
class Drawing {
 public:
  Drawing(const std::vector<Values>& values, Rng& rng)
      : values_(values), rng_(rng) {}

  std::optional<Step> Draw() {
    switch (Below(12)) {
      case 0:
        return DrawReduction();
      case 1:
        return DrawMatMul();
      case 2:
        return DrawAlongAxis();
      case 3:
        return DrawMovement();
      case 4:
        return DrawPart();
      case 5:
        return DrawJoin();
      default:
        return Below(2) == 0 ? DrawUnary() : DrawBinary();
    }
  }

 private:
  int64_t Below(int64_t n) { return rng_.NextBelow(n); }
  template <class Op>
  const Op& OneOf(absl::Span<const Op> ops) {
    return ops[Below(static_cast<int64_t>(ops.size()))];
  }
  int Any() {
    // Late values more often than early ones: programs are to be deep.
    const auto n = static_cast<int64_t>(values_.size());
    return static_cast<int>(n - 1 - std::min(Below(n), Below(n)));
  }
  int AnyAxis(const Values& x) {
    return static_cast<int>(Below(static_cast<int64_t>(x.extents.size())));
  }

  std::optional<Step> DrawUnary() {
    const Unary& op = OneOf(UnaryOps());
    const int i = Any();
    for (const double x : values_[i].x) {
      if (!op.smooth(x)) return std::nullopt;
    }
    return Step{op.name,
                {i},
                [&op](const auto& x) { return op.tensor(x[0]); },
                [&op](const auto& x) { return plain::Map(x[0], op.plain); }};
  }

  std::optional<Step> DrawBinary() {
    const Binary& op = OneOf(BinaryOps());
    const int i = Any(), j = Any();
    if (!Fit(values_[i].extents, values_[j].extents)) return std::nullopt;
    bool smooth = true;
    plain::Zip(values_[i], values_[j], [&](double a, double b) {
      smooth = smooth && op.smooth(a, b);
      return 0;
    });
    if (!smooth) return std::nullopt;
    return Step{
        op.name,
        {i, j},
        [&op](const auto& x) { return op.tensor(x[0], x[1]); },
        [&op](const auto& x) { return plain::Zip(x[0], x[1], op.plain); }};
  }

  static bool Fit(const Extents& a, const Extents& b) {
    for (size_t i = 1; i <= std::min(a.size(), b.size()); ++i) {
      const int64_t x = a[a.size() - i], y = b[b.size() - i];
      if (x != y && x != 1 && y != 1) return false;
    }
    return true;
  }

  std::optional<Step> DrawReduction() {
    const Reduction& op = OneOf(Reductions());
    const int i = Any();
    std::vector<int> axes;
    for (size_t axis = 0; axis < values_[i].extents.size(); ++axis) {
      if (Below(2) == 0) axes.push_back(static_cast<int>(axis));
    }
    const bool keepdims = Below(2) == 0;
    bool smooth = true;
    plain::Reduce(values_[i], axes, keepdims,
                  [&](const std::vector<double>& x) {
                    smooth = smooth && op.smooth(x);
                    return 0;
                  });
    if (!smooth) return std::nullopt;
    return Step{
        op.name,
        {i},
        [=, &op](const auto& x) { return op.tensor(x[0], axes, keepdims); },
        [=, &op](const auto& x) {
          return plain::Reduce(x[0], axes, keepdims, op.plain);
        }};
  }

  // The matrix whose last two axes are swapped if `transposed`.
  static Values Oriented(const Values& x, bool transposed) {
    if (!transposed) return x;
    std::vector<int> axes(x.extents.size());
    std::iota(axes.begin(), axes.end(), 0);
    std::swap(axes[axes.size() - 2], axes[axes.size() - 1]);
    return plain::Transpose(x, axes);
  }

  std::optional<Step> DrawMatMul() {
    const int i = Any(), j = Any();
    const MatMulOptions options = {.transpose_a = Below(2) == 0,
                                   .transpose_b = Below(2) == 0};
    if (values_[i].extents.size() < 2 || values_[j].extents.size() < 2) {
      return std::nullopt;
    }
    Extents a = Oriented(values_[i], options.transpose_a).extents;
    Extents b = Oriented(values_[j], options.transpose_b).extents;
    if (a.back() != b[b.size() - 2]) return std::nullopt;
    a.resize(a.size() - 2);
    b.resize(b.size() - 2);
    if (!Fit(a, b)) return std::nullopt;
    return Step{"matmul",
                {i, j},
                [=](const auto& x) { return MatMul(x[0], x[1], options); },
                [=](const auto& x) {
                  return plain::MatMul(Oriented(x[0], options.transpose_a),
                                       Oriented(x[1], options.transpose_b));
                }};
  }

  std::optional<Step> DrawAlongAxis() {
    const AlongAxis& op = OneOf(AlongAxisOps());
    const int i = Any();
    if (values_[i].extents.empty()) return std::nullopt;
    const int axis = AnyAxis(values_[i]);
    return Step{op.name,
                {i},
                [=, &op](const auto& x) { return op.tensor(x[0], axis); },
                [=, &op](const auto& x) {
                  return plain::MapAlong(x[0], axis, op.plain);
                }};
  }

  static Step Of(std::vector<int> operands, Step step) {
    step.operands = std::move(operands);
    return step;
  }

  // Other elements or another order of one value.
  std::optional<Step> DrawMovement() {
    const int i = Any();
    Extents from = values_[i].extents;
    if (from.empty()) return std::nullopt;
    const int axis = AnyAxis(values_[i]);
    switch (Below(5)) {
      case 0: {
        std::vector<int> axes;
        for (const int64_t a : rng_.Permutation(from.size())) {
          axes.push_back(static_cast<int>(a));
        }
        return Of({i}, TransposeStep(axes));
      }
      case 1: {
        const int64_t begin = Below(from[axis]);
        const int64_t end = begin + 1 + Below(from[axis] - begin);
        return Of({i}, SliceStep(from, axis, begin, end));
      }
      case 2:
        return Of({i}, PadStep(from, axis));
      case 3: {
        const int64_t size = plain::SizeOf(from);
        return Of({i}, ReshapeStep(size % 2 == 0 ? Extents{size / 2, 2}
                                                 : Extents{1, size}));
      }
      default:
        from.insert(from.begin(), 2);
        return Of({i}, BroadcastStep(from));
    }
  }

  // Part of a matrix.
  std::optional<Step> DrawPart() {
    const int i = Any();
    const Extents& from = values_[i].extents;
    if (from.size() < 2) return std::nullopt;
    if (Below(2) == 0) return Of({i}, TrilStep(from));
    if (from.size() != 2) return std::nullopt;
    // Rows, some twice and some not at all.
    std::vector<int32_t> rows(4);
    for (int32_t& row : rows) row = static_cast<int32_t>(Below(from[0]));
    return Of({i}, GatherStep(from, rows));
  }

  // Two values of one shape: mixed, or side by side along an axis, new or not.
  std::optional<Step> DrawJoin() {
    const int i = Any(), j = Any();
    const Extents& from = values_[i].extents;
    if (from != values_[j].extents) return std::nullopt;
    switch (Below(3)) {
      case 0: {
        std::vector<int32_t> mask(plain::SizeOf(from));
        for (int32_t& m : mask) m = static_cast<int32_t>(Below(2));
        return Of({i, j}, WhereStep(from, mask));
      }
      case 1: {
        const auto axes = static_cast<int64_t>(from.size()) + 1;
        return Of({i, j}, StackStep(from, static_cast<int>(Below(axes))));
      }
      default:
        if (from.empty()) return std::nullopt;
        return Of({i, j}, ConcatStep(from, AnyAxis(values_[i])));
    }
  }

  const std::vector<Values>& values_;
  Rng& rng_;
};

}  // namespace

std::optional<Step> DrawStep(const std::vector<Values>& values, Rng& rng) {
  return Drawing(values, rng).Draw();
}

}  // namespace adjoint
