"""The model file: what is written is read again, and a file that cannot be used is refused with the reason."""

import re
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from tiny_model import Header, Tensors

from stance import ModelFormatError, load
from stance.container import parse_container, read_content
from stance.kernel import kernel_name
from stance.labels import EventClass, first_faces
from stance.model import read_model
from stance.model_file import DEEPEST, METADATA_KEY
from stance.packing import build_term_table
from stance.versions import FORMAT_VERSION, READABLE_TERMS

RETRAIN = "retrain with 'stance train' or get the file again"
SENTENCE = "Ankara lifted its ban on flights from the island."


def refusal(path: Path) -> str:
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    return str(caught.value)


def test_written_model_reads_the_same(tiny_model, tmp_path):
    model = read_model(tiny_model)
    path = tmp_path / "again.safetensors"
    path.write_bytes(model.to_bytes())
    again = read_model(path)
    assert (again.labels, again.classes, again.vocabulary) == (model.labels, model.classes, model.vocabulary)
    assert (again.lexicon.source, again.information) == (model.lexicon.source, model.information)
    for name in ("idf", "weights", "intercept"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name), strict=True)
    assert load(path).predict(SENTENCE) == load(tiny_model).predict(SENTENCE)


def test_equal_models_give_equal_bytes(tiny_model):
    model = read_model(tiny_model)
    assert model.to_bytes() == model.to_bytes() == tiny_model.read_bytes()


def test_path_may_be_a_string(tiny_model):
    assert load(str(tiny_model)).predict(SENTENCE) == load(tiny_model).predict(SENTENCE)


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "none.safetensors"
    with pytest.raises(FileNotFoundError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: no such model file; train one with 'stance train'"


@pytest.mark.parametrize("content", [b"", b"text,label\n", b"\x80\x04\x95"])
def test_other_file_than_safetensors_is_refused(tmp_path, content):
    path = tmp_path / "not.safetensors"
    path.write_bytes(content)
    assert refusal(path) == (
        f"{path}: not a safetensors model; if it is a pickle, reading it can run any code; "
        f"if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; else {RETRAIN}"
    )


def test_cut_off_file_is_refused(tiny_model, tmp_path):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(tiny_model.read_bytes()[:-1])
    message = rf"{re.escape(str(path))}: not a readable safetensors file \(.+\); {re.escape(RETRAIN)}"
    assert re.fullmatch(message, refusal(path))


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}])
def test_foreign_safetensors_file_is_refused(tmp_path, metadata):
    path = tmp_path / "foreign.safetensors"
    save_file({"embedding": np.zeros(3)}, path, metadata)
    assert refusal(path) == f"{path}: a safetensors file, but not one of stance's; {RETRAIN}"


def test_metadata_must_be_json(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "one"})
    assert refusal(path) == (
        f"{path}: metadata 'stance' is not JSON (Expecting value: line 1 column 1 (char 0)); {RETRAIN}"
    )


def test_metadata_must_be_an_object(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "[]"})
    assert refusal(path) == f"{path}: metadata 'stance' is not a JSON object; {RETRAIN}"


def test_unparsable_nesting_of_metadata_is_refused(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "[" * 100_000})
    assert re.fullmatch(
        rf"{re.escape(str(path))}: metadata 'stance' is not JSON \(.*recursion.*\); {re.escape(RETRAIN)}", refusal(path)
    )


@pytest.mark.parametrize("name", ["classes", "format_version", "information", "labels"])
def test_deep_nesting_of_metadata_is_refused(altered, name):
    nested: list[Any] = []
    for _ in range(DEEPEST):
        nested = [nested]
    path = altered(lambda header, _: header.update({name: nested}))
    assert refusal(path) == f"{path}: metadata 'stance' is nested more than {DEEPEST} deep; {RETRAIN}"


def test_information_may_be_nested(altered):
    information: Header = {}
    for _ in range(DEEPEST - 2):
        information = {"inner": information}
    path = altered(lambda header, _: header.update(information=information))
    assert load(path).model.information == information


def test_newer_format_asks_for_an_upgrade(altered):
    newer = FORMAT_VERSION + 1
    path = altered(lambda header, _: header.update(format_version=newer))
    assert refusal(path) == (
        f"{path}: format version {newer}, this version reads 1, 2, 3, 4 and 5; pip install --upgrade stance-classifier"
    )


@pytest.mark.parametrize("version", [0, None, "1", True, 1.0])
def test_unknown_format_asks_for_retraining(altered, version):
    path = altered(lambda header, _: header.update(format_version=version))
    assert refusal(path) == f"{path}: format version {version}, this version reads 1, 2, 3, 4 and 5; {RETRAIN}"


