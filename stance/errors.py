"""The errors that stance raises; each message says what, where and what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_PROBLEM = 500
"""How many characters a message says at most of what is wrong: a hostile file can hold names of megabytes."""


class StanceError(Exception):
    """Something a user can mend: a file, a setting or a missing extra."""


class ModelFormatError(StanceError):
    """A model file that cannot be used as it is."""

    def __init__(self, path: str | Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {_shorten(problem)}; {remedy}")


class DataError(StanceError):
    """Labelled data or input text that cannot be used as it is."""

    def __init__(self, path: str | Path, problem: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{where}: {_shorten(problem)}")


class MissingExtraError(StanceError):
    """An optional part of stance whose packages are not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the extra '{extra}': pip install 'stance-classifier[{extra}]'")


@contextmanager
def naming(name: str | Path, hidden: Path | None = None) -> Iterator[None]:
    """Give an error of the system that names no file, or only a hidden one, the name that a person knows."""
    try:
        yield
    except OSError as error:
        if error.errno is None or (error.filename is not None and str(error.filename) != str(hidden)):
            raise
        raise OSError(error.errno, error.strerror, str(name)) from error


def _shorten(problem: str) -> str:
    """Cut the middle out of a long problem: what was found stands in front, and sometimes what to do behind."""
    if len(problem) <= LONGEST_PROBLEM:
        return problem
    return f"{problem[: LONGEST_PROBLEM // 2]} … {problem[-LONGEST_PROBLEM // 2 :]}"
