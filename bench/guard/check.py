"""Fails if a case of //bench:guard takes more instructions than it used to.

    python3 bench/guard/check.py            # compare with instructions.json
    python3 bench/guard/check.py --update   # write what is counted now

Times on a shared machine vary by a third; numbers of instructions do not vary.
They are counted by valgrind's callgrind, one process a case, inside GuardedRun
alone. Whoever changes a count by more than a tenth, up or down, puts the new
one into instructions.json by --update, where a reader of the change sees it.

Instructions are not time: one that misses the cache counts as one that does
not, and a copy of some kilobytes counts one a byte (rep movsb). What is guarded
is work that creeps in: a copy, an allocation, a loop that is no longer
vectorised. bench/peers/compare.py measures time.

The counts belong to a compiler and to the processor that valgrind shows the
program: one with AVX2 on every machine that has it, for valgrind 3.19 knows no
AVX-512. So what is guarded are the AVX2 paths. With any other compiler or
instruction set, or where valgrind cannot run the program at all, nothing can be
said: the check tells so and ends well.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOLERANCE = 0.10


def build():
    """The path of the guard, built."""
    bazel = os.path.join(ROOT, "bazelw")
    subprocess.run([bazel, "build", "//bench:guard"], cwd=ROOT, check=True)
    folder = subprocess.run([bazel, "info", "bazel-bin"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    return os.path.join(folder, "bench", "guard")


def count(guard, case):
    """The instructions of one case, and what they were counted on."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               "--toggle-collect=GuardedRun", guard, case]
    # The environment lies on the stack, whose alignment a copy may depend on.
    run = subprocess.run(command, env={"PATH": os.environ["PATH"]}, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found or int(found.group(1)) == 0:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    return int(found.group(1)), run.stdout.strip()


def why_not(guard):
    """Why valgrind cannot run the guard at all on this machine, or None.

    Highway's library asks for the time by rdtscp when it is loaded; where the
    machine hides this instruction, valgrind knows none.
    """
    run = subprocess.run(["valgrind", "--tool=none", guard], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode != -signal.SIGILL:
        return None
    place = re.search(r"Illegal opcode.*\n==\d+==\s*(.*)", run.stderr)
    return f"it knows not all instructions, {place.group(1) if place else ''}"


def verdict(old, new):
    if old is None:
        return "new"
    if new > old * (1 + TOLERANCE):
        return "GREW"
    return "SHRANK" if new < old * (1 - TOLERANCE) else "ok"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--guard", help="the built //bench:guard")
    parser.add_argument("--file", help="instead of instructions.json",
                        default=os.path.join(HERE, "instructions.json"))
    flags = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing; on Debian: apt-get install valgrind")
    guard = flags.guard or build()
    with open(flags.file, encoding="utf-8") as file:
        reference = json.load(file)
    expected = reference["instructions"]
    reason = why_not(guard)
    if reason:
        print(f"no verdict: valgrind cannot run the guard here: {reason}")
        return
    cases = subprocess.run([guard], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.split()

    counts, failed = {}, False
    for case in cases:
        counts[case], counted_on = count(guard, case)
        if not flags.update and counted_on != reference["counted_on"]:
            print(f"no verdict: this is {counted_on}; the counts are of "
                  f"{reference['counted_on']}")
            return
        old, new = expected.get(case), counts[case]
        change = f"{100 * (new / old - 1):+7.2f} %" if old else ""
        print(f"{case:24}{new:14,}  {change:10}  {verdict(old, new)}")
        failed |= verdict(old, new) != "ok"
    for case in sorted(set(expected) - set(cases)):
        print(f"{case:24}{'gone':>14}")
        failed = True

    if flags.update:
        reference.update(counted_on=counted_on, instructions=counts)
        with open(flags.file, "w", encoding="utf-8") as file:
            json.dump(reference, file, indent=2)
            file.write("\n")
    elif failed:
        sys.exit("If this is meant: python3 bench/guard/check.py --update, and "
                 "say why in the change.")


main()
