"""The model file: what is written is read again, and a file that cannot be used is refused with the reason."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from stance import ModelFormatError, load
from stance.model import DEEPEST, FORMAT_VERSION, METADATA_KEY, read_model
from stance.terms import TERMS_VERSION

RETRAIN = "retrain with 'stance train' or get the file again"
SENTENCE = "Ankara lifted its ban on flights from the island."

Header = dict[str, Any]
Tensors = dict[str, np.ndarray]


@pytest.fixture
def altered(small_model: Path, tmp_path: Path) -> Callable[[Callable[[Header, Tensors], None]], Path]:
    """Return a function that writes the small model again after a change to its header or tensors."""

    def write(change: Callable[[Header, Tensors], None]) -> Path:
        with safe_open(small_model, framework="numpy") as file:
            header = json.loads(file.metadata()[METADATA_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        change(header, tensors)
        path = tmp_path / "altered.safetensors"
        save_file(tensors, path, {METADATA_KEY: json.dumps(header)})
        return path

    return write


def refusal(path: Path) -> str:
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    return str(caught.value)


def test_written_model_reads_the_same(small_model, tmp_path):
    model = read_model(small_model)
    path = tmp_path / "again.safetensors"
    path.write_bytes(model.to_bytes())
    again = read_model(path)
    assert (again.labels, again.classes, again.vocabulary) == (model.labels, model.classes, model.vocabulary)
    assert (again.lexicon.source, again.information) == (model.lexicon.source, model.information)
    for name in ("idf", "weights", "intercept"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name), strict=True)
    assert load(path).predict(SENTENCE) == load(small_model).predict(SENTENCE)


def test_equal_models_give_equal_bytes(small_model):
    model = read_model(small_model)
    assert model.to_bytes() == model.to_bytes() == small_model.read_bytes()


def test_path_may_be_a_string(small_model):
    assert load(str(small_model)).predict(SENTENCE) == load(small_model).predict(SENTENCE)


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "none.safetensors"
    with pytest.raises(FileNotFoundError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: no such model file; train one with 'stance train'"


@pytest.mark.parametrize("content", [b"", b"text,label\n", b"\x80\x04\x95"])
def test_file_that_is_not_safetensors_is_refused(tmp_path, content):
    path = tmp_path / "not.safetensors"
    path.write_bytes(content)
    assert refusal(path) == (
        f"{path}: not a safetensors model; if it is a pickle, reading it can run any code; "
        f"if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; else {RETRAIN}"
    )


def test_cut_off_file_is_refused(small_model, tmp_path):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(small_model.read_bytes()[:-1])
    message = rf"{re.escape(str(path))}: not a readable safetensors file \(.+\); {re.escape(RETRAIN)}"
    assert re.fullmatch(message, refusal(path))


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}])
def test_foreign_safetensors_file_is_refused(tmp_path, metadata):
    path = tmp_path / "foreign.safetensors"
    save_file({"embedding": np.zeros(3)}, path, metadata)
    assert refusal(path) == f"{path}: a safetensors file, but not one of stance's; {RETRAIN}"


def test_metadata_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "one"})
    assert refusal(path) == (
        f"{path}: metadata 'stance' is not JSON (Expecting value: line 1 column 1 (char 0)); {RETRAIN}"
    )


def test_metadata_that_is_not_an_object_is_refused(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "[]"})
    assert refusal(path) == f"{path}: metadata 'stance' is not a JSON object; {RETRAIN}"


def test_metadata_nested_too_deeply_to_parse_is_refused(tmp_path):
    path = tmp_path / "metadata.safetensors"
    save_file({"idf": np.zeros(3)}, path, {METADATA_KEY: "[" * 100_000})
    assert re.fullmatch(
        rf"{re.escape(str(path))}: metadata 'stance' is not JSON \(.*recursion.*\); {re.escape(RETRAIN)}", refusal(path)
    )


@pytest.mark.parametrize("name", ["classes", "format_version", "information", "labels"])
def test_metadata_nested_deeper_than_any_model_is_refused(altered, name):
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


@pytest.mark.parametrize("source", ["x = " + "[" * 100_000, "x = 1", "x = [", "[x]\npolarity = 2"])
def test_lexicon_that_cannot_be_read_is_refused(altered, source):
    def replace_lexicon(header: Header, tensors: Tensors) -> None:
        header.update(lexicon_sha256=sha256(source.encode()).hexdigest())
        tensors.update(lexicon=np.frombuffer(source.encode(), np.uint8))

    path = altered(replace_lexicon)
    assert refusal(path).startswith(f"{path}: damaged or incomplete (")


def test_newer_format_asks_for_an_upgrade(altered):
    newer = FORMAT_VERSION + 1
    path = altered(lambda header, _: header.update(format_version=newer))
    assert refusal(path) == (
        f"{path}: format version {newer}, this version reads 1 and 2; pip install --upgrade stance-classifier"
    )


@pytest.mark.parametrize("version", [0, None, "1", True, 1.0])
def test_unknown_format_asks_for_retraining(altered, version):
    path = altered(lambda header, _: header.update(format_version=version))
    assert refusal(path) == f"{path}: format version {version}, this version reads 1 and 2; {RETRAIN}"


def test_model_of_other_terms_is_refused(altered):
    other = TERMS_VERSION + 1
    path = altered(lambda header, _: header.update(terms_version=other))
    assert refusal(path) == f"{path}: terms version {other}, this version makes {TERMS_VERSION}; {RETRAIN}"


@pytest.mark.parametrize("name", ["idf", "intercept", "lexicon", "terms", "weights"])
def test_missing_tensor_is_named(altered, name):
    path = altered(lambda _, tensors: tensors.pop(name))
    assert refusal(path) == f"{path}: no tensor {name}; {RETRAIN}"


def test_unknown_tensor_is_named(altered):
    path = altered(lambda _, tensors: tensors.update(bias=np.zeros(3), extra=np.zeros(3)))
    assert refusal(path) == f"{path}: unknown tensor bias, extra; {RETRAIN}"


@pytest.mark.parametrize("name", ["lexicon", "terms"])
def test_text_that_is_not_bytes_is_refused(altered, name):
    path = altered(lambda _, tensors: tensors.update({name: tensors[name].astype(np.int32)}))
    assert refusal(path) == f"{path}: {name} are not bytes (uint8); {RETRAIN}"


BAD_LABELS = "labels are not a list of 2 or more different printable strings"
BAD_CLASSES = "classes are not a list of different [label, event] pairs"
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
        ("classes", [["neutral", None], ["neutral", None]], BAD_CLASSES),
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
def test_header_entry_of_another_kind_is_refused(altered, name, value, problem):
    path = altered(lambda header, _: header.update({name: value}))
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("idf", lambda array: array.astype(np.float64), "idf is not float32 of shape ({terms},)"),
        ("idf", lambda array: array[1:], "idf is not float32 of shape ({terms},)"),
        ("weights", lambda array: array.astype(np.float32), "weights are not float16 of shape ({terms}, {classes})"),
        ("weights", lambda array: array[:, 1:].copy(), "weights are not float16 of shape ({terms}, {classes})"),
        ("intercept", lambda array: array.astype(np.int32), "intercept is not float32 of shape ({classes},)"),
        ("intercept", lambda array: array[None], "intercept is not float32 of shape ({classes},)"),
    ],
)
def test_tensor_of_another_type_or_shape_is_refused(altered, small_model, name, change, expected):
    model = read_model(small_model)
    path = altered(lambda _, tensors: tensors.update({name: change(tensors[name])}))
    problem = expected.format(terms=len(model.vocabulary), classes=len(model.classes))
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


@pytest.mark.parametrize("name", ["idf", "intercept", "weights"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_number_that_is_not_finite_is_refused(altered, name, value):
    path = altered(lambda _, tensors: tensors[name].flat.__setitem__(0, value))
    assert refusal(path) == f"{path}: idf, weights or intercept are not all finite; {RETRAIN}"


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_idf_that_is_not_positive_is_refused(altered, value):
    path = altered(lambda _, tensors: tensors["idf"].flat.__setitem__(0, value))
    assert refusal(path) == f"{path}: an idf is not positive; {RETRAIN}"


def test_term_that_occurs_twice_is_refused(altered):
    def repeat_first_term(_: Header, tensors: Tensors) -> None:
        terms = tensors["terms"].tobytes().decode().split("\n")
        terms[1] = terms[0]
        tensors["terms"] = np.frombuffer("\n".join(terms).encode(), np.uint8)

    path = altered(repeat_first_term)
    assert refusal(path) == f"{path}: a term occurs twice; {RETRAIN}"


def test_lexicon_other_than_its_hash_is_refused(altered):
    path = altered(lambda header, _: header.update(lexicon_sha256="0" * 64))
    assert refusal(path) == f"{path}: the lexicon does not match its SHA-256; {RETRAIN}"


def test_model_of_one_label_is_refused(altered):
    def keep_one_label(header: Header, _: Tensors) -> None:
        header.update(labels=["neutral"], classes=[["neutral", f"{n}"] for n in range(len(header["classes"]))])

    path = altered(keep_one_label)
    assert refusal(path) == f"{path}: {BAD_LABELS}; {RETRAIN}"


def test_label_without_a_class_is_refused(altered):
    path = altered(lambda header, _: header["labels"].append("mixed"))
    assert refusal(path) == f"{path}: a class of an unknown label, or a label without a class; {RETRAIN}"
