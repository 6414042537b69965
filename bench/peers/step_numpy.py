"""The time of one training step in NumPy, by hand: //bench:step for the same
words. The equations are those of docs/tutorial/backprop_by_hand.md.

    python3 bench/peers/step_numpy.py mlp|products BATCH THREADS STEPS

`products` are the eight matrix products of the perceptron's step alone, into
memory that is there already: what is left of the step for whoever does all else
in no time. The threads are those of the BLAS, which takes their number from
OPENBLAS_NUM_THREADS before it is loaded.
"""

import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = sys.argv[3]

import numpy as np  # noqa: E402

BLOCKS = 9
WIDTHS = [784, 128, 64, 10]


class Mlp:
    """784-128-64-10, relu, softmax cross entropy, gradient descent."""

    def __init__(self, batch, rng):
        self.x = rng.random((batch, 784), dtype=np.float32)
        self.y = rng.integers(10, size=batch)
        self.w, self.b = [], []
        for fan_in, fan_out in zip(WIDTHS, WIDTHS[1:]):
            bound = fan_in**-0.5
            shape = fan_in + 1, fan_out
            drawn = rng.uniform(-bound, bound, shape).astype(np.float32)
            self.w.append(drawn[1:].copy())
            self.b.append(drawn[0].copy())

    def forward(self):
        """The input of each layer, and the logits behind the last."""
        a = [self.x]
        for layer, (w, b) in enumerate(zip(self.w, self.b)):
            z = a[-1] @ w
            z += b
            a.append(np.maximum(z, 0, out=z) if layer < 2 else z)
        return a

    def loss(self):
        z = self.forward()[-1]
        z = z - z.max(axis=1, keepdims=True)
        right = z[np.arange(len(z)), self.y]
        return float((np.log(np.exp(z).sum(axis=1)) - right).mean())

    def step(self):
        a = self.forward()
        delta = a.pop()
        delta -= delta.max(axis=1, keepdims=True)
        np.exp(delta, out=delta)
        delta /= delta.sum(axis=1, keepdims=True)
        delta[np.arange(len(delta)), self.y] -= 1
        delta *= np.float32(0.1 / len(delta))  # The learning rate is in it.
        for layer in reversed(range(3)):
            dw = a[layer].T @ delta
            db = delta.sum(axis=0)
            if layer > 0:
                delta = delta @ self.w[layer].T
                delta *= a[layer] > 0
            self.w[layer] -= dw
            self.b[layer] -= db

    def parameters(self):
        return sum(p.size for p in self.w + self.b)


class Products(Mlp):
    """The products of Mlp.step."""

    def __init__(self, batch, rng):
        super().__init__(batch, rng)
        self.a = [rng.random((batch, n), dtype=np.float32) for n in WIDTHS]
        self.out = [np.empty_like(a) for a in self.a]
        self.dw = [np.empty_like(w) for w in self.w]

    def step(self):
        for layer, w in enumerate(self.w):
            np.matmul(self.a[layer], w, out=self.out[layer + 1])
            np.matmul(self.a[layer].T, self.a[layer + 1], out=self.dw[layer])
            if layer > 0:
                np.matmul(self.a[layer + 1], w.T, out=self.out[layer])


def time_block(mlp, steps):
    start = time.perf_counter()
    for _ in range(steps):
        mlp.step()
    return 1e6 * (time.perf_counter() - start) / steps


def main():
    name, batch, threads, steps = sys.argv[1], *map(int, sys.argv[2:])
    kind = {"mlp": Mlp, "products": Products}[name]
    mlp = kind(batch, np.random.default_rng(1))
    time_block(mlp, max(steps // 4, 3))  # To warm up.
    blocks = sorted(time_block(mlp, steps) for _ in range(BLOCKS))
    print(json.dumps({
        "case": name, "batch": batch, "threads": threads, "steps": steps,
        "blocks": BLOCKS, "median_us": blocks[BLOCKS // 2],
        "min_us": blocks[0], "parameters": mlp.parameters(),
        "loss": mlp.loss()}))


main()
