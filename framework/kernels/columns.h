// The columns of a convolution: its input so rearranged that it becomes a
// matrix product (Chellapilla, Puri and Simard, "High Performance Convolutional
// Neural Networks for Document Processing", 2006).
#ifndef ADJOINT_FRAMEWORK_KERNELS_COLUMNS_H_
#define ADJOINT_FRAMEWORK_KERNELS_COLUMNS_H_

#include <cstdint>

#include "framework/kernels/conv.h"

namespace adjoint::kernels {

// Output positions [begin, end), in row-major order, of each of the images
// [image, image + images).
struct ConvChunk {
  int64_t image, images;
  int64_t begin, end;

  int64_t positions() const { return end - begin; }
  int64_t size() const { return images * positions(); }
};

// columns[k,p] = element k of the window, [c,kh,kw] in row-major order, at
// position p of the chunk, [images,positions]; zero where that is padding. Rows
// are `step` elements apart. x is the whole input.
template <class T>
void MakeColumns(const Conv2dShape& shape, const ConvChunk& chunk, const T* x,
                 T* columns, int64_t step);

// The adjoint: adds columns[k,p] to the element of dx that it came from.
template <class T>
void AddColumns(const Conv2dShape& shape, const ConvChunk& chunk,
                const T* columns, int64_t step, T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_COLUMNS_H_
