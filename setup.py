"""Builds the native kernel. Without a C compiler the package installs all the same and scores in Python."""

import hashlib
import importlib.util
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

FOLDER = Path("stance", "native")
SOURCES = [FOLDER / "module.c", *sorted(FOLDER.glob("*.h"))]


class BuildKernel(build_ext):
    """Writes the table of characters, and never takes an object file for fresh that an older source left behind."""

    def finalize_options(self):
        """Build anew each time."""
        super().finalize_options()
        self.force = True

    def build_extension(self, extension):
        """Write the table, then compile."""
        built = Path(self.build_temp, "stance-characters")
        built.mkdir(parents=True, exist_ok=True)
        (built / "characters.h").write_text(load_folding().native_table(), encoding="ascii")
        extension.include_dirs.append(str(built))
        super().build_extension(extension)


def load_folding():
    """Import stance/folding.py by its path: the package is not installed yet, and needs more than the build has."""
    spec = importlib.util.spec_from_file_location("folding", Path("stance", "folding.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digest():
    """Return the digest of the sources, by which a test knows a kernel that is not built from them."""
    sources = [*SOURCES, Path("stance", "folding.py"), Path("stance", "folding.toml")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


setup(
    ext_modules=[
        Extension(
            "stance._native",
            [str(SOURCES[0])],
            depends=[str(path) for path in SOURCES[1:]],
            include_dirs=[str(FOLDER)],
            define_macros=[("STANCE_SOURCE", f'"{digest()}"')],
            extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-std=c11"],
            optional=True,
        )
    ],
    cmdclass={"build_ext": BuildKernel},
)