def test_model_of_other_terms_is_refused(altered):
    other = READABLE_TERMS[-1] + 1
    path = altered(lambda header, _: header.update(terms_version=other))
    assert refusal(path) == f"{path}: terms version {other}, this version knows 1 and 2; {RETRAIN}"


@pytest.mark.parametrize("name", ["intercept", "lexicon", "nodes", "table", "terms", "unit", "weights"])
def test_missing_tensor_is_named(altered, name):
    path = altered(lambda _, tensors: tensors.pop(name))
    assert refusal(path) == f"{path}: no tensor {name}; {RETRAIN}"


def test_unknown_tensor_is_named(altered):
    path = altered(lambda _, tensors: tensors.update(bias=np.zeros(3), extra=np.zeros(3)))
    assert refusal(path) == f"{path}: unknown tensor bias, extra; {RETRAIN}"


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        (
            "terms",
            lambda array: array.astype("i4"),
            r"terms is I32 of shape \(\d+,\), where U8 of 1 dimensions belongs",
        ),
        (
            "weights",
            lambda array: array.astype("f4"),
            r"weights is F32 of shape .+ I8 of 2 dimensions, 16 wide belongs",
        ),
        ("weights", lambda array: array[:, 1:].copy(), r"weights is I8 of shape .+, 16 wide belongs"),
        ("intercept", lambda array: array[1:], r"intercept does not have 16 numbers"),
        ("table", lambda array: array.reshape(-1, 4), r"table is U32 of shape .+, 8 wide belongs"),
        ("nodes", lambda array: array[:, 0].copy(), r"nodes is I32 of shape .+ of 2 dimensions, 4 wide belongs"),
    ],
)
def test_tensor_of_another_kind_is_refused(altered, name, change, problem):
    path = altered(lambda _, tensors: tensors.update({name: change(tensors[name])}))
    assert re.fullmatch(rf"{re.escape(str(path))}: {problem}; {RETRAIN}", refusal(path))


BAD_LABELS = "labels are not a list of 2 or more different printable strings"
BAD_CLASSES = "classes are not a list of [label, event] pairs"
BAD_INFORMATION = "information is not a JSON object"


@pytest.mark.parametrize(
    ("name", "problem"), [("classes", BAD_CLASSES), ("information", BAD_INFORMATION), ("labels", BAD_LABELS)]
)
def test_missing_header_entry_is_named(altered, name, problem):
    path = altered(lambda header, _: header.pop(name))
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("labels", ["cooperative", "neutral", "neutral"], BAD_LABELS),
        ("labels", {"cooperative": 0, "neutral": 1}, BAD_LABELS),
        ("labels", ["cooperative", 1], BAD_LABELS),
        ("labels", "cooperative", BAD_LABELS),
        ("labels", None, BAD_LABELS),
        ("labels", ["cooperative", ""], BAD_LABELS),
        ("labels", ["cooperative", "\x1b[31mred\n"], BAD_LABELS),
        ("labels", ["cooperative", ["neutral"]], BAD_LABELS),
        ("classes", [], BAD_CLASSES),
        ("classes", {"neutral": None}, BAD_CLASSES),
        ("classes", ["neutral", "cooperative"], BAD_CLASSES),
        ("classes", [["neutral", None], [1, None]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative", 1]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative"]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative", 0]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative", []]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative", ""]], BAD_CLASSES),
        ("classes", [["neutral", None], ["cooperative", "AID\x07"]], BAD_CLASSES),
        ("classes", None, BAD_CLASSES),
        ("information", [], BAD_INFORMATION),
        ("information", None, BAD_INFORMATION),
    ],
)
def test_header_entry_of_another_kind(altered, name, value, problem):
    path = altered(lambda header, _: header.update({name: value}))
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


def swap_names(_: Header, tensors: Tensors) -> None:
    terms = tensors["terms"].tobytes().decode().split("\n")
    terms[0], terms[-1] = terms[-1], terms[0]
    tensors["terms"] = np.frombuffer("\n".join(terms).encode(), np.uint8)


def repeat_a_name(_: Header, tensors: Tensors) -> None:
    terms = tensors["terms"].tobytes().decode().split("\n")
    tensors["terms"] = np.frombuffer("\n".join([terms[1], *terms[1:]]).encode(), np.uint8)


def put(name: str, column: object, value: float) -> Callable[[Header, Tensors], None]:
    return lambda _, tensors: tensors[name].__setitem__(column, value)


