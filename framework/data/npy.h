// Data sets in two files of NumPy's format (io/npy.h): the inputs, and what
// belongs to them.
//
//   np.save("images.npy", images)  # uint8 [n, rows, cols]
//   np.save("labels.npy", labels)  # uint8, int32 or int64 [n]
#ifndef ADJOINT_FRAMEWORK_DATA_NPY_H_
#define ADJOINT_FRAMEWORK_DATA_NPY_H_

#include <string>

#include "absl/status/statusor.h"
#include "framework/data/dataset.h"
#include "framework/data/image_dataset.h"

namespace adjoint::data {

// x [n, ...] and y [n, ...] of what io::ReadNpy reads. InvalidArgument, with
// the path, if one is a scalar or if they differ in n; otherwise as ReadNpy.
// The files are not trusted; the checksum is that of the one behind the other.
absl::StatusOr<TensorDataset> LoadNpy(const std::string& x_path,
                                      const std::string& y_path);

// Images of bytes [n, rows, cols] or, of 1 or 3 channels, [n, channels, rows,
// cols], and labels [n] of bytes or of what io::ReadNpy reads as i32, each in
// [0, 255]; as many classes as the largest label needs. InvalidArgument, with
// the path, if they are anything else; otherwise as LoadNpy. Throws as
// ImageDataset does if the options are wrong.
absl::StatusOr<ImageDataset> LoadNpyImages(const std::string& images_path,
                                           const std::string& labels_path,
                                           const ImageOptions& options = {});

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_NPY_H_
