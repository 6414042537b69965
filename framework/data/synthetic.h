// Small problems made up: a function of their options and of `rng`, which moves
// on. x is f32 or f64 [n, ...]; a dtype that is neither throws DTypeError, and
// a count below 1 or a noise below 0 throws ValueError.
#ifndef ADJOINT_FRAMEWORK_DATA_SYNTHETIC_H_
#define ADJOINT_FRAMEWORK_DATA_SYNTHETIC_H_

#include <cstdint>

#include "framework/base/rng.h"
#include "framework/core/dtype.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// Arms that wind about the centre: point i of `points` on arm k has the radius
// r = (i + 1) / points and the angle turn * (k + r) plus normal noise, and is
// at (r sin, r cos). x [arms * points, 2], y i32 the arm.
struct SpiralsOptions {
  int64_t points = 100;  // On each arm.
  int64_t arms = 3;
  double turn = 4;     // Radians.
  double noise = 0.2;  // Standard deviation of the angle, in radians.
  DType dtype = DType::kF32;
};
TensorDataset Spirals(Rng& rng, const SpiralsOptions& options = {});

// Two half circles of radius 1 that reach into each other: (cos t, sin t) and
// (1 - cos t, 1/2 - sin t) for t uniform in [0, pi), plus normal noise. The
// examples alternate. x [size, 2], y i32 0 or 1.
struct MoonsOptions {
  int64_t size = 200;
  double noise = 0.1;
  DType dtype = DType::kF32;
};
TensorDataset Moons(Rng& rng, const MoonsOptions& options = {});

// Normal clouds of standard deviation `noise` about centres uniform in
// [-10, 10)^dimensions, example i in cloud i % classes. x [size, dimensions],
// y i32.
struct BlobsOptions {
  int64_t size = 300;
  int64_t classes = 3;
  int64_t dimensions = 2;
  double noise = 1;
  DType dtype = DType::kF32;
};
TensorDataset Blobs(Rng& rng, const BlobsOptions& options = {});

// y = sin(x) plus normal noise for x uniform in [-pi, pi): x and y [size, 1].
struct SinesOptions {
  int64_t size = 200;
  double noise = 0.1;
  DType dtype = DType::kF32;
};
TensorDataset Sines(Rng& rng, const SinesOptions& options = {});

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_SYNTHETIC_H_
