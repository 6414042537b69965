"""The time of one training step in PyTorch: //bench:step for the same words.

    python3 bench/peers/step_pytorch.py mlp|lenet|cnn BATCH THREADS STEPS
"""

import json
import sys
import time

import torch
from torch import nn

BLOCKS = 9


def make_model(name):
    if name == "mlp":
        return nn.Sequential(
            nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
            nn.Linear(64, 10))
    if name == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
            nn.Linear(84, 10))
    if name == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
            nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, 10))
    sys.exit(f"no model is called {name}")


def main():
    name, batch, threads, steps = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = make_model(name)
    mlp = name == "mlp"
    x = torch.rand(batch, 784) if mlp else torch.rand(batch, 1, 28, 28)
    y = torch.randint(10, (batch,))
    sgd = torch.optim.SGD(model.parameters(), lr=0.1 if mlp else 0.01)

    def loss():
        return nn.functional.cross_entropy(model(x), y)

    def time_block(steps):
        start = time.perf_counter()
        for _ in range(steps):
            # Cheaper than to fill the gradients with zeros, the default.
            sgd.zero_grad(set_to_none=True)
            loss().backward()
            sgd.step()
        return 1e6 * (time.perf_counter() - start) / steps

    time_block(max(steps // 4, 3))  # To warm up.
    blocks = sorted(time_block(steps) for _ in range(BLOCKS))
    print(json.dumps({
        "case": name, "batch": batch, "threads": threads, "steps": steps,
        "blocks": BLOCKS, "median_us": blocks[BLOCKS // 2],
        "min_us": blocks[0],
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": loss().item()}))


main()
