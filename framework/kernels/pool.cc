#include "framework/kernels/pool.h"

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/pool_of_four.h"
#include "framework/kernels/pool_places.h"
#include "framework/kernels/pool_windows.h"

namespace adjoint::kernels {
namespace {

// Elements of x and y to a chunk of planes.
constexpr int64_t kPoolGrain = 16 * 1024;

// Calls f(planes, image, window) in parallel for chunks of planes, the first of
// which begins at element `image` of x and `window` of y.
template <class Fn>
void ForPlanes(const Pool2dShape& s, Fn f) {
  const int64_t plane = std::max<int64_t>(1, s.image() + s.positions());
  ParallelFor(s.planes, NumChunks(kPoolGrain, plane),
              [&](int64_t begin, int64_t end) {
                f(end - begin, begin * s.image(), begin * s.positions());
              });
}

}  // namespace

template <class T>
void MaxPool2d(const Pool2dShape& s, const T* x, T* y) {
  ForPlanes(s, [&](int64_t planes, int64_t image, int64_t window) {
    const auto pool = IsOfFour(s) ? MaximaOfFour<T> : MaximaOfWindows<T>;
    pool(s, planes, x + image, y + window);
  });
}

template <class T>
void MaxPool2dGradient(const Pool2dShape& s, const T* x, const T* dy, T* dx) {
  ForPlanes(s, [&](int64_t planes, int64_t image, int64_t window) {
    const auto spread = IsOfFour(s) ? SpreadOverFour<T> : SpreadToMaxima<T>;
    spread(s, planes, x + image, dy + window, dx + image);
  });
}

template <class T>
void MaxPool2dGather(const Pool2dShape& s, const T* x, const T* v, T* y) {
  ForPlanes(s, [&](int64_t planes, int64_t image, int64_t window) {
    GatherMaxima(s, planes, x + image, v + image, y + window);
  });
}

template <class T>
void AvgPool2d(const Pool2dShape& s, bool count_padding, const T* x, T* y) {
  ForPlanes(s, [&](int64_t planes, int64_t image, int64_t window) {
    if (IsOfFour(s)) return MeansOfFour(s, planes, x + image, y + window);
    MeansOfWindows(s, count_padding, planes, x + image, y + window);
  });
}

template <class T>
void AvgPool2dGradient(const Pool2dShape& s, bool count_padding, const T* dy,
                       T* dx) {
  ForPlanes(s, [&](int64_t planes, int64_t image, int64_t window) {
    if (IsOfFour(s)) return ShareAmongFour(s, planes, dy + window, dx + image);
    ShareAmongWindows(s, count_padding, planes, dy + window, dx + image);
  });
}

#define ADJOINT_INSTANTIATE(T)                                                 \
  template void MaxPool2d(const Pool2dShape&, const T*, T*);                   \
  template void MaxPool2dGradient(const Pool2dShape&, const T*, const T*, T*); \
  template void MaxPool2dGather(const Pool2dShape&, const T*, const T*, T*);   \
  template void AvgPool2d(const Pool2dShape&, bool, const T*, T*);             \
  template void AvgPool2dGradient(const Pool2dShape&, bool, const T*, T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
