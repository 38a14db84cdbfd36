"""A full disk, a broken disk, an interrupted call and no memory, at many points of commands that write files.

`python -m campaigns.faults` builds campaigns/faults.c with the C compiler, counts the calls of each command that touch
its files, and lets them fail one at a time: ENOSPC (from there on), EIO, EINTR, and MemoryError in a function of
stance. Each must end with the old files or the new ones whole, no temporary file, and one line on stderr.
"""

import argparse
import errno
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from campaigns.children import Finished, run
from campaigns.outputs import (
    WRITERS,
    Contents,
    find_part,
    find_strays,
    find_unclear,
    is_new,
    read_new,
    write_inputs,
    write_old,
)

SOURCE = Path(__file__).with_suffix(".c")
LIBRARY = "faults.so"
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EINTR": errno.EINTR, "SIGKILL": 0}
MEMORY = "MemoryError"


@dataclass(frozen=True)
class Fault:
    """What goes wrong in which command, and at which of its calls."""

    writer: str
    error: str
    at: int


def find_compiler() -> str | None:
    """Return the C compiler, if there is one."""
    return shutil.which("cc") or shutil.which("gcc")


def build_library(folder: Path) -> Path:
    """Compile campaigns/faults.c. Raises RuntimeError without a C compiler."""
    compiler = find_compiler()
    if compiler is None:
        raise RuntimeError("needs a C compiler: install gcc")
    library = folder / LIBRARY
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def inject(fault: Fault, folder: Path, library: Path) -> Finished:
    """Run a command with a fault."""
    line = WRITERS[fault.writer].line(folder)
    log = library.with_name("log")
    log.unlink(missing_ok=True)
    if fault.error == MEMORY:
        module = line.index("stance")
        return run([*line[:module], "campaigns.memory_fault", str(fault.at), str(log), *line[module + 1 :]])
    settings = {
        "LD_PRELOAD": str(library),
        "STANCE_FAULT_FOLDER": str(folder),
        "STANCE_FAULT_LOG": str(log),
        "STANCE_FAULT_AT": str(fault.at),
        "STANCE_FAULT_ERROR": str(ERRORS[fault.error]),
        "STANCE_FAULT_LASTING": str(int(fault.error == "ENOSPC")),
    }
    return run(line, settings)


def list_faults(writer: str, folder: Path, library: Path, errors: Sequence[str]) -> list[Fault]:
    """Return every fault that a command can meet: each error at each call, memory at each function's first call."""
    faults: list[Fault] = []
    for kind in (errors[0], MEMORY) if MEMORY in errors else errors[:1]:
        finished = inject(Fault(writer, kind, 0), folder, library)
        found = json.loads(library.with_name("log").read_text())
        if finished.status or finished.errors or not found:
            raise RuntimeError(f"{writer} without a fault: {finished}, {found} calls")
        if kind == MEMORY:
            faults += [Fault(writer, MEMORY, at) for at in found]
        else:
            faults += [Fault(writer, error, at) for error in errors if error != MEMORY for at in range(1, found + 1)]
    return faults


def try_fault(fault: Fault, folder: Path, library: Path, new: Contents) -> str:
    """Let a fault meet a command over old files, and say what was wrong afterwards, "" for nothing."""
    writer = WRITERS[fault.writer]
    write_old(writer, folder)
    finished = inject(fault, folder, library)
    strays = find_strays(folder)
    problem = find_part(writer, folder, new)
    if fault.error == "SIGKILL":  # which leaves no time to clean up
        return problem or ("" if finished.status == -9 else f"not killed: {finished}")
    if not problem and strays:
        problem = f"left {', '.join(strays)}"
    if not problem and finished.status == 0 and not is_new(writer, folder, new):
        problem = "success without the new files"
    return problem or find_unclear(finished, folder)


def mix(faults: Sequence[Fault], seed: int) -> list[Fault]:
    """Return the faults in random order, every kind of error in turn and in each every command."""
    waiting: dict[str, dict[str, list[Fault]]] = {}
    for fault in random.Random(seed).sample(faults, len(faults)):
        waiting.setdefault(fault.error, {}).setdefault(fault.writer, []).append(fault)
    rows = [[each for row in zip_longest(*found.values()) for each in row if each] for found in waiting.values()]
    return [each for row in zip_longest(*rows) for each in row if each]


def clean(folder: Path) -> None:
    """Remove the temporary files of killed runs."""
    for name in find_strays(folder):
        (folder / name).unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if every fault ended as it must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="faults to inject, chosen at random")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other fault after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    begun, counts, failures = time.monotonic(), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="stance-faults-") as place:
        folder = Path(place).resolve() / "work"
        folder.mkdir()
        library = build_library(folder.parent)
        write_inputs(folder)
        faults, new = [], {}
        for name, writer in WRITERS.items():
            new[name] = read_new(writer, folder)
            found = list_faults(name, folder, library, ["ENOSPC", "EIO", "EINTR", MEMORY])
            print(f"{name}: {len(found)} possible faults", flush=True)
            faults += found
        for fault in mix(faults, options.seed)[: options.count]:
            if time.monotonic() - begun > options.seconds:
                break
            problem = try_fault(fault, folder, library, new[fault.writer])
            clean(folder)
            counts[f"{fault.writer} {fault.error}"] += 1
            failures += bool(problem)
            if problem:
                print(f"{fault.writer}, {fault.error} at call {fault.at}: {problem}", flush=True)
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"{counts.total()} faults, {failures} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
