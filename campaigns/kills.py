"""SIGKILL while training and while writing output: always the whole old file or the whole new one.

`python -m campaigns.kills` kills half of the runs after a random time, and, where there is a C compiler, the other half
at a random one of the calls that touch the files (see campaigns.faults), since writing is a small part of the time.
What a killed run leaves are hidden temporary files; the next write of the same file removes those of more than an hour
ago, which the campaign tries at the end.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from campaigns.children import run
from campaigns.faults import Fault, build_library, clean, find_compiler, list_faults, try_fault
from campaigns.outputs import (
    WRITERS,
    Contents,
    Writer,
    find_part,
    find_strays,
    is_new,
    read_new,
    write_inputs,
    write_old,
)

_LONG_AGO = 2 * 3600


def kill_after(writer: Writer, folder: Path, new: Contents, seconds: float) -> str:
    """Kill a command after so many seconds, and say what was wrong afterwards, "" for nothing."""
    write_old(writer, folder)
    finished = run(writer.line(folder), killed_after=seconds)
    if finished.status not in (0, -9):
        return f"status {finished.status}: {finished.errors}"
    if finished.status == 0 and not is_new(writer, folder, new):
        return "success without the new files"
    return find_part(writer, folder, new)


def find_lasting_strays(folder: Path, news: Mapping[str, Contents]) -> list[str]:
    """Return the temporary files that are left after each command ran again, two hours later."""
    before = time.time() - _LONG_AGO
    for name in find_strays(folder):
        os.utime(folder / name, (before, before))
    for name in news:
        read_new(WRITERS[name], folder)
    return find_strays(folder)


def _moments(count: int, seed: int, durations: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    chosen = random.Random(seed)
    for number in range(count):
        name = list(durations)[number % len(durations)]
        yield name, chosen.uniform(0, 1.1 * durations[name])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if no kill left a part of a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="kills")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other kill after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    begun, counts, failures = time.monotonic(), Counter[str](), 0
    news: dict[str, Contents] = {}
    durations: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="stance-kills-") as place:
        folder = Path(place).resolve() / "work"
        folder.mkdir()
        write_inputs(folder)
        for name in ("train", "predict"):
            news[name] = read_new(WRITERS[name], folder)
            started = time.monotonic()
            read_new(WRITERS[name], folder)
            durations[name] = time.monotonic() - started

        def judge(kind: str, where: str, problem: str) -> None:
            nonlocal failures
            name = kind.split()[0]
            outcome = "new" if is_new(WRITERS[name], folder, news[name]) else "old or mixed"
            counts[f"{kind}, files then {outcome}"] += 1
            failures += bool(problem)
            if problem:
                print(f"{kind} {where}: {problem}", flush=True)

        by_time = options.count if find_compiler() is None else options.count // 2
        if by_time == options.count:
            print("no C compiler: all kills by time")
        for name, seconds in _moments(by_time, options.seed, durations):
            if time.monotonic() - begun > options.seconds:
                break
            problem = kill_after(WRITERS[name], folder, news[name], seconds)
            judge(f"{name} killed by time", f"after {seconds:.3f} s", problem)
        for fault in _calls(options.count - by_time, options.seed, folder, news):
            if time.monotonic() - begun > options.seconds:
                break
            problem = try_fault(fault, folder, folder.parent / "faults.so", news[fault.writer])
            judge(f"{fault.writer} killed by call", str(fault.at), problem)
        strays = find_strays(folder)
        lasting = find_lasting_strays(folder, news)
        clean(folder)
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"temporary files left by the kills: {len(strays)}; after the next write, two hours later: {len(lasting)}")
    failures += len(lasting)
    print(f"{counts.total()} kills, {failures} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


def _calls(count: int, seed: int, folder: Path, news: Mapping[str, Contents]) -> Iterator[Fault]:
    """Yield kills at calls that touch the files, each command's in random order and every one before any again."""
    if not count:
        return
    library = build_library(folder.parent)
    chosen = random.Random(seed)
    faults = {name: list_faults(name, folder, library, ["SIGKILL"]) for name in news}
    for name, found in faults.items():
        faults[name] = chosen.sample(found, len(found))
    for number in range(count):
        found = faults[list(faults)[number % len(faults)]]
        yield found[number // len(faults) % len(found)]


if __name__ == "__main__":
    sys.exit(main())