@pytest.mark.parametrize(
    "change",
    [
        swap_names,
        repeat_a_name,
        put("unit", 0, 0.0),
        put("unit", 0, np.nan),
        put("unit", 0, 1e30),
        put("unit", 0, 0.75),
        put("intercept", 0, np.inf),
        put("intercept", 0, -1e30),
        put("table", (3, 7), 14),
        lambda _, tensors: tensors.update(weights=tensors["weights"][:-64].copy()),
    ],
)
@pytest.mark.parametrize("kernel", sorted({kernel_name(), "pure"}))
def test_tables_that_do_not_fit(altered, change, kernel, monkeypatch):
    path = altered(change)
    monkeypatch.setenv("STANCE_KERNEL", kernel)
    assert refusal(path).startswith(f"{path}: damaged or incomplete (")


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("nodes", 0, 1 << 30),
        ("nodes", 0, -1),
        ("nodes", 1, -2),
        ("nodes", 1, 1 << 30),
        ("nodes", 2, 1 << 20),
        ("nodes", 3, 1 << 20),
        ("phrases", 0, 999),
        ("phrases", 1, 1 << 30),
        ("phrases", 2, 1 << 30),
        ("phrases", 2, -1),
        ("edges", 1, 0),
        ("edges", 1, 1 << 30),
        ("table", 7, 1 << 21),
        ("table", 7, 1),
    ],
)
def test_table_that_leads_outside_is_refused(altered, name, column, value):
    path = altered(lambda _, tensors: tensors[name].__setitem__((slice(None), column), value))
    assert refusal(path).startswith(f"{path}: damaged or incomplete (")


def test_many_classes_are_read_in_time():
    """To look each of them up among all others took minutes for what a header can hold."""
    classes = tuple(EventClass("cooperative", f"event {number}") for number in range(100_000))
    started = time.monotonic()
    assert first_faces(classes + classes) == [*range(100_000)] * 2
    assert time.monotonic() - started < 5


def test_table_of_spilled_buckets_is_refused():
    """A search in it would go round for ever; the campaign of mutated models found that."""
    native = pytest.importorskip("stance._native", reason="built without a C compiler")
    table = build_term_table(["a", "b"], np.ones(2, np.float32))
    table.buckets["first_and_mark"] |= 1
    with pytest.raises(ValueError, match=r"^too many full buckets in a row$"):
        native.Kernel(
            table=table.buckets.tobytes(),
            weights=bytes(4),
            unit=np.ones(1, "f4").tobytes(),
            intercept=bytes(8),
            nodes=bytes(16),
            phrases=bytes(16),
            edges=b"",
            roots=bytes(4),
            traits=bytes(1),
            labels=bytes([0, 1]),
            faces=bytes([0, 1]),
            label_ranks=bytes(2),
            classes=(),
            label_count=2,
            neutral=-1,
            names=b"a\nb",
        )


def test_lexicon_is_refused_when_needed(altered):
    path = altered(lambda _, tensors: tensors.update(lexicon=np.frombuffer(b"x = [", np.uint8)))
    with pytest.raises(ModelFormatError, match="damaged or incomplete"):
        load(path).explain(SENTENCE)


def test_every_changed_byte_is_seen(tiny_model, tmp_path):
    content, path = bytearray(tiny_model.read_bytes()), tmp_path / "changed.safetensors"
    for place in range(len(content) // 2, len(content), len(content) // 40):
        content[place] ^= 1
        path.write_bytes(content)
        assert refusal(path).endswith(f"does not match its SHA-256; {RETRAIN}")
        content[place] ^= 1


def test_only_the_given_digest_is_loaded(tiny_model):
    digest = sha256(tiny_model.read_bytes()).hexdigest()
    assert load(tiny_model, sha256=digest.upper()).predict(SENTENCE) == load(tiny_model).predict(SENTENCE)
    with pytest.raises(ModelFormatError) as caught:
        load(tiny_model, sha256="0" * 64)
    remedy = "get the file again from whoever vouches for it"
    assert str(caught.value) == f"{tiny_model}: SHA-256 is {digest}, not {'0' * 64}; {remedy}"


def test_safetensors_library_reads_our_file_alike(tiny_model):
    container = parse_container(tiny_model, read_content(tiny_model))
    with safe_open(tiny_model, framework="numpy") as file:
        assert sorted(file.keys()) == sorted(container.parts)
        assert file.metadata() == container.metadata
        for name, part in container.parts.items():
            array = file.get_tensor(name)
            assert (array.shape, array.tobytes()) == (part.shape, bytes(part.data))


def test_model_of_one_label_is_refused(altered):
    def keep_one_label(header: Header, _: Tensors) -> None:
        header.update(labels=["neutral"], classes=[["neutral", f"{n}"] for n in range(len(header["classes"]))])

    path = altered(keep_one_label)
    assert refusal(path) == f"{path}: {BAD_LABELS}; {RETRAIN}"


def test_label_without_a_class_is_refused(altered):
    path = altered(lambda header, _: header["labels"].append("mixed"))
    assert refusal(path) == f"{path}: a class of an unknown label, or a label without a class; {RETRAIN}"
