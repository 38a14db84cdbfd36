"""Files that appear whole or not at all."""

import errno
import glob
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from stance.errors import naming

STALE = 3600
"""After so many seconds a temporary file is one that a killed run left behind."""

_RANDOM_BYTES = 6
_DESCRIPTORS = ("/dev/fd", "/proc/self/fd")
_MOST_LINKS = 40
_NOT_SYNCHRONISED = (errno.EINVAL, errno.ENOTSUP)
"""What file systems that cannot synchronise a folder answer."""


def write_atomically(files: Mapping[Path, bytes]) -> None:
    """Write files that appear together: each is complete beside its place before the first one is moved there.

    An interruption at any moment leaves the old file or the new one of each, never a part; one before the first move
    leaves all old ones. The first of the files is moved last, so that where it is new, all others are.

    Raises OSError, naming the path, when a file cannot be written; nothing is left behind then.
    """
    with ExitStack() as stack:  # the moves, in the opposite order
        for path, content in files.items():
            stream = stack.enter_context(open_atomically(path))
            stream.write(content)
            _synchronise(stream)


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place only when the block ends without an exception.

    The bytes go to a hidden temporary file in the same folder, which is synchronised to disk and then renamed.
    A symbolic link is followed: the file that it points to is replaced. The permissions of a file that is replaced
    are kept, and until then nobody else may read the new one. A device or pipe cannot be replaced and is written to as
    it is, and so is what this process has open (`/dev/stdout`), where it stands. Temporary files of the same target
    that a killed run left more than an hour ago are removed.

    Raises OSError, naming the path, when it cannot be written.
    """
    descriptor = _find_descriptor(path)
    if descriptor is not None:
        with naming(path), open(os.dup(descriptor), "wb") as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    _check_place(path, target)
    if target.exists() and not target.is_file():
        with naming(path), target.open("wb") as stream:
            yield stream
        return
    _remove_stale(target)
    temporary = _temporary(target, secrets.token_hex(_RANDOM_BYTES))
    with naming(path, hidden=temporary), _removing(temporary):
        with _create(temporary, private=target.exists()) as stream:
            yield stream
            _synchronise(stream)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    with naming(path, hidden=target.parent):
        _synchronise_folder(target.parent)


def _find_descriptor(path: Path) -> int | None:
    """Return the descriptor of this process that a path such as /dev/stdout stands for, None for any other path."""
    own = {os.path.realpath(folder) for folder in _DESCRIPTORS}
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder in own and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = Path(folder, os.readlink(path))
    return None


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


def _create(temporary: Path, private: bool) -> BinaryIO:
    """Create a temporary file for writing, which only its owner may open if it is `private`."""
    return open(temporary, "xb", opener=partial(os.open, mode=0o600 if private else 0o666))


@contextmanager
def _removing(temporary: Path) -> Iterator[None]:
    """Remove a temporary file when the block fails; if even that fails, what is raised is why the block did."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _synchronise(stream: BinaryIO) -> None:
    """Bring what was written to a file to its disk; a device or pipe has none."""
    stream.flush()
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        os.fsync(stream.fileno())


def _synchronise_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open and synchronise a folder."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # one may write to the folder, but not list it
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_SYNCHRONISED:
            raise
    finally:
        os.close(descriptor)
