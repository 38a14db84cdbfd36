"""Random damage to model files that knows what they are made of.

Most of it leaves the digests and offsets right, since otherwise only the first check would ever be tried.
"""

import json
import random
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from campaigns.model_file import (
    SIZES,
    Anatomy,
    RawTensor,
    fit_shape,
    join_header,
    put_together,
    seal,
    split_header,
)

SEALED = 0.85
"""The share of the files with altered parts whose digests are made right again."""

_HUGE = (2**31 - 1, 2**31, 2**32, 2**40, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30)
_NUMBERS = (-1, 0, 1, 2, 3, 7, 255, 256, 65_535, -(2**63), 1.5, -0.0, 1e308, float("nan"), float("inf"), *_HUGE)
_STRINGS = ("", "\0", "\n", "\ud800", "é" * 50, "neutral", "AGREE", "F32", "U8", "__metadata__", "../../x", "{" * 30)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 65504.0, 6e-8, float("nan"), float("inf"), float("-inf"))
_TEXTS = (b"", b"\n", b"\n\n", b"\xff", b"\xed\xa0\x80", b"\0", b"\r\n", b"=", b"[", b'"', b"a" * 300, b"\xe2\x80\xa8")


def mutate(anatomy: Anatomy, dice: random.Random) -> bytes:
    """Return a sound model file with one to five changes, at least one of which changes something."""
    sound = put_together(anatomy)
    while (content := _change(anatomy, dice)) == sound:
        pass
    return content


def _change(anatomy: Anatomy, dice: random.Random) -> bytes:
    of_parts = dice.random() < 0.75
    if of_parts:
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            anatomy = dice.choice(_PARTS)(anatomy, dice) if anatomy.tensors else anatomy
        if dice.random() < SEALED:
            anatomy = seal(anatomy)
    content = put_together(anatomy)
    if of_parts and dice.random() < 0.8:
        return content
    if dice.random() < 0.6:
        content = _mutate_header(content, dice)
    return content if dice.random() < 0.4 else dice.choice(_BYTES)(content, dice)


