"""The safetensors container: what is written is read again, and bytes that are no whole file are refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors

from stance import ModelFormatError
from stance.container import (
    ITEM_BYTES,
    LINE,
    LONGEST_HEADER,
    METADATA,
    Part,
    join,
    looks_like_safetensors,
    parse_container,
    read_content,
    write_header,
)

PATH = Path("model.safetensors")
RETRAIN = "retrain with 'stance train' or get the file again"

PARTS = {"a": Part("I16", (2, 3), bytes(range(12))), "none": Part("F64", (0,), b""), "b": Part("U8", (4,), b"text")}


def entry(first: object, last: object, dtype: object = "U8", shape: object = None) -> dict[str, object]:
    """Return what a header says of a tensor; without a shape it is one of bytes."""
    return {"dtype": dtype, "shape": [last - first] if shape is None else shape, "data_offsets": [first, last]}


def content_of(header: object, data: bytes = b"") -> memoryview:
    """Return the content of a file with a header, as JSON or as it is given, and data."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return memoryview(len(text).to_bytes(8, "little") + text + data)


def refusal(content: memoryview) -> str:
    with pytest.raises(ModelFormatError) as caught:
        parse_container(PATH, content)
    return str(caught.value)


def test_written_parts_are_read_again():
    content = memoryview(join(write_header({"key": "välue"}, PARTS), list(PARTS.values())))
    found = parse_container(PATH, content)
    assert (found.metadata, list(found.parts), found.content) == ({"key": "välue"}, list(PARTS), content)
    assert {name: part._replace(data=bytes(part.data)) for name, part in found.parts.items()} == PARTS
    assert bytes(content[found.header :]) == bytes(range(12)) + b"text"


def test_header_has_no_needless_bytes():
    assert write_header({"key": "value"}, {"a": PARTS["a"], "b": PARTS["b"]}) == (
        b"\xb8\0\0\0\0\0\0\0"
        b'{"__metadata__":{"key":"value"},"a":{"dtype":"I16","shape":[2,3],"data_offsets":[0,12]},'
        b'"b":{"dtype":"U8","shape":[4],"data_offsets":[12,16]}}' + b" " * 42
    )


@pytest.mark.parametrize("length", range(LINE))
def test_tensors_begin_at_a_line(length):
    header = write_header({"key": "v" * length}, PARTS)
    assert len(header) % LINE == 0
    assert header.rstrip(b" ").endswith(b"}")
    assert len(header) - len(header.rstrip(b" ")) < LINE


@pytest.mark.parametrize("dtype", sorted(ITEM_BYTES))
def test_every_type_has_its_size(dtype):
    size = ITEM_BYTES[dtype]
    parts = {"x": Part(dtype, (3,), bytes(3 * size))}
    content = memoryview(join(write_header({}, parts), [parts["x"]]))
    assert parse_container(PATH, content).parts["x"].shape == (3,)
    if dtype != "BF16":  # which numpy lacks
        assert load_safetensors(bytes(content))["x"].itemsize == size
    assert refusal(content_of({"x": entry(0, 3 * size + 1, dtype, [3])}, bytes(3 * size + 1))) == (
        f"{PATH}: not a readable safetensors file "
        f"(tensor 'x': {3 * size + 1} bytes for {dtype} of shape [3]); {RETRAIN}"
    )


def test_metadata_may_be_missing():
    found = parse_container(PATH, content_of({"x": entry(0, 2)}, b"ab"))
    assert (found.metadata, list(found.parts)) == ({}, ["x"])


def test_tensor_of_no_dimension_is_read():
    part = parse_container(PATH, content_of({"x": entry(0, 4, "F32", [])}, bytes(4))).parts["x"]
    assert (part.dtype, part.shape, bytes(part.data)) == ("F32", (), bytes(4))


