#include "absl/strings/match.h"
#include "framework/data/cifar10.h"
#include "tests/data/idx_bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {

bool Fuzz(absl::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  const absl::StatusOr<data::LabeledImages> images =
      Within(size + 3 * BytesHeld(bytes) + (128 << 10),
             [&] { return data::ParseCifar10(bytes, kPath); });
  if (!images.ok()) {
    RequirePlace(images.status());
    return false;
  }
  std::string file;
  for (int64_t i = 0; i < images->count; ++i) {
    const auto image = images->pixels.begin() + i * 3072;
    file.push_back(static_cast<char>(images->labels[i]));
    file.append(image, image + 3072);
  }
  if (absl::StartsWith(bytes, "\x1f\x8b")) {
    Require(data::ParseCifar10(file, kPath)->pixels == images->pixels,
            "what was inflated is read as a plain file");
  } else {
    Require(file == bytes, "what is read is what is there");
  }
  // Its own checks agree.
  data::ImageDataset set(*images);
  Require(set.size() == images->count, "every image is in the data set");
  return true;
}

std::vector<std::string> Seeds() {
  const std::string one = "\x03" + std::string(3072, 'p');
  const std::string two = one + '\0' + std::string(3072, '\xff');
  return {one, two, data::Gzip(one), data::Gzip(two)};
}

}  // namespace adjoint::fuzz
