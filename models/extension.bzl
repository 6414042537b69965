"""discover.bzl for MODULE.bazel; Debian's Bazel 4.2.3 never loads this file."""

load(":discover.bzl", "found_models")

def _models(_):
    found_models(name = "found_models")

models = module_extension(implementation = _models)
