"""The anatomy of a model file: its metadata and tensors, and what its safetensors header says of them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Any

METADATA_KEY = "stance"
LINE = 64
HEADER_DIGEST = "header_sha256"
SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4}
SIZES |= {"U64": 8, "I64": 8, "F64": 8}
"""How many bytes a number of each kind takes in safetensors."""


@dataclass(frozen=True)
class RawTensor:
    """A tensor as the file has it."""

    dtype: str
    shape: tuple[int, ...]
    content: bytes


@dataclass(frozen=True)
class Anatomy:
    """What a model file is made of; the metadata of a sound one are an object."""

    metadata: Any
    tensors: Mapping[str, RawTensor]


def take_apart(content: bytes) -> Anatomy:
    """Return what a sound model file is made of."""
    header, data = split_header(content)
    outer = json.loads(header)
    metadata = json.loads(outer.pop("__metadata__")[METADATA_KEY])
    return Anatomy(metadata, {name: _take(data, entry) for name, entry in outer.items()})


def put_together(anatomy: Anatomy) -> bytes:
    """Return a file whose offsets are right, in whatever state its parts are."""
    header: dict[str, Any] = {"__metadata__": {METADATA_KEY: json.dumps(anatomy.metadata)}}
    at = 0
    for name, tensor in anatomy.tensors.items():
        end = at + len(tensor.content)
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    start = join_header(text + b" " * (-(8 + len(text)) % LINE), b"")
    contents = {name: tensor.content for name, tensor in anatomy.tensors.items()}
    if len(contents.get(HEADER_DIGEST, b"")) == hashlib.sha256().digest_size:
        contents[HEADER_DIGEST] = hashlib.sha256(start).digest()
    return start + b"".join(contents.values())


def seal(anatomy: Anatomy) -> Anatomy:
    """Return the anatomy with every digest right, so that a change is not found by its digest alone.

    This is the one place that knows how a format keeps its digests: format 2 one of the lexicon, later ones one of each
    part under `sha256`, and one of the header, which `put_together` makes.
    """
    if not isinstance(anatomy.metadata, dict):
        return anatomy
    metadata = dict(anatomy.metadata)
    if "lexicon_sha256" in metadata and "lexicon" in anatomy.tensors:
        metadata["lexicon_sha256"] = _digest(anatomy.tensors["lexicon"].content)
    if isinstance(metadata.get("sha256"), dict):
        digests = {name: _digest(each.content) for name, each in anatomy.tensors.items() if name != HEADER_DIGEST}
        metadata["sha256"] = metadata["sha256"] | digests
    return replace(anatomy, metadata=metadata)


@lru_cache(maxsize=64)
def _digest(content: bytes) -> str:
    """Return a digest; most parts are those of the sound file, time and again."""
    return hashlib.sha256(content).hexdigest()


def split_header(content: bytes) -> tuple[bytes, bytes]:
    """Return the JSON header of a safetensors file and the bytes behind it."""
    size = int.from_bytes(content[:8], "little")
    return content[8 : 8 + size], content[8 + size :]


def join_header(header: bytes, data: bytes) -> bytes:
    """Return the file of a header and the bytes behind it."""
    return len(header).to_bytes(8, "little") + header + data


def fit_shape(tensor: RawTensor) -> RawTensor:
    """Return a tensor whose bytes are cut or filled up to what its shape and dtype ask for, unless that is much."""
    wanted = prod(tensor.shape) * SIZES.get(tensor.dtype, 1)
    if not 0 <= wanted <= 4 * len(tensor.content) + 64:
        return tensor
    return replace(tensor, content=(tensor.content + bytes(wanted))[:wanted])


def _take(data: bytes, entry: Mapping[str, Any]) -> RawTensor:
    start, end = entry["data_offsets"]
    return RawTensor(entry["dtype"], tuple(entry["shape"]), data[start:end])
