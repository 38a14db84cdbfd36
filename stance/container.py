"""The safetensors file, read and written so that it can be used where it lies.

The format is that of https://github.com/huggingface/safetensors: the length of a JSON header, the header, the
tensors. The library reads it too, but only by way of numpy, whose import takes longer than all the rest of a first
prediction; and it does not let us choose where tensors begin, which here is at multiples of a cache line.
"""

import json
import mmap
import os
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from stance.errors import ModelFormatError

RETRAIN = "retrain with 'stance train' or get the file again"

LENGTH_BYTES = 8
LINE = 64
"""The tensors begin at a multiple of this, so that no bucket of the table of terms lies across two cache lines."""

LONGEST_HEADER = 4 << 20
METADATA = "__metadata__"
KEYS = ("data_offsets", "dtype", "shape")
"""What the header says of each tensor."""

_KEYS = frozenset(KEYS)
ITEM_BYTES = {
    **dict.fromkeys(("BOOL", "I8", "U8"), 1),
    **dict.fromkeys(("BF16", "F16", "I16", "U16"), 2),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F64", "I64", "U64"), 8),
}


class Part(NamedTuple):
    """A tensor: its type, by safetensors' name, its shape and its bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: memoryview | bytes


class Container(NamedTuple):
    """What a file holds: the metadata, the tensors, and all bytes of it. `header` is where the tensors begin."""

    metadata: dict[str, str]
    parts: dict[str, Part]
    content: memoryview
    header: int


def read_content(path: Path) -> memoryview:
    """Read a model file, and only one that begins as such, into memory that begins at a page.

    Of another file no more than the beginning is returned. Raises ModelFormatError when the file cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            beginning = file.read(LENGTH_BYTES + 1)
            if not looks_like_safetensors(beginning):
                return memoryview(beginning)
            size = os.fstat(file.fileno()).st_size
            content = memoryview(mmap.mmap(-1, size))
            content[: len(beginning)] = beginning
            read = len(beginning)
            while read < size and (count := file.readinto(content[read:])):
                read += count
    except (OSError, OverflowError, ValueError) as error:
        raise ModelFormatError(path, f"cannot be read ({error})", RETRAIN) from error
    if read < size:
        raise ModelFormatError(path, f"ends after {read} of {size} bytes", RETRAIN)
    return content.toreadonly()


def looks_like_safetensors(content: memoryview | bytes) -> bool:
    """Tell a safetensors file by its ninth byte, where its JSON header begins."""
    return bytes(content[LENGTH_BYTES : LENGTH_BYTES + 1]) == b"{"


def parse_container(path: Path, content: memoryview) -> Container:
    """Take a safetensors file apart. Raises ModelFormatError, which names the field, when it is not a whole one."""
    header = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "little")
    if len(content) < LENGTH_BYTES or header > len(content) or header > LONGEST_HEADER:
        raise _not_readable(path, f"a header of {header - LENGTH_BYTES} bytes in a file of {len(content)}")
    try:
        found = json.loads(bytes(content[LENGTH_BYTES:header]).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _not_readable(path, f"header: {error}") from error
    if not isinstance(found, dict):
        raise _not_readable(path, "the header is not a JSON object")
    metadata = found.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _not_readable(path, "the metadata are not texts")
    return Container(metadata, _parse_parts(path, found, content[header:]), content, header)


def _not_readable(path: Path, problem: str) -> ModelFormatError:
    return ModelFormatError(path, f"not a readable safetensors file ({problem})", RETRAIN)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _parse_parts(path: Path, entries: dict[str, Any], data: memoryview) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: _begin(path, *item)):
        first, last = entry["data_offsets"]
        dtype, shape = entry["dtype"], entry["shape"]
        if first != end or last < first or last > len(data):
            raise _not_readable(path, f"tensor '{name}': bytes {first} to {last}, where {end} to {len(data)} are left")
        if prod(shape) * ITEM_BYTES[dtype] != last - first:
            raise _not_readable(path, f"tensor '{name}': {last - first} bytes for {dtype} of shape {shape}")
        parts[name] = Part(dtype, tuple(shape), data[first:last])
        end = last
    if end != len(data):
        raise _not_readable(path, f"{len(data) - end} bytes behind the last tensor")
    return parts


def _begin(path: Path, name: str, entry: object) -> tuple[int, int]:
    """Return where a tensor begins and ends, once its entry is known to be one."""
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise _not_readable(path, f"tensor '{name}': not {', '.join(KEYS)}")
    offsets, dtype, shape = entry["data_offsets"], entry["dtype"], entry["shape"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise _not_readable(path, f"tensor '{name}': dtype {dtype!r}")
    if not _are_whole(offsets) or len(offsets) != 2 or not _are_whole(shape) or len(shape) > 2:
        raise _not_readable(path, f"tensor '{name}': shape {shape!r} at {offsets!r}")
    return offsets[0], offsets[1]


def _are_whole(values: object) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 1 << 60 for value in values)


def write_header(metadata: Mapping[str, str], parts: Mapping[str, Part]) -> bytes:
    """Return the beginning of a file, up to its tensors, which follow each other in the order of `parts`."""
    entries: dict[str, Any] = {METADATA: dict(metadata)}
    end = 0
    for name, part in parts.items():
        size = prod(part.shape) * ITEM_BYTES[part.dtype]
        entries[name] = {"dtype": part.dtype, "shape": list(part.shape), "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-(LENGTH_BYTES + len(header)) % LINE)
    return len(header).to_bytes(LENGTH_BYTES, "little") + header


def join(header: bytes, parts: Sequence[Part]) -> bytes:
    """Return a whole file."""
    return header + b"".join(part.data for part in parts)
