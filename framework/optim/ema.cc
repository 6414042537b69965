#include "framework/optim/ema.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/optim/range.h"

namespace adjoint::optim {
namespace {

std::vector<nn::NamedParameter> FloatParameters(const nn::Module& model) {
  std::vector<nn::NamedParameter> all;
  for (nn::NamedParameter& p : nn::Parameters(model)) {
    if (IsFloat(p.parameter.value().dtype())) all.push_back(std::move(p));
  }
  return all;
}

template <class T>
void MoveTowards(absl::Span<const T> w, double decay, absl::Span<T> average) {
  const T keep = static_cast<T>(decay), take = static_cast<T>(1 - decay);
  constexpr int64_t kGrain = 128 * 1024;
  ParallelFor(w.size(), kGrain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([=] {
      const T k = keep, t = take;
      const T* __restrict from = w.data();
      T* __restrict to = average.data();
      for (int64_t i = begin; i < end; ++i) to[i] = k * to[i] + t * from[i];
    });
  });
}

}  // namespace

Ema::Ema(const nn::Module& model, EmaOptions options) : options_(options) {
  RequireBelowOne("ema: decay", options.decay);
  for (const auto& [name, parameter] : FloatParameters(model)) {
    averages_.push_back(
        {name, nn::Parameter(parameter.value(), {.trainable = false})});
  }
}

void Ema::Update(const nn::Module& model) {
  const std::vector<nn::NamedParameter> now = Match(model);
  for (size_t i = 0; i < now.size(); ++i) {
    const Tensor& w = now[i].parameter;
    VisitFloat(w.dtype(), [&](auto zero) {
      using T = decltype(zero);
      MoveTowards(w.data<T>(), options_.decay,
                  averages_[i].parameter.MutableData<T>());
    });
  }
}

void Ema::CopyTo(const nn::Module& model) const {
  const std::vector<nn::NamedParameter> now = Match(model);
  for (size_t i = 0; i < now.size(); ++i) {
    now[i].parameter.Set(averages_[i].parameter);
  }
}

void Ema::Swap(const nn::Module& model) {
  const std::vector<nn::NamedParameter> now = Match(model);
  for (size_t i = 0; i < now.size(); ++i) {
    const Tensor w = now[i].parameter.value();
    now[i].parameter.Set(averages_[i].parameter);
    averages_[i].parameter.Set(w);
  }
}

std::vector<nn::NamedParameter> Ema::Match(const nn::Module& model) const {
  std::vector<nn::NamedParameter> now = FloatParameters(model);
  if (now.size() != averages_.size()) {
    throw ValueError(absl::StrCat("ema: a model of ", now.size(),
                                  " parameters, averages of ",
                                  averages_.size()));
  }
  for (size_t i = 0; i < now.size(); ++i) {
    const Tensor& w = now[i].parameter;
    const Tensor& average = averages_[i].parameter;
    if (now[i].name != averages_[i].name || w.shape() != average.shape() ||
        w.dtype() != average.dtype()) {
      throw ValueError(absl::StrCat(
          "ema: the model has ", now[i].name, " ", Signature(w),
          ", the averages ", averages_[i].name, " ", Signature(average)));
    }
  }
  return now;
}

}  // namespace adjoint::optim
