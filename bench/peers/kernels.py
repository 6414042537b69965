"""Times our kernels beside PyTorch's, one thread each.

    python3 bench/peers/kernels.py
    python3 bench/peers/kernels.py --only='pool|norm' --kib=4096 --dtype=f64

The cases are those of //bench:kernels, on as many elements. Of each the two are
measured in turns; the ratio PyTorch / Adjoint is that of their fastest, above 1
where Adjoint is faster, and those where it is slowest come first. Both allocate
what they return. Left out are what PyTorch returns in another dtype (one_hot,
cast_index) or does in several calls (embedding_backward, lstm, all_finite,
global_norm), and the optimizers.

Needs PyTorch; on Debian: apt-get install python3-torch
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

from systems import build_adjoint

IMAGE = (16, 28, 28)
STRIDED = {"kernel_size": 3, "stride": 2, "padding": 1}
CENTERED = {"kernel_size": 3, "stride": 1, "padding": 1}


def unary(fn, low=-1.0, high=1.0):
    def make(count, dtype):
        x = torch.empty(count // 2, dtype=dtype).uniform_(low, high)
        return lambda: fn(x)
    return make


def binary(fn):
    def make(count, dtype):
        a = torch.empty(count // 3, dtype=dtype).uniform_(-1, 1)
        b = torch.empty(count // 3, dtype=dtype).uniform_(0.5, 1)
        return lambda: fn(a, b)
    return make


def matrix(width, parts, count, dtype):
    n = count // parts
    if not width:  # As square as a power of two allows.
        width = 2 ** math.ceil(math.log2(n) / 2)
    return torch.empty(max(1, n // width), width, dtype=dtype).uniform_(-4, 4)


def rows(width, parts, fn, seen_as=None):
    def make(count, dtype):
        x = matrix(width, parts, count, dtype)
        if seen_as:
            x = x.view(-1, *seen_as)
        return lambda: fn(x)
    return make


def backward(row, parts, fn):
    def make(count, dtype):
        n = max(1, count // parts // math.prod(row))
        x = torch.empty(n, *row, dtype=dtype).uniform_(-4, 4)
        y = fn(x.requires_grad_())
        dy = torch.empty_like(y).uniform_(-1, 1)
        return lambda: torch.autograd.grad(y, x, dy, retain_graph=True)
    return make


def losses(x):
    return F.cross_entropy(x, labels(len(x)), reduction="none")


LABELS = {}


def labels(n):
    if n not in LABELS:
        LABELS[n] = torch.randint(10, (n,))
    return LABELS[n]


def batch_norm(side):
    def make(count, dtype):
        n = max(2, count // 2 // (16 * side * side))
        x = torch.empty(n, 16, side, side, dtype=dtype).uniform_(-1, 1)
        w = torch.ones(16, dtype=dtype)
        return lambda: F.batch_norm(x, None, None, w, w, training=True)
    return make


def batch_normed(x):
    w = torch.ones(x.shape[1], dtype=x.dtype)
    return F.batch_norm(x, None, None, w, w, training=True)


def layer_normed(x):
    w = torch.ones(x.shape[1], dtype=x.dtype)
    return F.layer_norm(x, x.shape[1:], w, w)


def batch_norm_given(side):
    def make(count, dtype):
        n = max(2, count // 2 // (16 * side * side))
        x = torch.empty(n, 16, side, side, dtype=dtype).uniform_(-1, 1)
        w = torch.empty(16, dtype=dtype).uniform_(0.5, 1)
        return lambda: F.batch_norm(x, w, w, w, w)
    return make


def random(fill):
    return lambda count, dtype: lambda: fill(torch.empty(count, dtype=dtype))


def cast(count, dtype):
    x = torch.empty(count // 2, dtype=dtype).uniform_(-1, 1)
    other = torch.float64 if dtype == torch.float32 else torch.float32
    return lambda: x.to(other)


def where(count, dtype):
    # Ours is told by 0 and 1 of four bytes, PyTorch by one.
    size = torch.empty(0, dtype=dtype).element_size()
    n = count * size // (4 + 3 * size)
    condition = torch.randint(2, (n,)).bool()
    a = torch.empty(n, dtype=dtype).uniform_(-1, 1)
    b = -a
    return lambda: torch.where(condition, a, b)


def embedding(count, dtype):
    table = torch.empty(64, 64, dtype=dtype).uniform_(-1, 1)
    index = torch.randint(64, (count // 2 // 64,))
    return lambda: F.embedding(index, table)


CASES = {
    "add": binary(torch.add),
    "div": binary(torch.div),
    "maximum": binary(torch.maximum),
    "add_scalar": unary(lambda x: x + 1),
    "add_bias/64": rows(64, 2, lambda x: x + x.view(-1)[:64]),
    "mul_rows/64": rows(64, 2, lambda x: x * x[:, :1]),
    "add_bias/112": rows(112, 2, lambda x: x + x.view(-1)[:112]),
    "mul_rows/112": rows(112, 2, lambda x: x * x[:, :1]),
    "clamp": unary(lambda x: x.clamp(-1, 1)),
    "abs": unary(torch.abs),
    "sign": unary(torch.sign),
    "relu": unary(torch.relu),
    "leaky_relu": unary(lambda x: F.leaky_relu(x, 0.1)),
    "sqrt": unary(torch.sqrt, 0),
    "exp": unary(torch.exp),
    "log": unary(torch.log, 0.1),
    "tanh": unary(torch.tanh),
    "sigmoid": unary(torch.sigmoid),
    "softplus": unary(F.softplus),
    "gelu": unary(F.gelu),
    "silu": unary(F.silu),
    "sin": unary(torch.sin),
    "pow/2": rows(1, 2, lambda x: x ** 2),
    "pow/3": rows(1, 2, lambda x: x ** 3),
    "pow/0.5": rows(1, 2, lambda x: x ** 0.5),
    "pow/-0.5": rows(1, 2, lambda x: x ** -0.5),
    "pow/2.5": rows(1, 2, lambda x: x ** 2.5),
    "relu_backward": backward((), 3, torch.relu),
    "gelu_backward": backward((), 3, F.gelu),
    "silu_backward": backward((), 3, F.silu),
    "tanh_backward": backward((), 3, torch.tanh),
    "sum": rows(0, 1, torch.sum),
    "sum/rows": rows(0, 1, lambda x: x.sum(1)),
    "sum/rows_of_10": rows(10, 1, lambda x: x.sum(1)),
    "sum/columns": rows(0, 1, lambda x: x.sum(0)),
    "sum/columns_of_10": rows(10, 1, lambda x: x.sum(0)),
    "sum/columns_of_64": rows(64, 1, lambda x: x.sum(0)),
    "sum/channels_of_7x7": rows(784, 1, lambda x: x.sum((0, 2, 3)),
                                (16, 7, 7)),
    "sum/channels_of_14x14": rows(784, 1, lambda x: x.sum((0, 2, 3)),
                                  (4, 14, 14)),
    "max": rows(0, 1, torch.max),
    "max/rows_of_10": rows(10, 1, lambda x: x.amax(1)),
    "max/rows_of_64": rows(64, 1, lambda x: x.amax(1)),
    "max/columns": rows(0, 1, lambda x: x.amax(0)),
    "max/columns_of_10": rows(10, 1, lambda x: x.amax(0)),
    "softmax/rows": rows(0, 2, lambda x: x.softmax(-1)),
    "softmax/rows_of_10": rows(10, 2, lambda x: x.softmax(-1)),
    "softmax/columns": rows(0, 2, lambda x: x.softmax(0)),
    "log_softmax/rows": rows(0, 2, lambda x: x.log_softmax(-1)),
    "log_softmax/rows_of_10": rows(10, 2, lambda x: x.log_softmax(-1)),
    "cross_entropy/10": rows(10, 1, losses),
    "cross_entropy/64": rows(64, 1, losses),
    "cross_entropy/1000": rows(1000, 1, losses),
    "cross_entropy_backward/10": backward((10,), 2, losses),
    "cross_entropy_backward/64": backward((64,), 2, losses),
    "cross_entropy_backward/1000": backward((1000,), 2, losses),
    "batch_norm/7x7": batch_norm(7),
    "batch_norm/14x14": batch_norm(14),
    "batch_norm/28x28": batch_norm(28),
    "batch_norm_backward/1x1": backward((64,), 3, batch_normed),
    "batch_norm_backward/7x7": backward((16, 7, 7), 3, batch_normed),
    "batch_norm_backward/14x14": backward((16, 14, 14), 3, batch_normed),
    "layer_norm/64": rows(64, 2, layer_normed),
    "layer_norm/rows": rows(0, 2, layer_normed),
    "layer_norm_backward/16": backward((16,), 3, layer_normed),
    "layer_norm_backward/64": backward((64,), 3, layer_normed),
    "layer_norm_backward/256": backward((256,), 3, layer_normed),
    "transpose": rows(0, 2, lambda x: x.t().contiguous()),
    "transpose/rows_of_10": rows(10, 2, lambda x: x.t().contiguous()),
    "transpose/0213": rows(256, 2,
                           lambda x: x.permute(0, 2, 1, 3).contiguous(),
                           (4, 4, 16)),
    "transpose/0231": rows(256, 2,
                           lambda x: x.permute(0, 2, 3, 1).contiguous(),
                           (16, 4, 4)),
    "transpose/102": rows(256, 2, lambda x: x.permute(1, 0, 2).contiguous(),
                          (16, 16)),
    "concat/columns_of_64": rows(64, 3, lambda x: torch.cat((x, x), 1)),
    "slice/columns_of_64": rows(64, 1, lambda x: x[:, 8:40].contiguous()),
    "pad/columns_of_64": rows(64, 2, lambda x: F.pad(x, (2, 2))),
    "max_pool/2x2": rows(math.prod(IMAGE), 1, lambda x: F.max_pool2d(x, 2),
                         IMAGE),
    "max_pool/3x3_by_2": rows(math.prod(IMAGE), 1,
                              lambda x: F.max_pool2d(x, **STRIDED), IMAGE),
    "avg_pool/2x2": rows(math.prod(IMAGE), 1, lambda x: F.avg_pool2d(x, 2),
                         IMAGE),
    "avg_pool/3x3_by_2": rows(math.prod(IMAGE), 1,
                              lambda x: F.avg_pool2d(x, **STRIDED), IMAGE),
    "avg_pool/3x3": rows(math.prod(IMAGE), 1,
                         lambda x: F.avg_pool2d(x, **CENTERED), IMAGE),
    "max_pool_backward/2x2": backward(IMAGE, 2, lambda x: F.max_pool2d(x, 2)),
    "max_pool_backward/3x3_by_2": backward(
        IMAGE, 2, lambda x: F.max_pool2d(x, **STRIDED)),
    "max_pool_backward/3x3": backward(
        IMAGE, 2, lambda x: F.max_pool2d(x, **CENTERED)),
    "max_pool_backward/3x3_by_3": backward(
        IMAGE, 2, lambda x: F.max_pool2d(x, 3)),
    "avg_pool_backward/2x2": backward(IMAGE, 2, lambda x: F.avg_pool2d(x, 2)),
    "avg_pool_backward/3x3_by_2": backward(
        IMAGE, 2, lambda x: F.avg_pool2d(x, **STRIDED)),
    "embedding/64": embedding,
    "where": where,
    "cast": cast,
    "batch_norm/1x1": batch_norm(1),
    "batch_norm_given/7x7": batch_norm_given(7),
    "batch_norm_given/28x28": batch_norm_given(28),
    "batch_norm_given/1x1": batch_norm_given(1),
    "uniform": random(lambda x: x.uniform_(-1, 1)),
    "normal": random(lambda x: x.normal_()),
    "bernoulli": random(lambda x: x.bernoulli_(0.5)),
    "dropout": unary(F.dropout),
}


# Both are timed over stretches of this length, of which the fastest counts.
STRETCH = 0.01
STRETCHES = 5


def pytorch_seconds(run):
    run()
    start = time.perf_counter()
    run()
    repeats = math.ceil(STRETCH / (time.perf_counter() - start))
    best = math.inf
    for _ in range(STRETCHES):
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        best = min(best, (time.perf_counter() - start) / repeats)
    return best


def adjoint_seconds(program, name, dtype, kib):
    case = f"{name}/{dtype}/{kib}KiB".replace(".", "[.]")
    output = subprocess.run(
        [program, "--benchmark_format=json", f"--benchmark_filter=^{case}$",
         f"--benchmark_min_time={STRETCH}",
         f"--benchmark_repetitions={STRETCHES}"],
        check=True, capture_output=True, text=True).stdout
    return min(1e-9 * run["real_time"]
               for run in json.loads(output)["benchmarks"]
               if run["run_type"] == "iteration")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="a regular expression")
    parser.add_argument("--kib", type=int, default=4096,
                        choices=(16, 256, 4096), help="what a case moves")
    parser.add_argument("--dtype", default="f32", choices=("f32", "f64"))
    args = parser.parse_args()
    program = os.path.join(build_adjoint("//bench:kernels"), "bench/kernels")
    torch.set_num_threads(1)
    dtype, size = {"f32": (torch.float32, 4),
                   "f64": (torch.float64, 8)}[args.dtype]
    lines = []  # (ratio, name, our seconds, PyTorch's)
    for name, make in CASES.items():
        if not re.search(args.only, name):
            continue
        run = make(args.kib * 1024 // size, dtype)
        peer, ours = math.inf, math.inf
        for _ in range(args.rounds):
            peer = min(peer, pytorch_seconds(run))
            ours = min(ours, adjoint_seconds(program, name, args.dtype,
                                             args.kib))
        lines.append((peer / ours, name, ours, peer))
        print(f"{name}: {peer / ours:.2f}", file=sys.stderr)
    if not lines:
        sys.exit(f"no case has {args.only!r} in its name")
    print("| PyTorch / Adjoint | | Adjoint, us | PyTorch, us |\n"
          "| --- | --- | --- | --- |")
    for ratio, name, ours, peer in sorted(lines):
        print(f"| {ratio:.2f} | {name} | {1e6 * ours:.3g} | {1e6 * peer:.3g} |")
    mean = math.exp(math.fsum(math.log(line[0]) for line in lines) / len(lines))
    print(f"\nGeometric mean of {len(lines)} ratios: {mean:.2f}")


if __name__ == "__main__":
    main()
