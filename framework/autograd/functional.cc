// In all of these `at` are the variables of the call. The graph of f is always
// recorded; `last`, the options of the last Grad, says whether the result may
// be differentiated in its turn: as far as the caller records.
#include "framework/autograd/functional.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/index.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

GradOptions AsRecording() { return {.create_graph = IsRecording()}; }

// `x` as a variable of one call: a node that nothing else was computed from. It
// leads back to the history of x where the caller records.
Tensor Fresh(const Tensor& x) {
  return x.node() && IsRecording() ? Reshape(x, x.shape()) : Leaf(x);
}

std::vector<Tensor> Fresh(absl::Span<const Tensor> xs) {
  std::vector<Tensor> at;
  for (const Tensor& x : xs) at.push_back(Fresh(x));
  return at;
}

void RequireLike(absl::string_view what, absl::Span<const Tensor> xs,
                 absl::Span<const Tensor> vs) {
  if (xs.size() != vs.size()) {
    throw ShapeError(
        absl::StrCat(what, ": ", xs.size(), " xs, but ", vs.size(), " vs"));
  }
  for (size_t i = 0; i < xs.size(); ++i) {
    if (xs[i].shape() != vs[i].shape() || xs[i].dtype() != vs[i].dtype()) {
      throw ShapeError(absl::StrCat(what, ": v ", i, " is not like x: x ",
                                    Signature(xs[i]), ", v ",
                                    Signature(vs[i])));
    }
  }
}

// <a, b>, summed over all pairs: [].
Tensor Inner(absl::Span<const Tensor> as, absl::Span<const Tensor> bs) {
  Tensor sum;
  for (size_t i = 0; i < as.size(); ++i) {
    const Tensor product = Sum(as[i] * bs[i]);
    sum = sum.defined() ? sum + product : product;
  }
  return sum;
}

Tensor OneElement(absl::string_view what, Tensor y) {
  if (y.size() == 1) return y;
  throw ShapeError(
      absl::StrCat(what, ": f must return one element: ", Signature(y)));
}

FunctionOfSeveral OfSeveral(const Function& f) {
  return [&f](absl::Span<const Tensor> xs) { return f(xs[0]); };
}

}  // namespace

std::vector<Tensor> Grad(const FunctionOfSeveral& f,
                         absl::Span<const Tensor> xs) {
  const auto checked = [&f](absl::Span<const Tensor> at) {
    return OneElement("grad", f(at));
  };
  return Vjp(checked, xs, Tensor());
}

std::vector<Tensor> Vjp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
                        const Tensor& v) {
  GradOptions last = AsRecording();
  last.seed = v;
  const std::vector<Tensor> at = Fresh(xs);
  const RecordingScope recording(true);
  return Grad(f(at), at, last);
}

JvpResult Jvp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
              absl::Span<const Tensor> vs) {
  RequireLike("jvp", xs, vs);
  const GradOptions last = AsRecording();
  const std::vector<Tensor> at = Fresh(xs);
  const RecordingScope recording(true);
  const Tensor y = f(at);
  // J'u is linear in u: the gradient of <J'u, v> by u is J v, whatever u is.
  const Tensor u = Leaf(Zeros(y.shape(), y.dtype()));
  const std::vector<Tensor> vjp =
      Grad(y, at, {.create_graph = true, .seed = u});
  const Tensor dy = Grad(Inner(vjp, vs), {u}, last)[0];
  return {last.create_graph ? y : y.Detach(), dy};
}

std::vector<Tensor> Hvp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
                        absl::Span<const Tensor> vs) {
  RequireLike("hvp", xs, vs);
  const GradOptions last = AsRecording();
  const std::vector<Tensor> at = Fresh(xs);
  const RecordingScope recording(true);
  const std::vector<Tensor> g =
      Grad(OneElement("hvp", f(at)), at, {.create_graph = true});
  return Grad(Inner(g, vs), at, last);
}

Tensor Grad(const Function& f, const Tensor& x) {
  return Grad(OfSeveral(f), {x})[0];
}

Tensor Vjp(const Function& f, const Tensor& x, const Tensor& v) {
  return Vjp(OfSeveral(f), {x}, v)[0];
}

JvpResult Jvp(const Function& f, const Tensor& x, const Tensor& v) {
  return Jvp(OfSeveral(f), {x}, {v});
}

Tensor Hvp(const Function& f, const Tensor& x, const Tensor& v) {
  return Hvp(OfSeveral(f), {x}, {v})[0];
}

Tensor Jacobian(const Function& f, const Tensor& x) {
  GradOptions last = AsRecording();
  const Tensor at = Fresh(x);
  const RecordingScope recording(true);
  const Tensor y = f(at);
  std::vector<int64_t> shape(y.shape().dims().begin(), y.shape().dims().end());
  shape.insert(shape.end(), x.shape().dims().begin(), x.shape().dims().end());
  if (y.size() == 0) return Zeros(Shape(shape), y.dtype());
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < y.size(); ++i) {
    const Tensor index = Full({}, static_cast<double>(i), DType::kI32);
    last.seed = Reshape(OneHot(index, y.size(), y.dtype()), y.shape());
    rows.push_back(Reshape(Grad(y, {at}, last)[0], {1, x.size()}));
  }
  return Reshape(Concat(rows), Shape(shape));
}

Tensor Hessian(const Function& f, const Tensor& x) {
  const Function checked = [&f](const Tensor& at) {
    return OneElement("hessian", f(at));
  };
  return Jacobian([&](const Tensor& at) { return Grad(checked, at); }, x);
}

}  // namespace adjoint
