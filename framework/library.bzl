"""Libraries whose sources are compiled together.

A source of some hundred lines takes most of its time for the headers that it
includes. Sources that are compiled together, one after the other in one file,
read those headers once (docs/decisions.md has what that spares). In return, a
name in an anonymous namespace must be the only one of its library, and who
changes one source compiles its neighbours as well; `--define=apart=yes`
compiles each by itself.
"""

load("@rules_cc//cc:cc_library.bzl", "cc_library")

def _together_impl(ctx):
    lines = ["#include \"%s\"\n" % source.path for source in ctx.files.srcs]
    ctx.actions.write(ctx.outputs.out, "".join(lines))

_together = rule(
    implementation = _together_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".cc"]),
        "out": attr.output(),
    },
)

def together_library(name, srcs, parts = 1, alone = [], textual_hdrs = [], **kwargs):
    """A cc_library.

    Args:
      name: as of a cc_library.
      srcs: sources that are compiled together.
      parts: how many files they are compiled in, at once if there are
        processors. A part had better take no longer than some twenty seconds.
      alone: sources that have to be compiled each by itself.
      textual_hdrs: as of a cc_library.
      **kwargs: what a cc_library takes besides.
    """
    files = []
    for i in range(parts):
        files.append("%s_part_%d.cc" % (name, i))
        _together(
            name = "%s_part_%d" % (name, i),
            srcs = srcs[i::parts],
            out = files[-1],
        )
    cc_library(
        name = name,
        srcs = select({
            "//framework:apart": srcs,
            "//conditions:default": files,
        }) + alone,
        textual_hdrs = textual_hdrs + srcs,
        # g++ takes what is included for a header, whose types in anonymous
        # namespaces would be others in each file.
        copts = ["-Wno-subobject-linkage"],
        **kwargs
    )
