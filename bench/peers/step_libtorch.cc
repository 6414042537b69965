// The time of one training step in libtorch, PyTorch from C++: //bench:step for
// the same words. compare.py builds it; it is no part of the Bazel build.

#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

namespace nn = torch::nn;

constexpr int kBlocks = 9;

nn::Sequential MakeModel(const std::string& name) {
  if (name == "mlp") {
    return nn::Sequential(nn::Linear(784, 128), nn::ReLU(), nn::Linear(128, 64),
                          nn::ReLU(), nn::Linear(64, 10));
  }
  if (name == "lenet") {
    return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 6, 5).padding(2)),
                          nn::ReLU(), nn::MaxPool2d(2), nn::Conv2d(6, 16, 5),
                          nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                          nn::Linear(400, 120), nn::ReLU(), nn::Linear(120, 84),
                          nn::ReLU(), nn::Linear(84, 10));
  }
  if (name == "cnn") {
    return nn::Sequential(nn::Conv2d(1, 32, 3), nn::ReLU(),
                          nn::Conv2d(32, 64, 3), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Dropout(0.25), nn::Flatten(),
                          nn::Linear(9216, 128), nn::ReLU(), nn::Dropout(0.5),
                          nn::Linear(128, 10));
  }
  std::fprintf(stderr, "no model is called %s\n", name.c_str());
  std::exit(1);
}

void Measure(const std::string& name, int64_t batch, int threads,
             int64_t steps) {
  torch::set_num_threads(threads);
  torch::manual_seed(1);
  nn::Sequential model = MakeModel(name);
  const bool mlp = name == "mlp";
  const torch::Tensor x =
      mlp ? torch::rand({batch, 784}) : torch::rand({batch, 1, 28, 28});
  const torch::Tensor y = torch::randint(10, {batch}, torch::kLong);
  std::vector<torch::Tensor> parameters = model->parameters();
  torch::optim::SGD sgd(parameters, mlp ? 0.1 : 0.01);

  const auto loss = [&] {
    return nn::functional::cross_entropy(model->forward(x), y);
  };
  const auto time_block = [&](int64_t n) {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < n; ++i) {
      // Cheaper than to fill the gradients with zeros, as zero_grad would.
      for (torch::Tensor& p : parameters) p.mutable_grad().reset();
      loss().backward();
      sgd.step();
    }
    const std::chrono::duration<double, std::micro> time =
        std::chrono::steady_clock::now() - start;
    return time.count() / static_cast<double>(n);
  };
  time_block(std::max<int64_t>(steps / 4, 3));  // To warm up.
  std::vector<double> blocks(kBlocks);
  for (double& block : blocks) block = time_block(steps);
  std::sort(blocks.begin(), blocks.end());

  int64_t elements = 0;
  for (const torch::Tensor& p : parameters) elements += p.numel();
  std::printf(
      "{\"case\": \"%s\", \"batch\": %ld, \"threads\": %d, \"steps\": %ld, "
      "\"blocks\": %d, \"median_us\": %.2f, \"min_us\": %.2f, "
      "\"parameters\": %ld, \"loss\": %g}\n",
      name.c_str(), batch, threads, steps, kBlocks, blocks[kBlocks / 2],
      blocks[0], elements, loss().item<double>());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--version") {
    std::puts(TORCH_VERSION);
    return 0;
  }
  if (argc != 5) {
    std::fputs("usage: step_libtorch mlp|lenet|cnn BATCH THREADS STEPS\n",
               stderr);
    return 2;
  }
  Measure(argv[1], std::atoll(argv[2]), std::atoi(argv[3]),
          std::atoll(argv[4]));
  return 0;
}
