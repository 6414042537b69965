#include "framework/train/divergence.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "framework/inspect/nan_tracer.h"

namespace adjoint::train {
namespace {

// How many elements of each example of x [n, ...] are not finite.
std::vector<int64_t> NonFiniteByExample(const Tensor& x) {
  if (!x.defined() || !IsFloat(x.dtype()) || x.size() == 0) return {};
  const int64_t n = x.shape()[0];
  std::vector<int64_t> counts(n);
  VisitFloat(x.dtype(), [&](auto zero) {
    const auto elements = x.data<decltype(zero)>();
    const int64_t size = x.size() / n;
    for (int64_t i = 0; i < x.size(); ++i) {
      counts[i / size] += !std::isfinite(elements[i]);
    }
  });
  return counts;
}

// The first example of which `x`, a tensor of the batch called `name`, is not
// finite, and how many others there are; "" if there are none.
std::string BadExamples(absl::string_view name, const Tensor& x,
                        absl::Span<const int64_t> rows) {
  const std::vector<int64_t> counts = NonFiniteByExample(x);
  std::string text;
  int64_t others = -1;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    if (++others > 0) continue;
    text = absl::StrCat(
        "\n  in the data: ", name, " of training example ", rows[i],
        " (from 0): ", counts[i], " of ", x.shape().Without(0).size(),
        counts[i] == 1 ? " elements is" : " elements are", " not finite");
  }
  if (others > 0) {
    absl::StrAppend(&text, "; and of ", others,
                    others == 1 ? " other" : " others", " in this batch");
  }
  return text;
}

// "the loss is nan" or "the gradient of 0.bias is not finite in 2 of 128
// elements; nor are those of 3 other parameters".
std::string WhatIsNotFinite(const nn::Module& model, const DivergedStep& step) {
  if (!std::isfinite(step.loss) || step.gradients == nullptr) {
    return absl::StrCat("the loss is ", step.loss);
  }
  std::string text;
  int64_t others = 0;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    if (!p.parameter.trainable()) continue;
    const inspect::Range range =
        inspect::RangeOf((*step.gradients)[p.parameter]);
    if (range.non_finite == 0) continue;
    if (text.empty()) {
      text = absl::StrCat("the gradient of ", p.name, " is not finite in ",
                          range.non_finite, " of ", range.shape.size(),
                          " elements");
    } else {
      ++others;
    }
  }
  if (others > 0) {
    absl::StrAppend(&text, ", nor are those of ", others, " other parameter",
                    others == 1 ? "" : "s");
  }
  return text;
}

// "" if all are finite this time.
std::string FirstOp(const nn::Module& model, const Objective& objective,
                    const DivergedStep& step) {
  inspect::NanTracer tracer;
  {
    Rng rng = step.rng;
    const ObserverScope observe(&tracer);
    Tensor loss = objective(step.batch, {.training = true, .rng = &rng}).loss;
    if (!tracer.first()) Grad(std::move(loss), model);
  }
  if (!tracer.first()) return "";
  const std::string text = tracer.first()->ToString();
  return absl::StrCat(
      "\n  first op: ",
      absl::StrReplaceAll(absl::StripTrailingAsciiWhitespace(text),
                          {{"\n", "\n  "}}));
}

}  // namespace

Divergence Diagnose(const nn::Module& model, const Objective& objective,
                    const DivergedStep& step) {
  const std::string examples =
      absl::StrCat(BadExamples("x", step.batch.x, step.rows),
                   BadExamples("y", step.batch.y, step.rows));
  return {.blame = !examples.empty() ? Blame::kData
                   : step.step == 1  ? Blame::kModel
                                     : Blame::kTraining,
          .message = absl::StrCat(
              WhatIsNotFinite(model, step), " in epoch ", step.epoch, ", step ",
              step.step, " (batch ", step.batch.index + 1, " of ", step.batches,
              ")", examples, FirstOp(model, objective, step))};
}

}  // namespace adjoint::train
