// Trains a convolutional network on MNIST or on a set in its format.

#include <string>

#include "absl/flags/flag.h"
#include "framework/adjoint.h"
#include "framework/train/train_main.h"
#include "models/mnist_lenet/lenet.h"

ABSL_FLAG(std::string, variant, "classic",
          "One of classic (LeNet-5) and modern (3x3 convolutions, batch norm "
          "and dropout)");
ABSL_FLAG(bool, augment, false,
          "Whether the training images are shifted, turned, scaled and bent a "
          "little, anew in every epoch");

namespace ad = adjoint;

namespace {

absl::Status Configure(const ad::train::CommandLine&,
                       ad::train::Program& program) {
  using ad::models::LenetVariant;
  const std::string name = absl::GetFlag(FLAGS_variant);
  absl::Status status =
      ad::train::CheckChoice("variant", name, {"classic", "modern"});
  if (!status.ok()) return status;
  const ad::models::LenetOptions lenet = {
      .variant =
          name == "modern" ? LenetVariant::kModern : LenetVariant::kClassic,
      .augment = absl::GetFlag(FLAGS_augment)};
  program.recipe = ad::models::LenetRecipe(lenet.variant);
  program.make = [lenet](const ad::train::TaskOptions& options) {
    return ad::models::MakeMnistLenet(lenet, options);
  };
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return ad::train::TrainMain(argc, argv, Configure);
}
