"""A million rows in, a million out, in the same order, with memory bounded by the chunk and not by the file.

`python -m campaigns.rows` gives `stance predict` a generated file in every way of input and format of output that it
knows, compares each line that comes out with the row that went in, and the peak memory with that for a tenth of the
rows. Peak memory is the child's own (VmHWM), since Linux lets ru_maxrss begin at that of the parent.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from campaigns.cells import read_cell
from campaigns.children import CORPUS, KEPT_MODEL
from stance.terminal import harmless

Rows = Callable[[], Iterator[str]]
"""Yields the rows anew at each call."""

PATHS = (("file", "jsonl"), ("standard input", "tsv"), ("marked files of CRLF lines", "table"))
"""Every way in with a format out, each once."""

BOUND = 8 << 20
"""How many bytes more ten times the rows may take, at the peak."""

_NULLS = ("null", "NULL", "None", "NaN", "N/A", "\\N", "nil", '""', "0", "-")
_ODD = ("=1+1", "\t", "\rx", "a\tb\\n", "\u2028", "\x85 \x0b\x0c", "\ufeffmark", "Čad и 北京 🕊️", '"open', "' '", " ")
_LONG, _LONGEST, _LONG_EVERY = 5_000, 200_000, 1000
_TABLE_INDENT = len("cooperative   99%  +0.99  COOPERATE  ")
_ESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_CHILD = """
import sys
from pathlib import Path
from stance.cli import main
status = main(sys.argv[2:])
lines = Path("/proc/self/status").read_text().splitlines()
Path(sys.argv[1]).write_text(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""


@dataclass(frozen=True)
class Outcome:
    """What a run came to: rows out, peak memory in bytes, and what was wrong, "" for nothing."""

    rows: int
    peak: int
    problem: str


def make_rows(count: int, seed: int) -> Iterator[str]:
    """Yield rows: numbered sentences, and among them blank, null, duplicate, odd and very long ones."""
    chosen = random.Random(seed)
    sentences = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    for number in range(count):
        if number == 1:
            yield "word " * (_LONGEST // 5)
        elif number % _LONG_EVERY == 2:
            yield f"{number} " + "long " * (_LONG // 5)
        else:
            yield _make_row(number, chosen, sentences)


def _make_row(number: int, chosen: random.Random, sentences: Sequence[str]) -> str:
    kind = chosen.random()
    if kind < 0.1:
        return ""
    if kind < 0.2:
        return chosen.choice(_NULLS)
    if kind < 0.3:
        return sentences[0]
    if kind < 0.4:
        return chosen.choice(_ODD)
    return f"{number} {chosen.choice(sentences)[:40]}"


def predict_rows(folder: Path, given: str, line_format: str, rows: Rows) -> Outcome:
    """Run `stance predict` on rows and compare what comes out with what went in."""
    files = _write_inputs(folder, given, rows)
    output, peak = folder / "out", folder / "peak"
    with ExitStack() as stack:
        by_pipe = given == "standard input"
        stream = stack.enter_context(files[0].open("rb")) if by_pipe else subprocess.DEVNULL
        arguments = ["-"] if by_pipe else list(map(str, files))
        target = stack.enter_context(output.open("wb")) if by_pipe else subprocess.DEVNULL
        arguments += [] if by_pipe else ["--output", str(output)]
        line = [sys.executable, "-c", _CHILD, str(peak), "predict", *arguments]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        options = ["--format", line_format, "--model", str(KEPT_MODEL)]
        done = subprocess.run([*line, *options], stdin=stream, stdout=target, stderr=subprocess.PIPE, env=variables)
    if done.returncode or done.stderr:
        return Outcome(0, 0, f"status {done.returncode}: {done.stderr.decode(errors='replace')}")
    number, problem = compare(output, line_format, rows())
    return Outcome(number, int(peak.read_text()) * 1024, problem)


def _write_inputs(folder: Path, given: str, rows: Rows) -> list[Path]:
    """Write the rows as one file, or as several that begin with a byte order mark and have no end of the last line."""
    several = given == "marked files of CRLF lines"
    parts, end, mark = (3, "\r\n", "\ufeff") if several else (1, "\n", "")
    paths = [folder / f"{part}.txt" for part in range(parts)]
    with ExitStack() as stack:
        streams = [stack.enter_context(path.open("w", encoding="utf-8", newline="")) for path in paths]
        for stream in streams:
            stream.write(mark)
        size = -(-sum(1 for _ in rows()) // parts)
        for number, row in enumerate(rows()):
            part, place = divmod(number, size)
            endless = several and place == size - 1 and row != ""  # an empty last line without an end would be none
            streams[part].write(row + ("" if endless else end))
    return paths


def compare(output: Path, line_format: str, rows: Iterator[str]) -> tuple[int, str]:
    """Return how many lines came out, and the first that is not the row that went in, "" if all are."""
    read = {"jsonl": _text_of_json, "tsv": _text_of_tabs, "table": _text_of_table}[line_format]
    number = 0
    with output.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            row = next(rows, None)
            if row is None:
                return number, f"more than the {number - 1:,} rows that went in"
            expected = harmless(row).rstrip(" ") if line_format == "table" else row
            if read(line.decode().removesuffix("\n")) != expected:
                return number, f"row {number:,} is {line[:200]!r}, where {row[:80]!r} went in"
    return number, "" if next(rows, None) is None else f"only {number:,} rows"


def _text_of_json(line: str) -> str:
    text = json.loads(line)["text"]
    assert isinstance(text, str)
    return text


def _text_of_tabs(line: str) -> str:
    return read_cell(line.split("\t")[-1])


def _text_of_table(line: str) -> str:
    return line[_TABLE_INDENT:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if every row came out in its place and memory did not grow with the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000, help="rows of each file")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other file after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    begun, rows, failures = time.monotonic(), 0, 0
    for given, line_format in PATHS:
        if time.monotonic() - begun > options.seconds:
            print(f"not begun: {given}")
            continue
        with tempfile.TemporaryDirectory(prefix="stance-rows-") as folder:
            small = predict_rows(
                Path(folder), given, line_format, partial(make_rows, options.count // 10, options.seed)
            )
            large = predict_rows(Path(folder), given, line_format, partial(make_rows, options.count, options.seed))
        problem = small.problem or large.problem
        if not problem and large.peak - small.peak > BOUND:
            problem = "memory grows with the file"
        rows += small.rows + large.rows
        failures += bool(problem)
        peaks = (
            f"peak {small.peak / 2**20:.1f} MB for {small.rows:,} rows, {large.peak / 2**20:.1f} MB for {large.rows:,}"
        )
        print(f"{given} to {line_format}: {peaks}; {problem or 'same rows, same order'}", flush=True)
    print(f"{rows:,} rows, {failures} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
