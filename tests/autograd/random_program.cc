#include "tests/autograd/random_program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/cast.h"
#include "framework/ops/reduce.h"
#include "tests/autograd/drawing.h"
#include "tests/autograd/program_ops.h"

namespace adjoint {
namespace {

using plain::Extents;
using plain::Values;

constexpr double kLargest = 5;  // A value.
constexpr int64_t kMostElements = 36;

Values DrawValues(const Extents& extents, double largest, Rng& rng) {
  return plain::Build(extents, [&](const plain::Index&) {
    return largest * (2 * rng.NextUniform() - 1);
  });
}

bool IsTame(const Values& x) {
  return static_cast<int64_t>(x.x.size()) <= kMostElements &&
         x.extents.size() <= 4 &&
         std::all_of(x.x.begin(), x.x.end(),
                     [](double e) { return std::abs(e) <= kLargest; });
}

template <class T>
std::vector<T> Pick(const std::vector<T>& values, const Step& step) {
  std::vector<T> picked;
  for (const int i : step.operands) picked.push_back(values[i]);
  return picked;
}

}  // namespace

std::vector<Tensor> RandomProgram::Run(std::vector<Tensor> values) const {
  const DType dtype = values[0].dtype();
  for (const Step& step : steps) {
    values.push_back(step.tensor(Pick(values, step)));
  }
  Tensor sum = Zeros({}, dtype);
  for (const auto& [value, weight] : weights) {
    const Tensor w = FromSpan<double>(Shape(weight.extents), weight.x);
    sum = sum + Sum(values[value] * Cast(w, dtype));
  }
  values.push_back(sum);
  return values;
}

std::vector<Values> RandomProgram::Run(std::vector<Values> values) const {
  for (const Step& step : steps) {
    values.push_back(step.plain(Pick(values, step)));
  }
  double sum = 0;
  for (const auto& [value, weight] : weights) {
    for (size_t i = 0; i < weight.x.size(); ++i) {
      sum += values[value].x[i] * weight.x[i];
    }
  }
  values.push_back({{}, {sum}});
  return values;
}

std::string RandomProgram::ToString() const {
  const std::vector<Values> values = Run(inputs);
  std::string text;
  for (size_t i = 0; i < inputs.size() + steps.size(); ++i) {
    const bool is_input = i < inputs.size();
    absl::StrAppend(&text, "  v", i, " [",
                    absl::StrJoin(values[i].extents, ","),
                    "] = ", is_input ? "input" : steps[i - inputs.size()].name);
    if (!is_input) {
      absl::StrAppend(&text, " v",
                      absl::StrJoin(steps[i - inputs.size()].operands, " v"));
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

RandomProgram DrawProgram(int steps, Rng& rng) {
  RandomProgram program;
  const int64_t m = 1 + rng.NextBelow(3), n = 2 + rng.NextBelow(2);
  const Extents shapes[] = {{m, n}, {n, m}, {n}, {2, m, n}, {m, 1}, {}};
  for (const Extents& extents :
       {shapes[0], shapes[1], shapes[rng.NextBelow(std::size(shapes))]}) {
    program.inputs.push_back(DrawValues(extents, 2, rng));
  }
  std::vector<Values> values = program.inputs;
  std::vector<bool> used(values.size());
  while (static_cast<int>(program.steps.size()) < steps) {
    std::optional<Step> step = DrawStep(values, rng);
    if (!step) continue;
    Values result = step->plain(Pick(values, *step));
    if (!IsTame(result)) continue;
    for (const int i : step->operands) used[i] = true;
    values.push_back(std::move(result));
    used.push_back(false);
    program.steps.push_back(*std::move(step));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (used[i]) continue;
    program.weights.emplace_back(i, DrawValues(values[i].extents, 1, rng));
  }
  return program;
}

std::vector<std::string> DrawnOps() {
  std::vector<std::string> names = {"matmul",  "transpose",    "slice", "pad",
                                    "reshape", "broadcast_to", "stack", "where",
                                    "concat",  "tril",         "gather"};
  const auto add = [&](const auto& ops) {
    for (const auto& op : ops) names.emplace_back(op.name);
  };
  add(UnaryOps());
  add(BinaryOps());
  add(Reductions());
  add(AlongAxisOps());
  return names;
}

}  // namespace adjoint
