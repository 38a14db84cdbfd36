"""Files that appear whole or not at all."""

import glob
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

STALE = 3600
"""After so many seconds a temporary file is one that a killed run left behind."""

_RANDOM_BYTES = 6


def write_atomically(files: Mapping[Path, bytes]) -> None:
    """Write files that appear together: each is complete beside its place before the first one is moved there.

    An interruption at any moment leaves the old file or the new one of each, never a part; one before the first move
    leaves all old ones. The first of the files is moved last, so that where it is new, all others are.

    Raises OSError, naming the path, when a file cannot be written; nothing is left behind then.
    """
    with ExitStack() as stack:  # the moves, in the opposite order
        for path, content in files.items():
            stack.enter_context(_naming(path))
            stream = stack.enter_context(open_atomically(path))
            stream.write(content)
            _synchronise(stream)


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place only when the block ends without an exception.

    The bytes go to a hidden temporary file in the same folder, which is synchronised to disk and then renamed.
    A symbolic link is followed: the file that it points to is replaced. The permissions of a file that is replaced
    are kept. A device or pipe (`/dev/stdout`) cannot be replaced and is written to as it is. Temporary files
    of the same target that a killed run left more than an hour ago are removed.
    """
    target = Path(os.path.realpath(path))
    _check_place(path, target)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    _remove_stale(target)
    temporary = _temporary(target, secrets.token_hex(_RANDOM_BYTES))
    try:
        with _create(temporary, path) as stream:
            yield stream
            _synchronise(stream)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _synchronise_folder(target.parent)


def _check_place(path: Path, target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; name a file to write")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {target.parent}; create it first")


def _temporary(target: Path, mark: str) -> Path:
    return target.with_name(f".{target.name[:60]}.{mark}.tmp")


def _remove_stale(target: Path) -> None:
    pattern = glob.escape(str(_temporary(target, "*"))).replace("[*]", "[0-9a-f]" * 2 * _RANDOM_BYTES)
    for left in map(Path, glob.glob(pattern)):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - STALE:
                left.unlink()


def _create(temporary: Path, path: Path) -> BinaryIO:
    try:
        return temporary.open("xb")
    except OSError as error:
        raise _name(error, path) from error


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Give an error of the system that names no file the one that the caller knows."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise _name(error, path) from error


def _name(error: OSError, path: Path) -> OSError:
    return OSError(error.errno, error.strerror, str(path))


def _synchronise(stream: BinaryIO) -> None:
    """Bring what was written to a file to its disk; a device or pipe has none."""
    stream.flush()
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        os.fsync(stream.fileno())


def _synchronise_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open a folder."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