def test_tensors_come_as_they_lie():
    header = {"late": entry(2, 3), "empty": entry(2, 2), "early": entry(0, 2)}
    found = parse_container(PATH, content_of(header, b"abc")).parts
    assert [(name, bytes(part.data)) for name, part in found.items()] == [
        ("early", b"ab"),
        ("empty", b""),
        ("late", b"c"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "a header of 0 bytes in a file of 0"),
        (b"\1\0\0\0\0\0\0", "a header of 1 bytes in a file of 7"),
        (b"\3\0\0\0\0\0\0\0{}", "a header of 3 bytes in a file of 10"),
        (b"\0\0\0\0\0\0\0\x80{}", f"a header of {1 << 63} bytes in a file of 10"),
        (bytes(8), "header: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_length_that_cannot_be_is_refused(content, problem):
    assert refusal(memoryview(content)) == f"{PATH}: not a readable safetensors file ({problem}); {RETRAIN}"


def test_header_has_a_greatest_length():
    longest = content_of(b"{}".ljust(LONGEST_HEADER - 8))
    assert parse_container(PATH, longest).header == LONGEST_HEADER
    problem = f"a header of {LONGEST_HEADER - 7} bytes in a file of {LONGEST_HEADER + 1}"
    assert refusal(content_of(b"{}".ljust(LONGEST_HEADER - 7))) == (
        f"{PATH}: not a readable safetensors file ({problem}); {RETRAIN}"
    )


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b'{"\xff', "header: 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte"),
        (b'{"a":1,"a":1}', "header: a name occurs twice"),
        (b'{"__metadata__":{"a":"","a":""}}', "header: a name occurs twice"),
        (["a"], "the header is not a JSON object"),
        ({METADATA: ["a"]}, "the metadata are not texts"),
        ({METADATA: None}, "the metadata are not texts"),
        ({METADATA: {"a": "text", "b": 1}}, "the metadata are not texts"),
    ],
)
def test_header_that_cannot_be_is_refused(header, problem):
    assert refusal(content_of(header)) == f"{PATH}: not a readable safetensors file ({problem}); {RETRAIN}"


def test_header_nested_too_deeply_is_refused():
    assert refusal(content_of(b"[" * 100_000)).startswith(f"{PATH}: not a readable safetensors file (header: ")


