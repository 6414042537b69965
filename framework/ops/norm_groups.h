// What distinguishes layer from batch normalisation: the groups in which the
// elements of x are normalised, and the way the weight w runs.
#ifndef ADJOINT_FRAMEWORK_OPS_NORM_GROUPS_H_
#define ADJOINT_FRAMEWORK_OPS_NORM_GROUPS_H_

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "framework/base/error.h"
#include "framework/core/shape.h"
#include "framework/kernels/norm.h"

namespace adjoint {

// Groups are the last axes of x, w is like one group.
struct OfLayers {
  static constexpr auto kNorm = "layer_norm", kGradient = "layer_norm_gradient",
                        kWeightGradient = "layer_norm_weight_gradient";
  static void Check(const Shape& x, const Shape& w) {
    const int first = x.rank() - w.rank();
    if (w.rank() == 0 || first < 0 || x.dims().subspan(first) != w.dims()) {
      throw ShapeError(absl::StrCat("x does not end with the axes ",
                                    w.ToString(), " of the weight"));
    }
  }
  static kernels::NormLayout Layout(const Shape& x, const Shape& w) {
    int64_t groups = 1;
    for (int i = 0; i < x.rank() - w.rank(); ++i) groups *= x[i];
    return {1, groups, w.size(), true};
  }
  static absl::InlinedVector<int, Shape::kMaxRank> AxesOfGroup(const Shape& x,
                                                               const Shape& w) {
    absl::InlinedVector<int, Shape::kMaxRank> axes(w.rank());
    std::iota(axes.begin(), axes.end(), x.rank() - w.rank());
    return axes;
  }
  // The shape in which w broadcasts to x.
  static Shape Along(const Shape&, const Shape& w) { return w; }
  // Of x and w.
  static std::vector<std::pair<Shape, Shape>> Shapes() {
    return {{{3, 5}, {5}},      {{2, 3, 4}, {4}}, {{2, 3, 4}, {3, 4}},
            {{6}, {6}},         {{4, 37}, {37}},  {{130, 5}, {5}},
            {{0, 4}, {4}},      {{3, 0}, {0}},    {{3, 1}, {1}},
            {{2, 2500}, {2500}}};
  }
  static std::vector<std::pair<Shape, Shape>> TimedShapes() {
    return {{{64 * 32, 256}, {256}}};
  }
  static std::pair<Shape, Shape> WrongShapes() { return {{3, 4}, {3}}; }
  static constexpr absl::string_view kError =
      "x does not end with the axes [3] of the weight";
};

// Groups are the channels of x [n,c,...], w is [c].
struct OfBatches {
  static constexpr auto kNorm = "batch_norm", kGradient = "batch_norm_gradient",
                        kWeightGradient = "batch_norm_weight_gradient";
  static void Check(const Shape& x, const Shape& w) {
    if (x.rank() < 2) throw ShapeError("x [n,c,...] wanted");
    if (w.rank() != 1 || w[0] != x[1]) {
      throw ShapeError(absl::StrCat("x has ", x[1], " channels, the weight is ",
                                    w.ToString()));
    }
  }
  static kernels::NormLayout Layout(const Shape& x, const Shape&) {
    int64_t inner = 1;
    for (int i = 2; i < x.rank(); ++i) inner *= x[i];
    return {x[0], x[1], inner, false};
  }
  static absl::InlinedVector<int, Shape::kMaxRank> AxesOfGroup(const Shape& x,
                                                               const Shape&) {
    absl::InlinedVector<int, Shape::kMaxRank> axes(x.rank() - 1);
    std::iota(axes.begin(), axes.end(), 1);
    axes[0] = 0;
    return axes;
  }
  static Shape Along(const Shape& x, const Shape& w) {
    absl::InlinedVector<int64_t, Shape::kMaxRank> dims(x.rank() - 1, 1);
    dims[0] = w[0];
    return Shape(dims);
  }
  static std::vector<std::pair<Shape, Shape>> Shapes() {
    return {{{6, 3}, {3}},     {{2, 3, 4}, {3}},    {{2, 3, 2, 3}, {3}},
            {{3, 2, 17}, {2}}, {{1, 2, 5, 7}, {2}}, {{0, 3}, {3}},
            {{2, 0, 3}, {0}},  {{1, 3}, {3}},       {{2, 2, 50, 60}, {2}}};
  }
  static std::vector<std::pair<Shape, Shape>> TimedShapes() {
    return {{{64, 32, 28, 28}, {32}}, {{128, 512}, {512}}};
  }
  static std::pair<Shape, Shape> WrongShapes() { return {{3, 4}, {3}}; }
  static constexpr absl::string_view kError =
      "x has 4 channels, the weight is [3]";
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_NORM_GROUPS_H_
