"""What a model's folder holds: a library, and the program that trains it."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")

_DEPS = [
    "//framework",
    "@abseil-cpp//absl/flags:flag",
    "@abseil-cpp//absl/status",
    "@abseil-cpp//absl/status:statusor",
    "@abseil-cpp//absl/strings",
    "@abseil-cpp//absl/strings:str_format",
]

def model(name, data = [], deps = []):
    """Declares the targets of the folder models/<name>.

    Args:
      name: the folder's name, and the program's. Its sources are the folder's,
        of which main.cc is the program; a model without one has no flags of its
        own.
      data: files that it reads, such as //models/data:mnist.
      deps: libraries besides the framework and Abseil's usual ones.
    """
    mains = native.glob(["main.cc"])
    cc_library(
        name = "model",
        srcs = native.glob(
            ["*.cc"],
            exclude = ["main.cc"],
        ),
        hdrs = native.glob(["*.h"]),
        data = data,
        visibility = ["//:__subpackages__"],
        deps = _DEPS + deps,
        # Nobody calls what puts it into the list of models (train/task.h).
        alwayslink = True,
    )
    cc_binary(
        name = name,
        srcs = mains,
        visibility = ["//:__subpackages__"],
        deps = [":model"] + (_DEPS + deps if mains else ["//framework/train:main"]),
    )
    native.filegroup(
        name = "sources",
        srcs = native.glob(["*.cc", "*.h"]),
        visibility = ["//models:__pkg__"],
    )
