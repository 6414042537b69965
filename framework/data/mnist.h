// MNIST (LeCun, Cortes and Burges), and the sets that share its four files,
// such as Fashion-MNIST (Xiao, Rasul and Vollgraf 2017).
#ifndef ADJOINT_FRAMEWORK_DATA_MNIST_H_
#define ADJOINT_FRAMEWORK_DATA_MNIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "framework/data/image_dataset.h"

namespace adjoint::data {

struct MnistFiles {
  LabeledImages train;
  LabeledImages test;  // Images of the same size.
};

// Reads from `directory` train-images-idx3-ubyte, train-labels-idx1-ubyte and
// the same of t10k, the test set: each plain or, where that is missing, with
// the suffix .gz. NotFound if a file is there in neither form; InvalidArgument
// for one that is malformed (see ReadIdx), holds something else than its name
// says, or does not fit the others. Every error is one line with the path.
absl::StatusOr<MnistFiles> ReadMnist(const std::string& directory);

// Whether `files` are the published MNIST to the byte: compares the SHA-256 of
// each of the four. It is not part of ReadMnist, since gzip's own checksum
// already finds damage and hashing the 55 MB takes as long as reading them.
bool IsMnist(const MnistFiles& files);

struct Mnist {
  ImageDataset train;
  ImageDataset test;
};

// What ReadMnist reads, as data sets. Throws as ImageDataset does if the
// options are wrong.
absl::StatusOr<Mnist> LoadMnist(const std::string& directory,
                                const ImageOptions& options = {});

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_MNIST_H_
