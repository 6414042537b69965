"""Times training here and in PyTorch, libtorch and NumPy, side by side.

    python3 bench/peers/compare.py --json=peers.json --svg=peers.svg
    python3 bench/peers/compare.py --rounds=1 --only=lenet
    python3 bench/peers/compare.py --long

Each measurement is a process of its own. A round measures every case once in
each system, one directly after the other; on a machine whose speed varies, the
ratios within a round vary least. Steps of one thread keep to one processor, the
same for all systems, and to another in the next round: neighbours that share
their caches make processors of one machine differ by a tenth and more. What is
shown are medians over the rounds: of the times, and of the ratios peer /
Adjoint, which are above 1 where Adjoint is faster. "products alone" are the
matrix products of the step in NumPy's BLAS, and nothing else. --long adds what
takes minutes: an epoch of single images, and the time from the start of the
process to 97 % of the test set.

Needs nothing but Python; a peer that is not installed is left out. On Debian:
apt-get install python3-torch libtorch-dev libopenblas0
"""

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import ratio_plot
from systems import (ADJOINT, ARTICLE, LONG, ROOT, STEPS, TO_97, build_adjoint,
                     find_systems, title)


def measure(case, command):
    """A dictionary with `seconds`, and what else the process tells."""
    threads = str(case.threads)
    environment = os.environ | {"OMP_NUM_THREADS": threads,
                                "OPENBLAS_NUM_THREADS": threads}
    for word in command:  # A run has a folder of its own.
        if word.startswith("--run_dir="):
            shutil.rmtree(word.removeprefix("--run_dir="), ignore_errors=True)
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if case.name == TO_97:
                found = re.search(r"test (?:accuracy )?([\d.]+) %", line)
                if found and float(found.group(1)) >= 97:
                    seconds = time.perf_counter() - start
                    process.terminate()
                    return {"seconds": seconds, "line": line.strip()}
            elif case.name == ARTICLE:
                found = re.search(r"Time Spent: ([\d.]+)s", line)
                if found:
                    return {"seconds": float(found.group(1)),
                            "line": line.strip()}
            elif line.startswith("{"):
                result = json.loads(line)
                return {"seconds": 1e-6 * result["median_us"], **result}
    sys.exit(f"{shlex.join(command)} gave no result:\n{''.join(lines)}")


def check_same(case, results):
    """Ends the program unless all have trained the same network, and well."""
    sizes = {r["parameters"] for r in results.values() if "parameters" in r}
    if len(sizes) > 1:
        sys.exit(f"{title(case)}: the networks differ: {results}")
    for name, result in results.items():
        # A uniform guess has the loss log(10) = 2.3; NaN is in no range.
        if not 0 <= result.get("loss", 0) < 3:
            sys.exit(f"{title(case)}: {name} has diverged: {result}")


def available_processors():
    if hasattr(os, "sched_getaffinity"):  # On Linux.
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count()))


def keep_to(processors):
    """Ties this process, and those that it starts, to these processors."""
    if hasattr(os, "sched_setaffinity"):  # On Linux.
        os.sched_setaffinity(0, processors)


def run_rounds(cases, systems, rounds):
    """For each case the list of its rounds: {system: result}."""
    table = {case: [] for case in cases}
    processors = available_processors()
    for r in range(rounds):
        # Each begins in turn: none is always first behind the same one.
        first = r % len(systems)
        order = systems[first:] + systems[:first]
        for case in cases:
            print(f"round {r + 1}/{rounds}: {title(case)}", file=sys.stderr)
            if case in STEPS and case.threads == 1:
                keep_to({sorted(processors)[r % len(processors)]})
            results = {system.name: measure(case, system.command(case))
                       for system in order if system.command(case)}
            keep_to(processors)
            check_same(case, results)
            table[case].append(results)
    return table


