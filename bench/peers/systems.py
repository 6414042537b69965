"""What compare.py measures: the cases, and the systems that do them."""

import collections
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.path.join(ROOT, "models", "data", "mnist")
ADJOINT = "Adjoint"

# `steps` are those of a block, of which a process times nine.
Case = collections.namedtuple("Case", "name batch threads steps")
STEPS = [Case("mlp", batch, threads, steps)
         for threads in (1, 2)
         for batch, steps in ((1, 1000), (32, 300), (128, 100), (512, 30))]
STEPS += [Case("lenet", 64, 1, 10), Case("cnn", 64, 1, 1)]
ARTICLE, TO_97 = "article, one epoch", "97 % from the start"
LONG = [Case(ARTICLE, 1, 1, 0), Case(TO_97, 128, 1, 0), Case(TO_97, 128, 2, 0)]

# The library behind numpy's products, which on Debian is also PyTorch's; only
# OpenBLAS tells more of itself than its path.
BLAS = r"""
import ctypes, numpy
with open("/proc/self/maps") as maps:
    paths = {line.split()[-1] for line in maps if "blas" in line.split("/")[-1]}
path = max(paths)
try:
    config = ctypes.CDLL(path).openblas_get_config
    config.restype = ctypes.c_char_p
    print(config().decode())
except AttributeError:
    print(path)
"""


def title(case):
    return (case.name + (f", batch {case.batch}" if case in STEPS else "")
            + (f", {case.threads} threads" if case.threads > 1 else ""))


def output_of(command, quiet=True):
    """What `command` prints, or None if it fails."""
    try:
        return subprocess.run(
            command, check=True, text=True, cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


class System:
    """How one system is called, case by case."""

    def __init__(self, name, step, models, article=None, to_97=None):
        self.name = name
        self._step, self._models = step, models
        self._article, self._to_97 = article, to_97

    def command(self, case):
        """The words that measure `case`, or None if it is not done here."""
        if case.name == ARTICLE:
            return self._article
        if case.name == TO_97:
            return self._to_97 and [*self._to_97, f"--threads={case.threads}"]
        model = self._models.get(case.name)
        return model and [*self._step, model, str(case.batch),
                          str(case.threads), str(case.steps)]


def build_adjoint(*targets):
    """The folder bazel-bin, with these of our programs in it."""
    bazel = os.path.join(ROOT, "bazelw")
    if output_of([bazel, "build", *targets], quiet=False) is None:
        sys.exit("the build failed")
    return output_of([bazel, "info", "bazel-bin"])


def build_libtorch(folder):
    """The path of step_libtorch, or None without libtorch's headers."""
    binary = os.path.join(folder, "step_libtorch")
    built = output_of(
        [os.environ.get("CXX", "c++"), "-O2", "-std=c++17",
         os.path.join(HERE, "step_libtorch.cc"), "-o", binary,
         "-I/usr/include/torch/csrc/api/include", "-ltorch", "-ltorch_cpu",
         "-lc10"])
    return None if built is None else binary


def find_python(module):
    """A Python that has `module`, and the module's version."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        version = output_of(
            [python, "-c", f"import {module}; print({module}.__version__)"])
        if version:
            return python, version
    return None, None


def find_systems(bazel_bin, folder):
    """All that can be measured here, ours first, and their versions. Programs
    are built in `folder`, which has to stay."""
    everything = {name: name for name in ("mlp", "lenet", "cnn")}
    mnist = [os.path.join(bazel_bin, "models", "mnist_mlp", "mnist_mlp"),
             f"--data_dir={DATA}"]
    systems = [System(ADJOINT, [os.path.join(bazel_bin, "bench", "step")],
                      everything,
                      mnist + [f"--run_dir={folder}/article",
                               "--preset=article", "--epochs=1", "--threads=1"],
                      mnist + [f"--run_dir={folder}/to_97"])]
    versions = {ADJOINT: output_of(["git", "describe", "--always", "--dirty"])}

    def script(name):
        return os.path.join(HERE, name)

    article = script("mnist_article.py")
    python, versions["PyTorch"] = find_python("torch")
    if python:
        systems.append(System(
            "PyTorch", [python, script("step_pytorch.py")], everything,
            [python, article, "pytorch", DATA],
            [python, script("mnist_mlp_pytorch.py"), DATA]))
    libtorch = build_libtorch(folder)
    if libtorch:
        versions["libtorch"] = output_of([libtorch, "--version"])
        systems.append(System("libtorch", [libtorch], everything))
    python, versions["NumPy"] = find_python("numpy")
    if python:
        versions["BLAS"] = output_of([python, "-c", BLAS])
        step = [python, script("step_numpy.py")]
        systems.append(System("NumPy", step, {"mlp": "mlp"},
                              [python, article, "numpy", DATA]))
        systems.append(System("products alone", step, {"mlp": "products"}))
    found = {system.name for system in systems}
    for name in ("PyTorch", "libtorch", "NumPy"):
        if name not in found:
            print(f"{name} is not installed here, so it is left out",
                  file=sys.stderr)
    return systems, {name: v for name, v in versions.items() if v}
