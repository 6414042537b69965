"""The recipe of //models/char_lstm in PyTorch, to be judged beside it.

    time python3 bench/peers/char_lstm_pytorch.py models/data/words/words.txt.gz

Embedding 32, LSTM 192, Linear; lines shuffled by the seed, the last twentieth
as the test, windows of 64 characters; softmax cross entropy, Adam, gradients
clipped to norm 1, learning rate falling to 0 by a cosine. Needs PyTorch; on
Debian python3-torch and, for it to be fast, libopenblas0.
"""

import argparse
import gzip
import math
import random
import time

START = time.time()

import torch  # noqa: E402  The import is part of what a user waits for.


class CharLstm(torch.nn.Module):
    def __init__(self, characters, hidden, layers):
        super().__init__()
        self.embedding = torch.nn.Embedding(characters, 32)
        self.lstm = torch.nn.LSTM(32, hidden, layers, batch_first=True)
        self.out = torch.nn.Linear(hidden, characters)

    def forward(self, ids):
        return self.out(self.lstm(self.embedding(ids))[0])


def windows(ids, length):
    n = (len(ids) - 1) // length
    return (ids[:n * length].view(n, length),
            ids[1:n * length + 1].view(n, length))


def loss_of(model, x, y):
    return torch.nn.functional.cross_entropy(model(x).flatten(0, 1),
                                             y.flatten())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--learning_rate", type=float, default=0.004)
    parser.add_argument("--hidden", type=int, default=192)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    flags = parser.parse_args()
    torch.manual_seed(flags.seed)
    if flags.threads:
        torch.set_num_threads(flags.threads)

    with gzip.open(flags.text, "rt") as file:
        lines = file.readlines()
    random.Random(flags.seed).shuffle(lines)
    text = "".join(lines)
    number = {c: i for i, c in enumerate(sorted(set(text)))}
    ids = torch.tensor([number[c] for c in text])
    tail = round(0.05 * len(ids))
    x, y = windows(ids[:-tail], flags.length)
    test_x, test_y = windows(ids[-tail:], flags.length)

    model = CharLstm(len(number), flags.hidden, flags.layers)
    adam = torch.optim.Adam(model.parameters())
    steps = flags.epochs * math.ceil(len(x) / flags.batch_size)
    step = 0
    for epoch in range(flags.epochs):
        for rows in torch.randperm(len(x)).split(flags.batch_size):
            adam.param_groups[0]["lr"] = (
                flags.learning_rate * (1 + math.cos(math.pi * step / steps)) / 2)
            step += 1
            adam.zero_grad()
            loss_of(model, x[rows], y[rows]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
            adam.step()
        with torch.no_grad():
            bits = loss_of(model, test_x, test_y).item() / math.log(2)
        print(f"epoch {epoch + 1}  test bits/char {bits:.4f}  "
              f"{time.time() - START:.2f} s", flush=True)


main()