def summarize(rounds):
    """{system: {seconds, ratio, lowest_ratio, highest_ratio}}."""
    summary = {}
    for name in rounds[0]:
        seconds = [r[name]["seconds"] for r in rounds]
        ratios = [r[name]["seconds"] / r[ADJOINT]["seconds"] for r in rounds]
        summary[name] = {"seconds": statistics.median(seconds),
                         "ratio": statistics.median(ratios),
                         "lowest_ratio": min(ratios),
                         "highest_ratio": max(ratios)}
    return summary


def human(seconds):
    unit, scale = next(((unit, scale) for unit, scale
                        in (("s", 1), ("ms", 1e-3)) if seconds >= scale),
                       ("us", 1e-6))
    return f"{seconds / scale:#.3g}".rstrip(".") + f" {unit}"


def markdown(summaries, names):
    lines = ["| | " + " | ".join(names) + " |",
             "| --- |" + " --- |" * len(names)]
    for case, summary in summaries.items():
        cells = []
        for name in names:
            cell = summary.get(name)
            text = human(cell["seconds"]) if cell else ""
            if cell and name != ADJOINT:
                text += f" ({cell['ratio']:.2f})"
            cells.append(text)
        lines.append(f"| {title(case)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        info = file.read()
    model = re.search(r"model name\s*: (.*)", info)
    return {"cpu": model.group(1) if model else platform.processor(),
            "avx512": "avx512f" in info, "processors": os.cpu_count(),
            "system": platform.platform(), "load_before": os.getloadavg()[0]}


def headline(report):
    """Where and of what the figures are."""
    m = report["machine"]
    return (f"{report['date']}, {m['cpu']}"
            f"{' with AVX-512' if m['avx512'] else ''}, "
            f"{m['processors']} processors, load {m['load_before']:.1f} before "
            f"and {m['load_after']:.1f} after, rounds: {report['rounds']}; "
            + ", ".join(f"{k} {v}" for k, v in report["versions"].items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="cases whose title has this")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--bazel_bin", help="where our programs are built")
    parser.add_argument("--json", help="write all that was measured")
    parser.add_argument("--svg", help="draw the ratios")
    flags = parser.parse_args()
    # What is set for OpenBLAS could tie it to another processor's kernels.
    for name in [name for name in os.environ if name.startswith("OPENBLAS_")]:
        del os.environ[name]
    cases = [case for case in STEPS + (LONG if flags.long else [])
             if flags.only in title(case) and case.threads <= os.cpu_count()]

    with tempfile.TemporaryDirectory() as folder:
        bazel_bin = (flags.bazel_bin
                     or build_adjoint("//bench:step", "//models/mnist_mlp"))
        systems, versions = find_systems(bazel_bin, folder)
        report = {"date": datetime.datetime.now().isoformat(timespec="seconds"),
                  "machine": machine(), "versions": versions,
                  "rounds": flags.rounds}
        if report["machine"]["load_before"] > 0.5:
            print("this machine is busy: what needs all of its processors will "
                  "be slow by far more than its share", file=sys.stderr)
        table = run_rounds(cases, systems, flags.rounds)
        report["machine"]["load_after"] = os.getloadavg()[0]

    summaries = {case: summarize(rounds) for case, rounds in table.items()}
    print(headline(report) + "\n")
    print(markdown(summaries, [system.name for system in systems]))
    if flags.json:
        report["cases"] = [
            {"title": title(case), **case._asdict(), "summary": summaries[case],
             "commands": {s.name: shlex.join(s.command(case)) for s in systems
                          if s.command(case)},
             "measured": rounds} for case, rounds in table.items()]
        with open(flags.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
    if flags.svg:
        ratios = {title(case): {name: cell["ratio"]
                                for name, cell in summary.items()
                                if name != ADJOINT}
                  for case, summary in summaries.items()}
        with open(flags.svg, "w", encoding="utf-8") as file:
            file.write(ratio_plot.draw(ratios))


main()