NO_ENTRY = "tensor 'x': not data_offsets, dtype, shape"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, NO_ENTRY),
        (["data_offsets", "dtype", "shape"], NO_ENTRY),
        ({"dtype": "U8", "shape": [2]}, NO_ENTRY),
        (entry(0, 2) | {"name": "x"}, NO_ENTRY),
        (entry(0, 2, "F8"), "tensor 'x': dtype 'F8'"),
        (entry(0, 2, ["U8"]), "tensor 'x': dtype ['U8']"),
        (entry(0, 2, None), "tensor 'x': dtype None"),
        (entry(0, 2) | {"data_offsets": [0, 2, 2]}, "tensor 'x': shape [2] at [0, 2, 2]"),
        (entry(0, 2) | {"data_offsets": [0]}, "tensor 'x': shape [2] at [0]"),
        (entry(0, 2) | {"data_offsets": {"0": 2}}, "tensor 'x': shape [2] at {'0': 2}"),
        (entry(0, 2) | {"data_offsets": [False, 2]}, "tensor 'x': shape [2] at [False, 2]"),
        (entry(0, 2) | {"data_offsets": [0, 2.0]}, "tensor 'x': shape [2] at [0, 2.0]"),
        (entry(-1, 1), "tensor 'x': shape [2] at [-1, 1]"),
        (entry(0, 2, shape=[1, 2, 1]), "tensor 'x': shape [1, 2, 1] at [0, 2]"),
        (entry(0, 2, shape="2"), "tensor 'x': shape '2' at [0, 2]"),
        (entry(0, 2, shape=[-1, -2]), "tensor 'x': shape [-1, -2] at [0, 2]"),
        (entry(0, 2, shape=[1 << 60]), f"tensor 'x': shape [{1 << 60}] at [0, 2]"),
        (entry(0, 2, shape=[(1 << 60) - 1]), f"tensor 'x': 2 bytes for U8 of shape [{(1 << 60) - 1}]"),
        (entry(0, 2, shape=[3]), "tensor 'x': 2 bytes for U8 of shape [3]"),
        (entry(0, 2, "U16", [2]), "tensor 'x': 2 bytes for U16 of shape [2]"),
        (entry(0, 3), "tensor 'x': bytes 0 to 3, where 0 to 2 are left"),
        (entry(1, 2), "tensor 'x': bytes 1 to 2, where 0 to 2 are left"),
        (entry(0, 1), "1 bytes behind the last tensor"),
    ],
)
def test_entry_that_cannot_be_is_refused(value, problem):
    assert refusal(content_of({"x": value}, b"ab")) == (
        f"{PATH}: not a readable safetensors file ({problem}); {RETRAIN}"
    )


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (entry(1, 4), "bytes 1 to 4, where 2 to 4 are left"),
        (entry(3, 4), "bytes 3 to 4, where 2 to 4 are left"),
        (entry(2, 1, shape=[1]), "bytes 2 to 1, where 2 to 4 are left"),
        (entry(2, 5), "bytes 2 to 5, where 2 to 4 are left"),
        (entry(2, 4, shape=[1]), "2 bytes for U8 of shape [1]"),
    ],
)
def test_tensors_neither_overlap_nor_gape(second, problem):
    content = content_of({"x": entry(0, 2), "y": second}, b"abcd")
    assert refusal(content) == f"{PATH}: not a readable safetensors file (tensor 'y': {problem}); {RETRAIN}"


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", False), (b"12345678", False), (b"1234567{", False), (b"12345678{", True), (b"12345678[{", False)],
)
def test_ninth_byte_tells_the_kind(content, found):
    assert looks_like_safetensors(content) is looks_like_safetensors(memoryview(content)) is found


def test_file_is_read_whole(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"\2\0\0\0\0\0\0\0{}" + bytes(range(256)) * 1000)
    content = read_content(path)
    assert (bytes(content), content.readonly) == (path.read_bytes(), True)
    assert np.frombuffer(content, np.uint8).ctypes.data % 4096 == 0


@pytest.mark.parametrize("content", [b"", b"short", b"no model, but a text that goes on"])
def test_other_file_is_hardly_read(tmp_path, content):
    path = tmp_path / "text"
    path.write_bytes(content)
    assert bytes(read_content(path)) == content[:9]


def test_folder_is_no_model(tmp_path):
    with pytest.raises(ModelFormatError) as caught:
        read_content(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read ([Errno 21] Is a directory: '{tmp_path}'); {RETRAIN}"


def test_pipe_is_no_model(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.write(descriptor, b"\2\0\0\0\0\0\0\0{}")
        with pytest.raises(ModelFormatError) as caught:
            read_content(path)
    finally:
        os.close(descriptor)
    assert str(caught.value) == f"{path}: cannot be read ([Errno 22] Invalid argument); {RETRAIN}"


def test_name_with_nul_is_no_model():
    with pytest.raises(ModelFormatError) as caught:
        read_content(Path("a\0b"))
    assert str(caught.value) == f"a\0b: cannot be read (embedded null byte); {RETRAIN}"


def test_file_cut_while_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "model"
    path.write_bytes(b"\2\0\0\0\0\0\0\0{}" + bytes(90))
    measure = os.fstat

    def measure_and_cut(descriptor: int) -> os.stat_result:
        measured = measure(descriptor)
        os.truncate(path, 60)
        return measured

    monkeypatch.setattr(os, "fstat", measure_and_cut)
    with pytest.raises(ModelFormatError) as caught:
        read_content(path)
    assert str(caught.value) == f"{path}: ends after 60 of 100 bytes; {RETRAIN}"


def test_long_names_are_cut_in_messages():
    message = refusal(content_of({"x" * 1_000_000: entry(5, 6)}))
    assert message.startswith(f"{PATH}: not a readable safetensors file (tensor 'xxx")
    assert len(message) < 1000
    assert message.endswith(RETRAIN)