def mutate_json(value: Any, dice: random.Random) -> Any:
    """Return a JSON value with a change somewhere inside."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        return _mutate_object(value, dice)
    if isinstance(value, list) and value and dice.random() < 0.8:
        return _mutate_list(value, dice)
    return _other_value(value, dice)


def _mutate_object(value: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    name = dice.choice(list(value))
    other = dice.choice(list(value))
    chance = dice.random()
    if chance < 0.08:
        return {key: each for key, each in value.items() if key != name}
    if chance < 0.14:
        return value | {dice.choice(_STRINGS): value[name]}
    if chance < 0.2:
        return value | {name: value[other], other: value[name]}
    return value | {name: mutate_json(value[name], dice)}


def _mutate_list(value: list[Any], dice: random.Random) -> list[Any]:
    at = dice.randrange(len(value))
    chance = dice.random()
    if chance < 0.15:
        return value[:at] + value[at + 1 :]
    if chance < 0.3:
        return [*value[:at], value[dice.randrange(len(value))], *value[at:]]
    if chance < 0.35:
        return value * dice.choice((0, 2, 3))
    return [*value[:at], mutate_json(value[at], dice), *value[at + 1 :]]


def _other_value(value: Any, dice: random.Random) -> Any:
    if isinstance(value, int) and dice.random() < 0.4:
        return value + dice.choice((-1, 1, 8, -8))
    if isinstance(value, str) and value and dice.random() < 0.4:
        at = dice.randrange(len(value))
        return value[:at] + dice.choice(("", "\0", "é", value)) + value[at + 1 :]
    nested: Any = dice.choice(_STRINGS)
    for _ in range(dice.choice((1, 3, 25, 60))):
        nested = [nested] if dice.random() < 0.5 else {"a": nested}
    return dice.choice((None, True, False, [], {}, dice.choice(_NUMBERS), dice.choice(_STRINGS), nested))


def _metadata(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    return replace(anatomy, metadata=mutate_json(anatomy.metadata, dice))


def _numbers(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    """Write a hostile number somewhere into a tensor."""
    name, tensor = dice.choice(list(anatomy.tensors.items()))
    size = SIZES.get(tensor.dtype, 1)
    if len(tensor.content) < size:
        return anatomy
    at = dice.randrange(len(tensor.content) // size) * size
    formats = {"F16": "<e", "F32": "<f", "F64": "<d"}
    if tensor.dtype in formats:
        new = struct.pack(formats[tensor.dtype], dice.choice(_FLOATS))
    else:
        new = dice.choice((bytes(size), b"\xff" * size, dice.randbytes(size), b"\x01" + bytes(size - 1)))
    return _put(anatomy, name, replace(tensor, content=tensor.content[:at] + new + tensor.content[at + size :]))


def _text(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    """Change a part that holds text: a list of terms, the lexicon."""
    texts = [name for name, tensor in anatomy.tensors.items() if tensor.dtype == "U8" and tensor.content]
    if not texts:
        return anatomy
    name = dice.choice(texts)
    lines = anatomy.tensors[name].content.split(b"\n")
    at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    chance = dice.random()
    if chance < 0.2:
        lines[at] = lines[other]
    elif chance < 0.35:
        del lines[at]
    elif chance < 0.5:
        lines[at], lines[other] = lines[other], lines[at]
    elif chance < 0.6:
        lines.insert(at, lines[other])
    else:
        cut = dice.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:cut] + dice.choice(_TEXTS) + lines[at][cut + dice.randrange(3) :]
    content = b"\n".join(lines)
    return _put(anatomy, name, RawTensor("U8", (len(content),), content))


def _shape(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    """Give a tensor another shape, with the bytes that belong to it or without."""
    name, tensor = dice.choice(list(anatomy.tensors.items()))
    shape = list(tensor.shape)
    chance = dice.random()
    if chance < 0.3 and shape:
        shape[dice.randrange(len(shape))] += dice.choice((-1, 1, 2))
    elif chance < 0.45:
        shape = shape[::-1]
    elif chance < 0.6:
        shape = [*shape, dice.choice((0, 1, 2))]
    elif chance < 0.75:
        shape = shape[:-1]
    else:
        shape = [dice.choice((0, 1, *_HUGE)) for _ in range(dice.randrange(4))]
    new = replace(tensor, shape=tuple(shape))
    return _put(anatomy, name, fit_shape(new) if dice.random() < 0.8 and all(side >= 0 for side in shape) else new)


def _dtype(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    name, tensor = dice.choice(list(anatomy.tensors.items()))
    new = replace(tensor, dtype=dice.choice((*SIZES, "F8_E4M3", "F4", "C64", "X", "")))
    return _put(anatomy, name, fit_shape(new) if dice.random() < 0.8 else new)


def _names(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    """Remove, rename, add or swap tensors."""
    tensors = dict(anatomy.tensors)
    name, other = dice.choice(list(tensors)), dice.choice(list(tensors))
    chance = dice.random()
    if chance < 0.25:
        del tensors[name]
    elif chance < 0.5:
        tensors[dice.choice(_STRINGS) or "x"] = tensors.pop(name)
    elif chance < 0.7:
        tensors[f"{name}2"] = tensors[name]
    elif chance < 0.85:
        tensors[name], tensors[other] = tensors[other], tensors[name]
    else:
        tensors = {each: tensor for each, tensor in tensors.items() if not each.startswith("pair_")}
    return replace(anatomy, tensors=tensors)


def _together(anatomy: Anatomy, dice: random.Random) -> Anatomy:
    """Cut or repeat rows of all tensors that have as many, as another model of this kind would have."""
    sides = sorted({tensor.shape[0] for tensor in anatomy.tensors.values() if tensor.shape})
    if not sides:
        return anatomy
    side, new = dice.choice(sides), dice.choice((0, 1, 2, 5, 61))
    tensors = {
        name: fit_shape(replace(tensor, shape=(new, *tensor.shape[1:]))) if tensor.shape[:1] == (side,) else tensor
        for name, tensor in anatomy.tensors.items()
    }
    return replace(anatomy, tensors=tensors)


def _put(anatomy: Anatomy, name: str, tensor: RawTensor) -> Anatomy:
    return replace(anatomy, tensors={**anatomy.tensors, name: tensor})


def _mutate_header(content: bytes, dice: random.Random) -> bytes:
    header, data = split_header(content)
    chance = dice.random()
    if chance < 0.6:
        try:
            header = json.dumps(mutate_json(json.loads(header), dice)).encode()
        except ValueError:
            return content
    elif chance < 0.7:  # a key that is there twice
        header = header[:-1] + b',"idf":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    elif chance < 0.8:
        header = header + b" " * dice.choice((1, 7, 8, 100))
    elif chance < 0.9:
        at = dice.randrange(len(header) + 1)
        header = header[:at] + dice.choice(_TEXTS) + header[at:]
    else:
        return dice.choice((0, 1, len(header) - 1, len(header) + 1, len(content), *_HUGE[:8])).to_bytes(8, "little") + (
            header + data
        )
    return join_header(header, data)


def _noise(content: bytes, dice: random.Random) -> bytes:
    noisy = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        noisy[dice.randrange(len(noisy))] = dice.randrange(256)
    return bytes(noisy)


def _splice(content: bytes, dice: random.Random) -> bytes:
    """Write a piece of the file over another, or into it."""
    start = dice.randrange(len(content))
    piece = content[start : start + dice.choice((1, 4, 16, 256))]
    at = dice.randrange(len(content))
    return content[:at] + piece + content[at + dice.choice((0, len(piece))) :]


def _cut(content: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content))
    return content[:start] + content[start + dice.choice((1, 2, 8, 100, len(content))) :]


def _lengthen(content: bytes, dice: random.Random) -> bytes:
    return content + dice.choice((b"\0", bytes(8), content, dice.randbytes(16), b"PK\x05\x06" + bytes(18)))


_PARTS: tuple[Callable[[Anatomy, random.Random], Anatomy], ...] = (
    *(_metadata, _metadata, _numbers, _numbers, _text, _text, _text),
    *(_shape, _dtype, _names, _together),
)
_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_noise, _noise, _splice, _cut, _lengthen)
