"""The recipe of //models/mnist_vae in PyTorch, to be compared with it.

    time python3 bench/peers/mnist_vae_pytorch.py models/data/mnist --seed=1

784-400-20-400-784, relu, binary cross entropy of the pixels plus the
Kullback-Leibler divergence in closed form, Adam, batches of 128, ten epochs,
learning rate 0.001 falling to 0 by a cosine. The test ELBO is estimated with
one draw an image. Needs PyTorch and NumPy; on Debian python3-torch and, for it
to be fast, libopenblas0.
"""

import argparse
import gzip
import math
import os
import time

START = time.time()

import numpy  # noqa: E402  The imports are part of what a user waits for.
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402


def images(directory, name):
    with gzip.open(os.path.join(directory, name + ".gz")) as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    return torch.from_numpy(pixels.reshape(-1, 784) / numpy.float32(255))


class Vae(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(784, 400)
        self.mean = torch.nn.Linear(400, 20)
        self.log_variance = torch.nn.Linear(400, 20)
        self.decoder = torch.nn.Linear(20, 400)
        self.pixels = torch.nn.Linear(400, 784)

    def terms(self, x):
        """Reconstruction and divergence in nats an image."""
        h = torch.relu(self.encoder(x))
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        logits = self.pixels(torch.relu(self.decoder(z)))
        reconstruction = functional.binary_cross_entropy_with_logits(
            logits, x, reduction="sum") / len(x)
        kl = (mean**2 + log_variance.exp() - log_variance - 1).sum() / 2
        return reconstruction, kl / len(x)


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
    test_x = images(flags.data_dir, "t10k-images-idx3-ubyte")
    vae = Vae()
    adam = torch.optim.Adam(vae.parameters(), lr=0.001)
    batches = math.ceil(len(x) / 128)
    steps = 0
    for epoch in range(flags.epochs):
        order = torch.randperm(len(x))
        for begin in range(0, len(x), 128):
            progress = steps / (flags.epochs * batches)
            adam.param_groups[0]["lr"] = (
                0.001 * (1 + math.cos(math.pi * progress)) / 2)
            steps += 1
            adam.zero_grad()
            reconstruction, kl = vae.terms(x[order[begin:begin + 128]])
            (reconstruction + kl).backward()
            adam.step()
        with torch.no_grad():
            reconstruction, kl = (term.item() for term in vae.terms(test_x))
        print(f"epoch {epoch + 1}  test elbo {-reconstruction - kl:.2f} nats  "
              f"reconstruction {reconstruction:.2f}  kl {kl:.2f}  "
              f"{time.time() - START:.2f} s", flush=True)


main()
