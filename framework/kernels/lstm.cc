// One product a step has to wait for the step before it, forward and backward;
// it reads all of w. Everything else in a step is a pass over the batch.
#include "framework/kernels/lstm.h"

#include <algorithm>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/gemm.h"
#include "framework/kernels/math.h"
#include "framework/kernels/scratch.h"
#include "framework/kernels/transpose.h"

namespace adjoint::kernels {
namespace {

// Elements of the state to a parallel chunk; each costs five exponentials.
constexpr int64_t kLstmGrain = 1024;

// What lies in a plane of a sequence's values.
enum Plane { kHidden, kCell, kInput, kForget, kCandidate, kOutput };
static_assert(kOutput + 1 == kLstmPlanes);

// What the memory of a thread is for.
enum class LstmScratch { kWeights, kStep };

template <class T>
void SigmoidRow(const T* __restrict x, int64_t n, T* __restrict y) {
  for (int64_t j = 0; j < n; ++j) y[j] = Sigmoid(x[j]);
}

template <class T>
void TanhRow(const T* __restrict x, int64_t n, T* __restrict y) {
  for (int64_t j = 0; j < n; ++j) y[j] = Tanh(x[j]);
}

// Calls row(r) for each r < sizes.batch, in parallel.
template <class Fn>
void ForEachRow(const LstmSizes& sizes, Fn row) {
  const int64_t grain = std::max<int64_t>(1, kLstmGrain / (sizes.width + 1));
  ParallelFor(sizes.batch, grain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([&row, begin, end] {
      for (int64_t r = begin; r < end; ++r) row(r);
    });
  });
}

// w' [width, 4 width] in memory of its own, for Gemm reads a matrix that it
// need not transpose at each step.
template <class T>
Matrix<T> TransposedWeights(const T* w, int64_t width) {
  T* const to = Scratch<T, LstmScratch::kWeights>(width * 4 * width);
  Transpose(w, {4 * width, width}, {1, 0}, to);
  return {to, 4 * width};
}

// A step of one sequence: from x and w h [4 width] and c [width] to its values
// in the planes of y. Spends `product`.
template <class T>
void Cell(int64_t width, const T* __restrict x, T* __restrict product,
          const T* __restrict c, int64_t plane, T* y) {
  for (int64_t j = 0; j < 4 * width; ++j) product[j] += x[j];
  T* const i = y + kInput * plane;
  T* const f = y + kForget * plane;
  T* const g = y + kCandidate * plane;
  T* const o = y + kOutput * plane;
  SigmoidRow(product, width, i);
  SigmoidRow(product + width, width, f);
  TanhRow(product + 2 * width, width, g);
  SigmoidRow(product + 3 * width, width, o);

  T* const c_new = y + kCell * plane;
  T* const h_new = y + kHidden * plane;
  for (int64_t j = 0; j < width; ++j) c_new[j] = f[j] * c[j] + i[j] * g[j];
  TanhRow(c_new, width, h_new);
  for (int64_t j = 0; j < width; ++j) h_new[j] *= o[j];
}

// The same backward: dh [width] is what later steps add to the gradient by h',
// dc what they add to that by c'; dc becomes the gradient by c.
template <class T>
void CellGrad(int64_t width, const T* dy, const T* y, int64_t plane,
              const T* __restrict c, const T* __restrict dh, T* __restrict dc,
              T* __restrict dx) {
  const auto at = [plane](const T* base, Plane p) { return base + p * plane; };
  const T *i = at(y, kInput), *f = at(y, kForget), *g = at(y, kCandidate),
          *o = at(y, kOutput);
  T* const tanh_c = dx;  // Overwritten last where it is read last.
  TanhRow(at(y, kCell), width, tanh_c);
  for (int64_t j = 0; j < width; ++j) {
    const T dh_j = dh[j] + at(dy, kHidden)[j];
    const T s = tanh_c[j];
    const T dc_j = dc[j] + at(dy, kCell)[j] + dh_j * o[j] * (1 - s * s);
    const T di = at(dy, kInput)[j] + dc_j * g[j];
    const T df = at(dy, kForget)[j] + dc_j * c[j];
    const T dg = at(dy, kCandidate)[j] + dc_j * i[j];
    const T d_o = at(dy, kOutput)[j] + dh_j * s;
    dx[j] = di * i[j] * (1 - i[j]);
    dx[width + j] = df * f[j] * (1 - f[j]);
    dx[2 * width + j] = dg * (1 - g[j] * g[j]);
    dx[3 * width + j] = d_o * o[j] * (1 - o[j]);
    dc[j] = dc_j * f[j];
  }
}

}  // namespace

template <class T>
void Lstm(const LstmSizes& sizes, const T* x, const T* h0, const T* c0,
          const T* w, T* y) {
  const int64_t steps = sizes.steps, width = sizes.width;
  const int64_t plane = sizes.batch * steps * width;
  const Matrix<T> w_t =
      steps == 1 ? Matrix<T>{w, width, true} : TransposedWeights(w, width);
  T* const products = Scratch<T, LstmScratch::kStep>(sizes.batch * 4 * width);
  const T *h = h0, *c = c0;
  int64_t ld = width;  // From row to row of h and of c.
  for (int64_t s = 0; s < steps; ++s) {
    Gemm<T>(sizes.batch, 4 * width, width, {h, ld}, w_t, products, 4 * width);
    ForEachRow(sizes, [&](int64_t r) {
      const int64_t at = (r * steps + s) * width;
      Cell(width, x + 4 * at, products + r * 4 * width, c + r * ld, plane,
           y + at);
    });
    h = y + kHidden * plane + s * width;
    c = y + kCell * plane + s * width;
    ld = steps * width;
  }
}

template <class T>
void LstmGrad(const LstmSizes& sizes, const T* dy, const T* y, const T* c0,
              const T* w, T* dx, T* dc0) {
  const int64_t steps = sizes.steps, width = sizes.width;
  const int64_t plane = sizes.batch * steps * width;
  T* const dh = Scratch<T, LstmScratch::kStep>(sizes.batch * width);
  T* const dc = dc0;
  std::fill_n(dh, sizes.batch * width, T(0));
  std::fill_n(dc, sizes.batch * width, T(0));
  for (int64_t s = steps; s-- > 0;) {
    const T* const c = s == 0 ? c0 : y + kCell * plane + (s - 1) * width;
    const int64_t ld = s == 0 ? width : steps * width;
    ForEachRow(sizes, [&](int64_t r) {
      const int64_t at = (r * steps + s) * width;
      CellGrad(width, dy + at, y + at, plane, c + r * ld, dh + r * width,
               dc + r * width, dx + 4 * at);
    });
    if (s == 0) return;
    Gemm<T>(sizes.batch, width, 4 * width,
            {dx + s * 4 * width, steps * 4 * width}, {w, width}, dh, width);
  }
}

template void Lstm(const LstmSizes&, const float*, const float*, const float*,
                   const float*, float*);
template void Lstm(const LstmSizes&, const double*, const double*,
                   const double*, const double*, double*);
template void LstmGrad(const LstmSizes&, const float*, const float*,
                       const float*, const float*, float*, float*);
template void LstmGrad(const LstmSizes&, const double*, const double*,
                       const double*, const double*, double*, double*);

}  // namespace adjoint::kernels
