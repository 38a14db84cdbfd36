"""What loading a model file takes at most, in bytes of memory for each byte of the file, whatever its header claims.

Measured in a process of its own as the growth of the highest resident set, which Linux lets a process reset; the
libraries are loaded before. Pages of the file that are mapped count too.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaigns.model_file import join_header, split_header

MOST_BYTES_PER_BYTE = 2.2
"""Twice the file's size, and a little for what the process needs besides."""

SIZE = 32 * 2**20
"""How large the hostile files are: so large that a process's own few megabytes hardly count."""

_MEASURE = """
import re, sys
from stance import ModelFormatError, load

def status(key):
    return int(re.search(key + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024

def try_load(path):
    try:
        load(path)
        return "loaded"
    except ModelFormatError:
        return "refused"

small, large = sys.argv[1:]
try_load(small)
open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS")
outcome = try_load(large)
print(outcome, max(0, status("VmHWM") - before))
"""


@dataclass(frozen=True)
class Use:
    """What became of a file, and the memory that took for each byte of it."""

    name: str
    outcome: str
    ratio: float


def can_measure() -> bool:
    """Tell whether this system lets a process reset its highest resident set."""
    return Path("/proc/self/clear_refs").exists()


def measure_load(name: str, small: Path, large: Path) -> Use:
    """Load a small file and then a large one in another process, and return what the large one took."""
    command = [sys.executable, "-c", _MEASURE, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    outcome, used = done.stdout.split()
    return Use(name, outcome, int(used) / large.stat().st_size)


def measure_claims(model: bytes, folder: Path, size: int = SIZE) -> list[Use]:
    """Return what files of this size take whose headers claim much; `model` is a small sound file."""
    small, large = folder / "small.safetensors", folder / "large.safetensors"
    small.write_bytes(model)
    uses = []
    for name, content in claims(model, size):
        large.write_bytes(content)
        uses.append(measure_load(name, small, large))
    return uses


def claims(model: bytes, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield hostile files of a size, each by what is wrong with it."""
    header, data = split_header(model)
    entries: dict[str, Any] = json.loads(header)
    padding = bytes(size - len(model))
    yield "bytes behind the last tensor", model + padding
    yield "header of 2**40 bytes", (2**40).to_bytes(8, "little") + header + data + padding
    yield "header as long as the file", (size - 8).to_bytes(8, "little") + header + b" " * (size - 8 - len(header))
    yield "header of blanks", join_header(header + b" " * (size - len(model)), data)
    for name, entry in entries.items():
        if name == "__metadata__":
            continue
        start = entry["data_offsets"][0]
        for shape in ([2**40], [2**62, 8], [0, 2**40]):
            claimed = entries | {name: entry | {"shape": shape}}
            yield f"{name} of shape {shape}", join_header(json.dumps(claimed).encode(), data + padding)
        claimed = entries | {name: entry | {"data_offsets": [start, 2**40]}}
        yield f"{name} up to offset 2**40", join_header(json.dumps(claimed).encode(), data + padding)
    yield "one tensor as large as the file", _grown(entries, data, padding)
    for name, text in (("blanks", " "), ("brackets", "["), ("zeros", "0,")):
        claimed = entries | {"__metadata__": {"stance": text * (size // len(text))}}
        yield f"metadata of {name}", join_header(json.dumps(claimed).encode(), data)


def _grown(entries: dict[str, Any], data: bytes, padding: bytes) -> bytes:
    """Return a file whose last tensor claims all the padding for itself, with the shape that takes."""
    name = max((name for name in entries if name != "__metadata__"), key=lambda name: entries[name]["data_offsets"][1])
    start = entries[name]["data_offsets"][0]
    end = len(data) + len(padding)
    grown = entries[name] | {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}
    return join_header(json.dumps(entries | {name: grown}).encode(), data + padding)
