"""Writing files so that nobody ever sees half of one."""

import os
from collections.abc import Mapping
from pathlib import Path


def write_atomically(files: Mapping[Path, bytes]) -> None:
    """Write files that appear together: each is complete beside its place before the first one is moved there.

    On any error the old files stay (or none), and no temporary file is left. A file that replaces
    another gets fresh permissions, those of any new file.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            staged[path] = temporary
            _write(temporary, content)
        for path, temporary in staged.items():
            os.replace(temporary, path)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
