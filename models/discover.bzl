"""Finds the folders of models, so that a new one touches no other file."""

def _found_models(ctx):
    folder = ctx.path(Label("//models:BUILD.bazel")).dirname
    names = [
        path.basename
        for path in folder.readdir()
        if path.basename != "data" and path.get_child("BUILD.bazel").exists
    ]
    ctx.file("BUILD.bazel")
    ctx.file("models.bzl", "MODELS = %r\n" % sorted(names))

# @found_models//:models.bzl has the list MODELS. Bazel 7 and later look again
# when a folder appears. Bazel 4.2.3 does so when it is started anew or when
# $ADJOINT_MODELS, which ./bazelw sets to the folders that there are, changes.
found_models = repository_rule(
    implementation = _found_models,
    configure = True,
    environ = ["ADJOINT_MODELS"],
    local = True,
)
