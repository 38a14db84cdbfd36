"""The compiled modules of the installed stance."""

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import stance


def native_modules() -> list[Path]:
    """Return the compiled modules inside the package; there are none when it runs in Python alone."""
    folder = Path(stance.__file__).parent
    return sorted(path for path in folder.iterdir() if path.name.endswith(tuple(EXTENSION_SUFFIXES)))
