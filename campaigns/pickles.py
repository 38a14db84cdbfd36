"""Hostile pickles: each would create a file, the marker, if anything of it ran.

They are made of opcodes here rather than kept, so that what each of them does can be read.
"""

import bz2
import gzip
import io
import lzma
import marshal
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from campaigns.model_file import Anatomy, RawTensor, put_together
from stance import ModelFormatError, load

NAMES = ("model.safetensors", "model.joblib", "model.pkl", "model.txt")


@dataclass(frozen=True)
class HostileFile:
    """A file that is no model; `marker` is what it would create, `runs` says that `pickle.loads` would run it."""

    name: str
    content: bytes
    marker: Path
    runs: bool


class _Trap:
    """An object whose pickle creates the marker when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.marker), "w")


def hostile_files(marker: Path) -> list[HostileFile]:
    """Return more than 100 hostile files, each kind under several names."""
    kinds = [*((kind, content, True) for kind, content in _opcodes(marker)), *_wrapped(marker)]
    return [
        HostileFile(f"{kind.replace(' ', '-')}-{name}", content, marker, runs)
        for (kind, content, runs), name in product(kinds, NAMES)
    ]


def judge_pickle(file: HostileFile, folder: Path) -> str:
    """Load a hostile file and return what went wrong, "" when it was refused and nothing ran."""
    path = folder / file.name
    path.write_bytes(file.content)
    try:
        load(path)
    except ModelFormatError:
        problem = ""
    except Exception as error:
        problem = f"raised {error!r}"
    else:
        problem = "was loaded"
    path.unlink()
    return "was run" if file.marker.exists() else problem


def _opcodes(marker: Path) -> Iterator[tuple[str, bytes]]:
    """Yield pickles that call `open(marker, "w")`, or Python code that does, each by other opcodes."""
    path = str(marker).encode()
    call = b"open(" + repr(str(marker)).encode() + b",'w')"
    short = b"\x8c" + bytes([len(path)]) + path
    arguments = short + b"\x8c\x01w"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield f"reduce of protocol {protocol}", pickle.dumps(_Trap(marker), protocol)
    yield "global and reduce", b"cbuiltins\nopen\n(S'" + path + b"'\nS'w'\ntR."
    yield "old name of builtins", b"c__builtin__\neval\n(S" + repr(call.decode()).encode() + b"\ntR."
    yield "stack global", b"\x80\x04\x8c\x08builtins\x8c\x04open\x93" + arguments + b"\x86R."
    yield (
        "stack global from the memo",
        (b"\x80\x04\x8c\x08builtins\x94\x8c\x04open\x94h\x00h\x01\x93" + arguments + b"\x86R."),
    )
    yield "inst", b"(S'" + path + b"'\nS'w'\nibuiltins\nopen\n."
    yield "obj", b"(cbuiltins\nopen\n" + b"S'" + path + b"'\nS'w'\no."
    yield (
        "newobj",
        (  # list(map(eval, [code]))
            b"\x80\x04cbuiltins\nlist\ncbuiltins\nmap\n(cbuiltins\neval\n(S"
            + repr(call.decode()).encode()
            + b"\nlt\x81\x85R."
        ),
    )
    yield "exec", b"cbuiltins\nexec\n(S" + repr(call.decode()).encode() + b"\ntR."
    yield "getattr", (b"cbuiltins\ngetattr\n(cbuiltins\n__import__\n(S'io'\ntRS'open'\ntR(S'" + path + b"'\nS'w'\ntR.")
    yield "os.system", b"cos\nsystem\n(S'touch " + path + b"'\ntR."
    yield "subprocess", b"csubprocess\ncall\n((lS'touch'\naS'" + path + b"'\natR."
    yield (
        "dotted name",
        b"\x80\x04\x8c\x07pathlib\x8c\x0aPath.touch\x93\x8c\x07pathlib\x8c\x04Path\x93" + short + b"\x85R\x85R.",
    )
    yield (
        "frame",
        b"\x80\x04\x95"
        + struct.pack("<Q", 20 + len(arguments))
        + (b"\x8c\x08builtins\x8c\x04open\x93" + arguments + b"\x86R."),
    )
    yield "pickle inside a pickle", b"cpickle\nloads\n(" + _binary(pickle.dumps(_Trap(marker))) + b"tR."
    yield "code before a persistent id", b"cbuiltins\nopen\n(S'" + path + b"'\nS'w'\ntR0Pstorage\n."
    yield "nothing behind the call", b"cbuiltins\nopen\n(S'" + path + b"'\nS'w'\ntR"
    yield "ninth byte is a brace", b"S'123456{'\n0" + pickle.dumps(_Trap(marker), 0)
    yield "build with a state", _build(call)


def _build(call: bytes) -> bytes:
    """Return a pickle that makes `eval` the `__setstate__` of an object, so that a second BUILD runs code."""
    return (
        b"ctypes\nSimpleNamespace\n)R}(S'__setstate__'\ncbuiltins\neval\nubS" + repr(call.decode()).encode() + b"\nb."
    )


def _binary(content: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(content)) + content


def _wrapped(marker: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Yield pickles inside what other tools load them from, or behind what looks like a safetensors file."""
    trap = pickle.dumps(_Trap(marker), 2)
    for name, compress in (
        ("zlib", zlib.compress),
        ("gzip", gzip.compress),
        ("bz2", bz2.compress),
        ("xz", lzma.compress),
    ):
        yield name, compress(trap), False
    yield "lzma alone", lzma.compress(trap, lzma.FORMAT_ALONE), False
    yield "numpy array of objects", _array_of_objects(trap), False
    yield "zip as torch writes it", _zip({"archive/data.pkl": trap, "archive/version": b"3\n"}), False
    yield "zip as numpy writes it", _zip({"model.npy": _array_of_objects(trap)}), False
    yield "pickle in front of a zip", trap + _zip({"model.safetensors": b"{}"}), True
    yield "tar", _tar(trap), False
    yield "marshal", marshal.dumps(compile(f"open({str(marker)!r}, 'w')", "model", "exec")), False
    yield "python source", f"open({str(marker)!r}, 'w')\n".encode(), False
    size = struct.pack("<Q", len(trap) + 2)
    yield "safetensors length in front", size + b"{}" + trap, False
    yield "empty safetensors in front", struct.pack("<Q", 2) + b"{}" + trap, False
    yield "safetensors with a tensor in front", _safetensors(trap), False
    yield "pickle as the header", struct.pack("<Q", len(trap) + 1) + b"{" + trap, False
    yield "pickle in the metadata", _safetensors(b"", trap.decode("latin-1")), False
    yield "byte order mark in front", b"\xef\xbb\xbf" + trap, False


def _array_of_objects(trap: bytes) -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + trap


def _zip(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    return content.getvalue()


def _tar(trap: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        entry = tarfile.TarInfo("pickle")
        entry.size = len(trap)
        archive.addfile(entry, io.BytesIO(trap))
    return content.getvalue()


def _safetensors(trap: bytes, note: str = "{}") -> bytes:
    return put_together(Anatomy({"note": note}, {"pickle": RawTensor("U8", (len(trap),), trap)}))
