"""One epoch of `//models/mnist_mlp --preset=article` in NumPy or PyTorch.

    python3 bench/peers/mnist_article.py numpy models/data/mnist
    python3 bench/peers/mnist_article.py pytorch models/data/mnist

The network of the tutorial, 784-128-64-10 with sigmoid units, without biases,
the squared error through the softmax, one image a step, on one thread. The 85 %
for training and the rest are drawn from all 70,000 images. The time printed is
that of the epoch and its evaluation, as the model's own program prints it.
"""

import gzip
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402

WIDTHS = [784, 128, 64, 10]
RATE = 0.001


def read(directory, name, offset):
    with gzip.open(os.path.join(directory, name + "-ubyte.gz")) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


def load(directory, rng):
    """Images and one-hot targets, f32, for training and for testing."""
    sets = "train", "t10k"
    x = np.concatenate([read(directory, s + "-images-idx3", 16) for s in sets])
    y = np.concatenate([read(directory, s + "-labels-idx1", 8) for s in sets])
    order = rng.permutation(len(y))
    x = x.reshape(-1, 784)[order] / np.float32(255)
    t = np.eye(10, dtype=np.float32)[y[order]]
    train = len(y) * 85 // 100
    return x[:train], t[:train], x[train:], t[train:]


def weights(rng):
    """[out, in] each, N(0, 1 / fan_out)."""
    return [rng.normal(0, fan_out**-0.5, (fan_out, fan_in)).astype(np.float32)
            for fan_in, fan_out in zip(WIDTHS, WIDTHS[1:])]


def with_numpy(ws, x, t, test_x):
    w1, w2, w3 = ws

    def forward(x):  # One image a column, or one image alone.
        a1 = 1 / (1 + np.exp(-(w1 @ x)))
        a2 = 1 / (1 + np.exp(-(w2 @ a1)))
        e = w3 @ a2
        e = np.exp(e - e.max(axis=0))
        return a1, a2, e / e.sum(axis=0)

    for image, target in zip(x, t):
        a1, a2, p = forward(image)
        dp = np.float32(0.2) * (p - target)
        d3 = p * (dp - dp @ p)
        d2 = (d3 @ w3) * a2 * (1 - a2)
        d1 = (d2 @ w2) * a1 * (1 - a1)
        w3 -= np.float32(RATE) * np.outer(d3, a2)
        w2 -= np.float32(RATE) * np.outer(d2, a1)
        w1 -= np.float32(RATE) * np.outer(d1, image)
    return forward(test_x.T)[2].T


def with_pytorch(ws, x, t, test_x):
    import torch
    from torch import nn
    torch.set_num_threads(1)
    layers = [nn.Linear(*w.shape[::-1], bias=False) for w in ws]
    for layer, w in zip(layers, ws):
        layer.weight.data = torch.from_numpy(w)
    model = nn.Sequential(layers[0], nn.Sigmoid(), layers[1], nn.Sigmoid(),
                          layers[2], nn.Softmax(dim=1))
    sgd = torch.optim.SGD(model.parameters(), lr=RATE)
    x, t = torch.from_numpy(x), torch.from_numpy(t)
    for i in range(len(x)):
        sgd.zero_grad(set_to_none=True)
        nn.functional.mse_loss(model(x[i:i + 1]), t[i:i + 1]).backward()
        sgd.step()
    with torch.no_grad():
        return model(torch.from_numpy(test_x)).numpy()


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("numpy", "pytorch"):
        sys.exit("usage: mnist_article.py numpy|pytorch DATA_DIR")
    train = with_numpy
    if sys.argv[1] == "pytorch":
        import torch  # noqa: F401  Not to be timed.
        train = with_pytorch
    rng = np.random.default_rng(1)
    x, t, test_x, test_t = load(sys.argv[2], rng)
    ws = weights(rng)
    start = time.perf_counter()
    p = train(ws, x, t, test_x)
    right = (p.argmax(axis=1) == test_t.argmax(axis=1)).mean()
    print(f"Epoch: 1, Time Spent: {time.perf_counter() - start:.2f}s, "
          f"Accuracy: {100 * right:.2f}%")


main()
