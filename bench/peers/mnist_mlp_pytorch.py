"""The recipe of //models/mnist_mlp in PyTorch, to be timed beside it.

    time python3 bench/peers/mnist_mlp_pytorch.py models/data/mnist --seed=1

784-128-64-10, relu, softmax cross entropy, SGD with momentum 0.9, batches of
128, ten epochs, learning rate 0.1 falling to 0 by a cosine. Needs PyTorch and
NumPy; on Debian python3-torch and, for it to be fast, libopenblas0.
"""

import argparse
import gzip
import math
import os
import time

START = time.time()

import numpy  # noqa: E402  The imports are part of what a user waits for.
import torch  # noqa: E402


def read(directory, name, offset):
    with gzip.open(os.path.join(directory, name + ".gz")) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)


def images(directory, name):
    pixels = read(directory, name, 16).reshape(-1, 784)
    return torch.from_numpy(pixels / numpy.float32(255))


def labels(directory, name):
    return torch.from_numpy(read(directory, name, 8).astype(numpy.int64))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    flags = parser.parse_args()
    torch.manual_seed(flags.seed)
    if flags.threads:
        torch.set_num_threads(flags.threads)

    x = images(flags.data_dir, "train-images-idx3-ubyte")
    y = labels(flags.data_dir, "train-labels-idx1-ubyte")
    test_x = images(flags.data_dir, "t10k-images-idx3-ubyte")
    test_y = labels(flags.data_dir, "t10k-labels-idx1-ubyte")
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(),
        torch.nn.Linear(128, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 10))
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    batches = math.ceil(len(x) / 128)
    steps = 0
    for epoch in range(flags.epochs):
        order = torch.randperm(len(x))
        for begin in range(0, len(x), 128):
            rows = order[begin:begin + 128]
            progress = steps / (flags.epochs * batches)
            sgd.param_groups[0]["lr"] = 0.1 * (1 + math.cos(math.pi * progress)) / 2
            steps += 1
            sgd.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            sgd.step()
        with torch.no_grad():
            right = (model(test_x).argmax(1) == test_y).float().mean().item()
        print(f"epoch {epoch + 1}  test accuracy {100 * right:.2f} %  "
              f"{time.time() - START:.2f} s", flush=True)


main()
