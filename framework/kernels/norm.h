// Normalisation: the elements of a group are shifted to mean 0 and scaled to
// variance 1, then scaled and shifted by learned weights.
//
//   z = (x - mean) / sqrt(variance + epsilon),  y = z w + b
//
// with the mean and the biased variance of the group. Both are taken in two
// passes, the second around the mean that the first one found, with sums of
// blocks in double: a mean of 10,000 standard deviations leaves the variance
// of f32 data right. A group is the work of one thread; nothing depends on how
// many there are.
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORM_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORM_H_

#include <cstdint>

namespace adjoint::kernels {

// An array x [outer, groups, inner], of which group g is x[:,g,:]. A channel of
// images, say, has its pixels in `inner` and the batch in `outer`; a row has
// outer == 1.
struct NormLayout {
  int64_t outer;
  int64_t groups;
  int64_t inner;
  // Whether w and b are [inner], one for each place in a group, rather than
  // [groups]. REQUIRES: outer == 1 then.
  bool weight_by_place;
};

// y[0,g] = the mean of group g, y[1,g] = its variance.
// REQUIRES: groups are not empty.
template <class T>
void GroupMoments(const T* x, const NormLayout& layout, T* y);

// y = z w + b.
template <class T>
void Norm(const T* x, const T* w, const T* b, const NormLayout& layout,
          double epsilon, T* y);

// dx = sum over y of dy dy/dx.
template <class T>
void NormGradient(const T* dy, const T* x, const T* w, const NormLayout& layout,
                  double epsilon, T* dx);

// dw = sum of dy z over all elements that w scales.
template <class T>
void NormWeightGradient(const T* dy, const T* x, const NormLayout& layout,
                        double epsilon, T* dw);

// y = (x - mean) w + b with all three given, [groups] each.
// REQUIRES: !layout.weight_by_place.
template <class T>
void ScaleGroups(const T* x, const T* mean, const T* w, const T* b,
                 const NormLayout& layout, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORM_H_
