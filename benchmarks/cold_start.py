"""What a fresh process costs: import, load and one prediction, against other imports and loads.

Each command runs in a virtual environment of its own that is empty, with the packages on PYTHONPATH: the .pth files of
an editable install would be charged to every command. Wall time and peak memory are medians of runs in turn.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import stance
from benchmarks import launcher
from benchmarks.table import Skip

SENTENCE = "Ankara lifted its ban on flights from the island."

STANCE = f"import stance; stance.predict({SENTENCE!r})"
NUMPY = "import numpy"
NOTHING = "pass"
THREADS = ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Start:
    """Wall time in milliseconds and peak memory in MB (10^6 bytes) of a process."""

    milliseconds: float
    megabytes: float


def pipeline_code(path: Path) -> str:
    """Return code that loads a pickled pipeline and predicts one sentence."""
    return f"import joblib; joblib.load({str(path)!r}).predict_proba([{SENTENCE!r}])"


def measure_starts(codes: Mapping[str, str], folder: Path, runs: int) -> dict[str, Start]:
    """Run each code `runs` times in turn, after once to warm up, and return the medians. Raises Skip on Windows."""
    if not hasattr(os, "posix_spawn"):
        raise Skip("processes are measured on POSIX systems only")
    venv.create(folder / "empty", symlinks=True)
    python = folder / "empty" / "bin" / "python"
    found: dict[str, list[Start]] = {name: [] for name in codes}
    for _ in range(runs + 1):
        for name, code in codes.items():
            found[name].append(_start(python, code, folder))
    return {
        name: Start(median(each.milliseconds for each in starts[1:]), median(each.megabytes for each in starts[1:]))
        for name, starts in found.items()
    }


def _start(python: Path, code: str, folder: Path) -> Start:
    command = [sys.executable, "-S", "-E", launcher.__file__, str(python), "-c", code]
    done = subprocess.run(command, env=_environment(), cwd=folder, capture_output=True, text=True, check=True)
    seconds, kibibytes, status = done.stdout.split()
    if status != "0":
        raise RuntimeError(f"exit status {status} of: {code}\n{done.stderr}")
    return Start(float(seconds) * 1e3, int(kibibytes) * 1024 / 1e6)


def _environment() -> dict[str, str]:
    """Return the environment with stance and the installed packages on the path, and no limit on threads."""
    paths = dict.fromkeys([str(Path(stance.__file__).parents[1]), sysconfig.get_path("purelib")])
    kept = {name: value for name, value in os.environ.items() if name not in THREADS}
    return kept | {"PYTHONPATH": os.pathsep.join(paths)}
