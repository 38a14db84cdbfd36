"""Instructions per sentence, counted by callgrind: python -m benchmarks.instructions. Repeatable on busy machines.

A fresh process scores N sentences in one batch and another one 2N; the difference over N is what one more sentence
costs, without start and load. Where stance has a native module with symbols, the same difference is given for each of
its functions, with what they call; a function that the compiler put into its caller is counted there.
"""

import argparse
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import stance
from benchmarks.native import native_modules
from benchmarks.texts import default_texts, draw, read_texts
from stance import StanceError
from stance.training.shipped import DATA

SENTENCES = 200
SHOWN = 30
NEEDED = ("valgrind", "callgrind_annotate")

REPEATABLE = {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
"""Without it no two runs count the same: hashes are random, and the threads of numpy's BLAS wait in busy loops."""

_TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)
_FUNCTION = re.compile(r"^ *([\d,]+)(?: \( ?[\d.]+%\))?  (?:\S*:)?(\S.*) \[(.+)\]$", re.MULTILINE)


class Count(NamedTuple):
    """The instructions of a process, and of each native function with those it calls."""

    total: int
    functions: dict[str, int]


def main() -> int:
    options = _parse_arguments()
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        print(f"instructions: skipped, {' and '.join(missing)} not found (apt-get install valgrind)")
        return 0
    path = options.texts or default_texts(options.data)
    try:
        texts = draw(read_texts(path), 2 * options.sentences)
    except (StanceError, OSError) as error:
        print(f"instructions: {error}", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        half = len(texts) // 2
        once, twice = (count_instructions(texts, number, Path(folder)) for number in (half, 2 * half))
    size = sum(len(text.encode()) for text in texts[half : 2 * half]) / half
    print(format_report(once, twice, half, size))
    return 0


def count_instructions(texts: Sequence[str], number: int, folder: Path) -> Count:
    """Run a process under callgrind that predicts so many of the sentences in one batch."""
    sentences, found = folder / "sentences.txt", folder / f"callgrind.{number}"
    sentences.write_text("\n".join(texts), encoding="utf-8")
    callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={found}"]
    command = [*callgrind, sys.executable, "-c", child_code(sentences, number)]
    subprocess.run(command, env={**os.environ, **REPEATABLE}, capture_output=True, check=True)
    annotate = ["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(found)]
    listing = subprocess.run(annotate, capture_output=True, text=True, check=True).stdout
    return Count(read_total(found.read_text(encoding="utf-8")), read_functions(listing, native_modules()))


def child_code(sentences: Path, number: int) -> str:
    """Return code that reads the sentences, loads the model and predicts the first `number` in one batch."""
    threads = ", threads=1" if "threads" in inspect.signature(stance.predict).parameters else ""
    return (
        "import stance\n"
        f"texts = open({str(sentences)!r}, encoding='utf-8').read().split('\\n')\n"
        "stance.predict(texts[:1])\n"
        f"stance.predict(texts[:{number}]{threads})"
    )


def read_total(profile: str) -> int:
    """Return the number of instructions in a file that callgrind wrote."""
    totals = _TOTAL.findall(profile)
    if not totals:
        raise ValueError("no total in the file of callgrind")
    return int(totals[-1])


def read_functions(listing: str, modules: Collection[Path]) -> dict[str, int]:
    """Return the instructions of the functions of some modules in what callgrind_annotate printed.

    Functions without a name are left out. One with a line for each source file that it takes code from has the largest.
    """
    names = {str(path) for module in modules for path in (module, module.resolve())}
    found: dict[str, int] = {}
    for count, function, module in _FUNCTION.findall(listing):
        if module in names and not function.startswith("0x"):
            found[function] = max(found.get(function, 0), int(count.replace(",", "")))
    return found


def format_report(once: Count, twice: Count, sentences: int, size: float) -> str:
    """Return the instructions per sentence, and the share of each native function, the largest first.

    `size` is the mean number of bytes of a sentence.
    """
    total = twice.total - once.total
    each = total / sentences
    lines = [f"{each:,.0f} instructions per sentence, {each / size:,.1f} per byte ({sentences:,} sentences)"]
    if not twice.functions:
        return "\n".join([*lines, "shares skipped: stance ran without a native module, or it has no symbols"])
    more = {name: count - once.functions.get(name, 0) for name, count in twice.functions.items()}
    largest = sorted((name for name in more if more[name] > 0), key=lambda name: (-more[name], name))[:SHOWN]
    lines += ["", "| native function, with what it calls | per sentence | share |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {more[name] / sentences:,.0f} | {more[name] / total:.1%} |" for name in largest]
    return "\n".join(lines)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="instructions", description="Count the instructions of a sentence.")
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="sentences, one a line or JSON Lines (the news of --data)"
    )
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the folder of the news (%(default)s)")
    parser.add_argument("--sentences", type=int, default=SENTENCES, metavar="N", help="counted (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
