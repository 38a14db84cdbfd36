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
from dataclasses import dataclass
from pathlib import Path

from campaigns.children import run
from campaigns.faults import LIBRARY, Fault, build_library, find_compiler, list_faults, try_fault
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

KILLED = ("train", "predict")
_LONG_AGO = 2 * 3600


@dataclass(frozen=True)
class Kill:
    """Which command is killed, and when: after so many seconds, or at one of its calls where `call` is not 0."""

    writer: str
    seconds: float = 0.0
    call: int = 0

    def __str__(self) -> str:
        return f"{self.writer} killed {'by call' if self.call else 'by time'}"


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


def list_kills(count: int, seed: int, folder: Path, names: Sequence[str]) -> Iterator[Kill]:
    """Yield kills of each command in turn, by time and by call; every call of a command before any again."""
    chosen = random.Random(seed)
    durations = {name: _measure(WRITERS[name], folder) for name in names}
    calls: dict[str, list[Fault]] = {}
    if find_compiler() is not None:
        library = build_library(folder.parent)
        calls = {name: list_faults(name, folder, library, ["SIGKILL"]) for name in names}
        calls = {name: chosen.sample(found, len(found)) for name, found in calls.items()}
    for number in range(count):
        name, turn = names[number % len(names)], number // len(names)
        if turn % 2 and name in calls:
            yield Kill(name, call=calls[name][turn // 2 % len(calls[name])].at)
        else:
            yield Kill(name, seconds=chosen.uniform(0, 1.1 * durations[name]))


def try_kill(kill: Kill, folder: Path, new: Contents) -> str:
    """Kill a command over old files, and say what was wrong afterwards, "" for nothing."""
    if kill.call:
        return try_fault(Fault(kill.writer, "SIGKILL", kill.call), folder, folder.parent / LIBRARY, new)
    return kill_after(WRITERS[kill.writer], folder, new, kill.seconds)


def _measure(writer: Writer, folder: Path) -> float:
    begun = time.monotonic()
    read_new(writer, folder)
    return time.monotonic() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if no kill left a part of a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="kills")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other kill after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    begun, counts, failures = time.monotonic(), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="stance-kills-") as place:
        folder = Path(place).resolve() / "work"
        folder.mkdir()
        write_inputs(folder)
        news = {name: read_new(WRITERS[name], folder) for name in KILLED}
        for kill in list_kills(options.count, options.seed, folder, KILLED):
            if time.monotonic() - begun > options.seconds:
                break
            problem = try_kill(kill, folder, news[kill.writer])
            outcome = "new" if is_new(WRITERS[kill.writer], folder, news[kill.writer]) else "not all new"
            counts[f"{kill}, files then {outcome}"] += 1
            failures += bool(problem)
            if problem:
                print(f"{kill!r}: {problem}", flush=True)
        strays = find_strays(folder)
        lasting = find_lasting_strays(folder, news)
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"temporary files left by the kills: {len(strays)}; after the next write, two hours later: {len(lasting)}")
    failures += len(lasting)
    print(f"{counts.total()} kills, {failures} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
