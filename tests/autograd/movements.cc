#include "tests/autograd/movements.h"

#include "framework/ops/index.h"
#include "framework/ops/select.h"
#include "framework/ops/shape.h"

namespace adjoint {

using plain::Build;
using plain::Extents;
using plain::Index;
using plain::Values;

Step TransposeStep(std::vector<int> axes) {
  return {.name = "transpose",
          .tensor = [=](const auto& x) { return Transpose(x[0], axes); },
          .plain = [=](const auto& x) { return plain::Transpose(x[0], axes); }};
}

Step SliceStep(Extents from, int axis, int64_t begin, int64_t end) {
  from[axis] = end - begin;
  return {
      .name = "slice",
      .tensor = [=](const auto& x) { return Slice(x[0], axis, begin, end); },
      .plain =
          [=](const auto& x) {
            return Build(from, [&](Index at) {
              at[axis] += begin;
              return x[0].At(at);
            });
          }};
}

Step PadStep(Extents from, int axis) {
  const int64_t n = from[axis];
  from[axis] += 2;
  return {.name = "pad",
          .tensor = [=](const auto& x) { return Pad(x[0], axis, 1, 1); },
          .plain =
              [=](const auto& x) {
                return Build(from, [&](Index at) {
                  --at[axis];
                  const bool inside = at[axis] >= 0 && at[axis] < n;
                  return inside ? x[0].At(at) : 0.0;
                });
              }};
}

Step ReshapeStep(Extents to) {
  return {.name = "reshape",
          .tensor = [=](const auto& x) { return Reshape(x[0], Shape(to)); },
          .plain =
              [=](const auto& x) {
                return Values{to, x[0].x};
              }};
}

Step BroadcastStep(Extents to) {
  return {.name = "broadcast_to",
          .tensor = [=](const auto& x) { return BroadcastTo(x[0], Shape(to)); },
          .plain =
              [=](const auto& x) {
                return Build(to, [&](const Index& at) { return x[0].At(at); });
              }};
}

Step TrilStep(Extents from) {
  const size_t row = from.size() - 2, column = from.size() - 1;
  return {.name = "tril",
          .tensor = [](const auto& x) { return Tril(x[0]); },
          .plain =
              [=](const auto& x) {
                return Build(from, [&](const Index& at) {
                  return at[column] <= at[row] ? x[0].At(at) : 0.0;
                });
              }};
}

Step GatherStep(Extents from, std::vector<int32_t> rows) {
  from[0] = static_cast<int64_t>(rows.size());
  return {.name = "gather",
          .tensor =
              [=](const auto& x) {
                return Gather(x[0], FromSpan<int32_t>({from[0]}, rows));
              },
          .plain =
              [=](const auto& x) {
                return Build(from, [&](Index at) {
                  at[0] = rows[at[0]];
                  return x[0].At(at);
                });
              }};
}

Step StackStep(Extents from, int axis) {
  from.insert(from.begin() + axis, 2);
  return {.name = "stack",
          .tensor = [=](const auto& x) { return Stack(x, axis); },
          .plain =
              [=](const auto& x) {
                return Build(from, [&](Index at) {
                  const int64_t which = at[axis];
                  at.erase(at.begin() + axis);
                  return x[which].At(at);
                });
              }};
}

Step ConcatStep(Extents from, int axis) {
  const int64_t n = from[axis];
  from[axis] *= 2;
  return {.name = "concat",
          .tensor = [=](const auto& x) { return Concat(x, axis); },
          .plain =
              [=](const auto& x) {
                return Build(from, [&](Index at) {
                  const int64_t which = at[axis] / n;
                  at[axis] %= n;
                  return x[which].At(at);
                });
              }};
}

Step WhereStep(Extents from, std::vector<int32_t> mask) {
  return {.name = "where",
          .tensor =
              [=](const auto& x) {
                return Where(FromSpan<int32_t>(Shape(from), mask), x[0], x[1]);
              },
          .plain =
              [=](const auto& x) {
                Values y = x[1];
                for (size_t i = 0; i < mask.size(); ++i) {
                  if (mask[i] != 0) y.x[i] = x[0].x[i];
                }
                return y;
              }};
}

}  // namespace adjoint
