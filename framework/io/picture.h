// Pictures of 8 bits a channel, made from tensors and written as PNG.
#ifndef ADJOINT_FRAMEWORK_IO_PICTURE_H_
#define ADJOINT_FRAMEWORK_IO_PICTURE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "framework/core/tensor.h"

namespace adjoint::io {

struct Picture {
  int64_t rows = 0, cols = 0;
  int64_t channels = 1;         // 1 for grey, 3 for red, green and blue.
  std::vector<uint8_t> pixels;  // [rows, cols, channels].
  // Red, green and blue; at most 256. If not empty, pixels of one channel are
  // indices into it: a third of the bytes where there are few colours.
  std::vector<std::array<uint8_t, 3>> palette = {};
};

struct GridOptions {
  int64_t columns = 8;  // At most, at least 1.
  int64_t gap = 2;      // Pixels of white between images, at least 0.
  int64_t zoom = 1;     // The side of the square that a pixel becomes, >= 1.
};

// Grey images beside and below each other: images [n, h, w], of which 0 is
// black and 1 is white; values beyond are clipped, NaN is black. Throws
// ShapeError for another rank or no image at all, and ValueError for options
// out of range.
Picture Grid(const Tensor& images, const GridOptions& options = {});

// Numbers as colours: from blue at `low` through white to red at `high`; those
// beyond are clipped, NaN is black. field [h, w]; row 0 is at the top. Throws
// ShapeError for another rank, and ValueError unless low < high and zoom >= 1.
Picture HeatMap(const Tensor& field, double low, double high, int64_t zoom = 1);

// 0 to 1 as 0 to 255; values beyond are clipped, NaN is 0.
uint8_t ByteOf(double value);

// Red, green and blue from blue at -1 through white at 0 to red at 1; values
// beyond are clipped, NaN is black.
std::array<uint8_t, 3> BlueToRed(double value);

// The file's bytes (ISO/IEC 15948:2004). REQUIRES: rows and cols are below
// 2^31, and there are as many pixels as they say.
std::string EncodePng(const Picture& picture);

// Writes EncodePng(picture) atomically.
absl::Status WritePng(const std::string& path, const Picture& picture);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_PICTURE_H_
