// What kernels.cc times: work that moves as many bytes as one asks for.
#ifndef ADJOINT_BENCH_KERNEL_WORK_H_
#define ADJOINT_BENCH_KERNEL_WORK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint {

// Something to run, and the bytes that it has to read and write, each once.
struct Work {
  std::function<void()> run;
  int64_t bytes;
};

// Makes work of about `bytes`.
using MakeWork = std::function<Work(int64_t bytes, DType dtype)>;

using Function = std::function<Tensor(const Tensor&)>;

// y = fn(x) for x [n] between low and high.
MakeWork Unary(Tensor (*fn)(const Tensor&), double low = -4, double high = 4);

// y = fn(a, b).
MakeWork Binary(Tensor (*fn)(const Tensor&, const Tensor&));

// y = fn(x) for a matrix of rows of `width`; 0 stands for a square one. `parts`
// says how many times the bytes of x are moved, y included.
MakeWork Rows(int64_t width, int parts, const Function& fn);

// The gradient of fn(x) for x [n, row...], a row for a shape that begins
// with 1. `parts` as above, of dy, x and dx.
MakeWork Backward(const Shape& row, int parts, const Function& fn);

// y = fn(i) for indices below `range`, where a row of y has `width` elements.
MakeWork OfIndices(int64_t width, int range,
                   const std::function<Tensor(const Tensor&, DType)>& fn);

// y = condition ? a : b.
MakeWork Choice();

// The losses of rows of logits.
Tensor Losses(const Tensor& logits);

// Batch normalisation of images [n, 16, side, side], by their own statistics or
// by given ones.
MakeWork Normed(int64_t side, bool training);

// Steps of 32 sequences, of which a cell has `width` elements, and their
// gradient by what they have for input.
MakeWork Recurrent(int64_t width);
MakeWork RecurrentBackward(int64_t width);

// Rows of 64 looked up in a table, and their gradients added up.
MakeWork Embedded();
MakeWork EmbeddedBackward();

// Random numbers, written once; and where they decide what is dropped.
MakeWork Random(Tensor (*fn)(const Shape&, Rng&, DType));
MakeWork Dropped();

// A step of an optimizer with `slots` of state: the gradient is read, the
// weight and the state are read and written.
MakeWork Step(const std::shared_ptr<optim::Optimizer>& optimizer, int slots,
              double gradient_factor = 1);

// A number computed from gradients.
MakeWork OfGradients(const std::function<double(const Gradients&)>& fn);

}  // namespace adjoint

#endif  // ADJOINT_BENCH_KERNEL_WORK_H_
