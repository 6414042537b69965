#include "bench/kernel_work.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace adjoint {
namespace {

int64_t Size(DType dtype) { return static_cast<int64_t>(SizeOf(dtype)); }

int64_t BytesOf(const Tensor& x) { return x.size() * Size(x.dtype()); }

Tensor Between(double low, double high, const Shape& shape, DType dtype) {
  Rng rng(shape.size());
  return RandomUniform(shape, low, high, rng, dtype);
}

Tensor Indices(int64_t n, int range) {
  Rng rng(n);
  std::vector<int32_t> indices(n);
  for (int32_t& i : indices) i = static_cast<int32_t>(rng.NextBelow(range));
  return FromSpan<int32_t>({n}, indices);
}

// The call of fn, which gives a tensor, for inputs that are all read.
Work Of(const std::vector<Tensor>& inputs, const std::function<Tensor()>& fn) {
  int64_t bytes = BytesOf(fn());
  for (const Tensor& x : inputs) bytes += BytesOf(x);
  return {[fn] { benchmark::DoNotOptimize(fn()); }, bytes};
}

struct OneParameter final : nn::Module {
  explicit OneParameter(const Tensor& value) : w(value) {}
  void Visit(nn::Visitor& visit) const override { visit("w", w); }
  std::string Kind() const override { return "OneParameter"; }

  const nn::Parameter w;
};

}  // namespace

MakeWork Unary(Tensor (*fn)(const Tensor&), double low, double high) {
  return [=](int64_t bytes, DType dtype) {
    const Tensor x = Between(low, high, {bytes / 2 / Size(dtype)}, dtype);
    return Of({x}, [=] { return fn(x); });
  };
}

MakeWork Binary(Tensor (*fn)(const Tensor&, const Tensor&)) {
  return [=](int64_t bytes, DType dtype) {
    const int64_t n = bytes / 3 / Size(dtype);
    const Tensor a = Between(-1, 1, {n}, dtype);
    const Tensor b = Between(0.5, 1, {n}, dtype);
    return Of({a, b}, [=] { return fn(a, b); });
  };
}

MakeWork Rows(int64_t width, int parts, const Function& fn) {
  return [=](int64_t bytes, DType dtype) {
    const int64_t n = bytes / parts / Size(dtype);
    int64_t columns = width > 0 ? width : 1;
    while (width == 0 && columns * columns < n) columns *= 2;
    const Tensor x =
        Between(-4, 4, {std::max<int64_t>(1, n / columns), columns}, dtype);
    return Of({x}, [=] { return fn(x); });
  };
}

MakeWork Backward(const Shape& row, int parts, const Function& fn) {
  return [=](int64_t bytes, DType dtype) {
    const int64_t n =
        std::max<int64_t>(1, bytes / parts / Size(dtype) / row.size());
    const Tensor x = Leaf(Between(-4, 4, row.With(0, n), dtype));
    const Tensor y = fn(x);
    const Tensor dy = Between(-1, 1, y.shape(), dtype);
    return Work{[=] { benchmark::DoNotOptimize(Grad(y, {x}, {.seed = dy})); },
                BytesOf(x) * (parts - 1) + BytesOf(dy)};
  };
}

MakeWork OfIndices(int64_t width, int range,
                   const std::function<Tensor(const Tensor&, DType)>& fn) {
  return [=](int64_t bytes, DType dtype) {
    const int64_t n = bytes / (Size(DType::kI32) + width * Size(dtype));
    const Tensor i = Indices(n, range);
    return Of({i}, [=] { return fn(i, dtype); });
  };
}

MakeWork Choice() {
  return [](int64_t bytes, DType dtype) {
    const int64_t n = bytes / (Size(DType::kI32) + 3 * Size(dtype));
    const Tensor condition = Indices(n, 2);
    const Tensor a = Between(-1, 1, {n}, dtype), b = -a;
    return Of({condition, a, b}, [=] { return Where(condition, a, b); });
  };
}

Tensor Losses(const Tensor& logits) {
  static const Tensor* const labels = new Tensor(Indices(1 << 20, 10));
  return SoftmaxCrossEntropy(logits, Slice(*labels, 0, 0, logits.shape()[0]),
                             {.reduction = Reduction::kNone});
}

