// The main of models without flags of their own.
#include "framework/train/train_main.h"

int main(int argc, char** argv) {
  return adjoint::train::TrainMain(argc, argv);
}
