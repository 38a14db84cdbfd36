"""Files that appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that an interruption at any moment leaves the old file or the new one, never a part.

    Raises OSError, naming the path, when it cannot be written; nothing is left behind.
    """
    try:
        with open_atomically(path) as stream:
            stream.write(content)
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise _name(error, path) from error


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place only when the block ends without an exception.

    The bytes go to a hidden temporary file in the same folder, which is synchronised to disk and then renamed.
    A symbolic link is followed: the file that it points to is replaced. The permissions of a file that is replaced
    are kept. A device or pipe (`/dev/stdout`) cannot be replaced and is written to as it is.
    """
    target = Path(os.path.realpath(path))
    _check_place(path, target)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    temporary = target.with_name(f".{target.name[:60]}.{secrets.token_hex(6)}.tmp")
    try:
        with _create(temporary, path) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
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


def _create(temporary: Path, path: Path) -> BinaryIO:
    try:
        return temporary.open("xb")
    except OSError as error:
        raise _name(error, path) from error


def _name(error: OSError, path: Path) -> OSError:
    """Return the same error with the file that the caller knows."""
    return OSError(error.errno, error.strerror, str(path))


def _synchronise_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open a folder."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