MakeWork Normed(int64_t side, bool training) {
  return [=](int64_t bytes, DType dtype) {
    const Shape image = {1, 16, side, side};
    const int64_t n =
        std::max<int64_t>(2, bytes / 2 / Size(dtype) / image.size());
    const Tensor x = Between(-1, 1, image.With(0, n), dtype);
    const Tensor w = Between(0.5, 1, {16}, dtype);
    return Of({x}, [=] {
      return training ? BatchNorm(x, w, w)
                      : BatchNorm(x, w, w, {.mean = w, .variance = w});
    });
  };
}

namespace {

// A layer's values for inputs x [32, steps, 4 width].
Function LstmOf(int64_t width, DType dtype) {
  const Tensor state = Between(-1, 1, {32, width}, dtype);
  const Tensor w = Between(-0.1, 0.1, {4 * width, width}, dtype);
  return [=](const Tensor& x) { return Lstm(x, state, state, w); };
}

// Four elements in and six out make a step of a cell's element.
Shape LstmInput(int64_t width, int64_t bytes, DType dtype) {
  const int64_t step = 32 * 10 * width * Size(dtype);
  return {32, std::max<int64_t>(1, bytes / step), 4 * width};
}

}  // namespace

MakeWork Recurrent(int64_t width) {
  return [=](int64_t bytes, DType dtype) {
    const Tensor x = Between(-1, 1, LstmInput(width, bytes, dtype), dtype);
    const Function lstm = LstmOf(width, dtype);
    return Of({x}, [=] { return lstm(x); });
  };
}

MakeWork RecurrentBackward(int64_t width) {
  return [=](int64_t bytes, DType dtype) {
    const Tensor x =
        Leaf(Between(-1, 1, LstmInput(width, bytes, dtype), dtype));
    const Tensor y = LstmOf(width, dtype)(x);
    const Tensor dy = Between(-1, 1, y.shape(), dtype);
    return Work{[=] { benchmark::DoNotOptimize(Grad(y, {x}, {.seed = dy})); },
                2 * BytesOf(y) + BytesOf(x)};
  };
}

MakeWork Embedded() {
  return [](int64_t bytes, DType dtype) {
    const int64_t n = bytes / 2 / Size(dtype) / 64;
    const Tensor table = Between(-1, 1, {64, 64}, dtype);
    const Tensor rows = Indices(n, 64);
    Work work = Of({}, [=] { return Gather(table, rows); });
    work.bytes *= 2;
    return work;
  };
}

MakeWork EmbeddedBackward() {
  return [](int64_t bytes, DType dtype) {
    const int64_t n = bytes / 2 / Size(dtype) / 64;
    const Tensor dy = Between(-1, 1, {n, 64}, dtype);
    const Tensor rows = Indices(n, 64);
    return Of({dy, rows}, [=] { return ScatterAddRows(dy, rows, 64); });
  };
}

MakeWork Random(Tensor (*fn)(const Shape&, Rng&, DType)) {
  return [=](int64_t bytes, DType dtype) {
    const auto rng = std::make_shared<Rng>(1);
    const Shape shape = {bytes / Size(dtype)};
    return Of({}, [=] { return fn(shape, *rng, dtype); });
  };
}

MakeWork Dropped() {
  return [](int64_t bytes, DType dtype) {
    const auto rng = std::make_shared<Rng>(1);
    const Tensor x = Between(-1, 1, {bytes / 2 / Size(dtype)}, dtype);
    return Of({x}, [=] {
      return nn::Dropout(0.5)(x, {.training = true, .rng = rng.get()});
    });
  };
}

MakeWork Step(const std::shared_ptr<optim::Optimizer>& optimizer, int slots,
              double gradient_factor) {
  return [=](int64_t bytes, DType dtype) {
    const int64_t n = bytes / (3 + 2 * slots) / Size(dtype);
    const auto model =
        std::make_shared<OneParameter>(Between(-1, 1, {n}, dtype));
    const auto gradients = std::make_shared<Gradients>(
        Gradients::Items{{model->w, Between(-1, 1, {n}, dtype)}});
    return Work{[=] {
                  optimizer->Step(*model, *gradients,
                                  {.gradient_factor = gradient_factor});
                },
                (3 + 2 * slots) * n * Size(dtype)};
  };
}

MakeWork OfGradients(const std::function<double(const Gradients&)>& fn) {
  return [=](int64_t bytes, DType dtype) {
    const Tensor g = Between(-1, 1, {bytes / Size(dtype)}, dtype);
    const auto gradients =
        std::make_shared<Gradients>(Gradients::Items{{nn::Parameter(g), g}});
    return Work{[=] { benchmark::DoNotOptimize(fn(*gradients)); }, BytesOf(g)};
  };
}

}  // namespace adjoint
