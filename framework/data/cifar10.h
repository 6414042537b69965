// CIFAR-10 (Krizhevsky 2009, "Learning multiple layers of features from tiny
// images") in its binary format: 3,073 bytes an image, the class and then
// 32 x 32 pixels of red, of green and of blue.
#ifndef ADJOINT_FRAMEWORK_DATA_CIFAR10_H_
#define ADJOINT_FRAMEWORK_DATA_CIFAR10_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/data/image_dataset.h"

namespace adjoint::data {

// The images in the contents of a file, plain or compressed by gzip; `path` is
// for messages only. The file is not trusted: InvalidArgument, with path and
// offset, if it is empty or not whole images, or for a class above 9. Memory
// stays within the file's size, three times the bytes that it really holds and
// 128 KiB.
absl::StatusOr<LabeledImages> ParseCifar10(absl::string_view contents,
                                           absl::string_view path);

struct Cifar10 {
  ImageDataset train;  // 3 channels, 32 x 32, with names of the classes.
  ImageDataset test;
};

// Reads from `directory` data_batch_1.bin to data_batch_5.bin and
// test_batch.bin. NotFound if one is missing; InvalidArgument as above. The
// checksum is that of the files one after the other. Throws as ImageDataset
// does if the options are wrong.
absl::StatusOr<Cifar10> LoadCifar10(const std::string& directory,
                                    const ImageOptions& options = {});

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_CIFAR10_H_
