"""Where results go: standard output or a file that appears whole."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stance.errors import StanceError, naming
from stance.terminal import Paint, harmless, in_colour, plain
from stance.writing import open_atomically

Write = Callable[[str], None]


@contextmanager
def open_output(output: Path | None) -> Iterator[Write]:
    """Open the place for results, in UTF-8; each text that is written to standard output is there at once."""
    if output is not None:
        with open_atomically(output) as stream:
            yield lambda text: _write(stream, text)
    elif sys.stdout is None:
        raise StanceError("standard output is closed; redirect it or name a file with --output")
    else:
        yield lambda text: _write_named(sys.stdout.buffer, text)


def note(message: str) -> None:
    """Write a line to standard error, where no result goes."""
    if sys.stderr is not None:
        sys.stderr.write(f"stance: {harmless(message)}\n")


def writes_to_terminal(output: Path | None) -> bool:
    """Tell whether results go to a person's terminal."""
    return output is None and sys.stdout is not None and sys.stdout.isatty()


def choose_paint(output: Path | None) -> Paint:
    """Return the paint for an output: colour in a terminal that wants it (https://no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return in_colour if wanted and writes_to_terminal(output) else plain


def choose_width(output: Path | None) -> int | None:
    """Return the columns of the terminal, or None where lines need not be folded."""
    return shutil.get_terminal_size().columns if writes_to_terminal(output) else None


def _write_named(stream: BinaryIO, text: str) -> None:
    with naming("standard output"):
        _write(stream, text)


def _write(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode("utf-8", "backslashreplace"))
    stream.flush()
