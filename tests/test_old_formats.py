"""Model files of formats before 5: one that cannot be used is refused with the reason."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from tiny_model import alter

from stance import ModelFormatError, load
from stance.model import Model, read_model
from stance.model_file import METADATA_KEY

RETRAIN = "retrain with 'stance train' or get the file again"
TREATY = "The two presidents signed a treaty in Oslo."
MODELS = Path(__file__).parents[1] / "fixtures" / "models"
KEPT = MODELS / "format_1.safetensors"
KEPT_WITH_PAIRS = MODELS / "format_2.safetensors"
KEPT_WITH_TABLE = MODELS / "format_3.safetensors"
KEPT_WIDE = MODELS / "format_4.safetensors"

Header = dict[str, Any]
Tensors = dict[str, np.ndarray]


def writer(kept: Path, path: Path) -> Callable[[Callable[[Header, Tensors], None]], Path]:
    """Return a function that writes a kept model again after a change to its header or tensors."""

    def write(change: Callable[[Header, Tensors], None]) -> Path:
        with safe_open(kept, framework="numpy") as file:
            header = json.loads(file.metadata()[METADATA_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        change(header, tensors)
        save_file(tensors, path, {METADATA_KEY: json.dumps(header)})
        return path

    return write


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[Callable[[Header, Tensors], None]], Path]:
    """Return what writes the kept model of format 1 again."""
    return writer(KEPT, tmp_path / "altered.safetensors")


@pytest.fixture
def altered_pairs(tmp_path: Path) -> Callable[[Callable[[Header, Tensors], None]], Path]:
    """Return what writes the kept model of format 2, which has a pair model, again."""
    return writer(KEPT_WITH_PAIRS, tmp_path / "altered.safetensors")


def refusal(path: Path) -> str:
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("source", ["x = " + "[" * 100_000, "x = 1", "x = [", "[x]\npolarity = 2"])
def test_unreadable_lexicon_is_refused(altered, source):
    def replace_lexicon(header: Header, tensors: Tensors) -> None:
        header.update(lexicon_sha256=sha256(source.encode()).hexdigest())
        tensors.update(lexicon=np.frombuffer(source.encode(), np.uint8))

    path = altered(replace_lexicon)
    assert refusal(path).startswith(f"{path}: damaged or incomplete (")


@pytest.mark.parametrize("name", ["idf", "intercept", "lexicon", "terms", "weights"])
def test_missing_tensor_is_named(altered, name):
    path = altered(lambda _, tensors: tensors.pop(name))
    assert refusal(path) == f"{path}: no tensor {name}; {RETRAIN}"


def test_unknown_tensor_is_named(altered):
    path = altered(lambda _, tensors: tensors.update(bias=np.zeros(3), extra=np.zeros(3)))
    assert refusal(path) == f"{path}: unknown tensor bias, extra; {RETRAIN}"


@pytest.mark.parametrize("name", ["lexicon", "terms"])
def test_text_must_be_bytes(altered, name):
    path = altered(lambda _, tensors: tensors.update({name: tensors[name].astype(np.int32)}))
    assert refusal(path) == f"{path}: {name} is I32, where U8 belongs; {RETRAIN}"


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("idf", lambda array: array.astype(np.float16), "idf is F16, where F32 belongs"),
        ("idf", lambda array: array[1:], "idf is not of shape ({terms},)"),
        ("weights", lambda array: array.astype(np.float32), "weights is F32, where F16 belongs"),
        ("weights", lambda array: array[:, 1:].copy(), "weights is not of shape ({terms}, {classes})"),
        ("intercept", lambda array: array.astype(np.int32), "intercept is I32, where F32 belongs"),
        ("intercept", lambda array: array[None], "intercept is not of shape ({classes},)"),
    ],
)
def test_tensor_of_another_kind_is_refused(altered, name, change, expected):
    model = read_model(KEPT)
    path = altered(lambda _, tensors: tensors.update({name: change(tensors[name])}))
    problem = expected.format(terms=len(model.vocabulary), classes=len(model.classes))
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


@pytest.mark.parametrize("name", ["idf", "intercept", "weights"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_infinite_number_is_refused(altered, name, value):
    path = altered(lambda _, tensors: tensors[name].flat.__setitem__(0, value))
    assert refusal(path) == f"{path}: idf, weights or intercept are not all finite; {RETRAIN}"


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_idf_must_be_positive(altered, value):
    path = altered(lambda _, tensors: tensors["idf"].flat.__setitem__(0, value))
    assert refusal(path) == f"{path}: an idf is not positive; {RETRAIN}"


def test_term_that_occurs_twice_is_refused(altered):
    def repeat_first_term(_: Header, tensors: Tensors) -> None:
        terms = tensors["terms"].tobytes().decode().split("\n")
        terms[1] = terms[0]
        tensors["terms"] = np.frombuffer("\n".join(terms).encode(), np.uint8)

    path = altered(repeat_first_term)
    assert refusal(path) == f"{path}: a term occurs twice; {RETRAIN}"


def test_lexicon_of_another_hash_is_refused(altered):
    path = altered(lambda header, _: header.update(lexicon_sha256="0" * 64))
    assert refusal(path) == f"{path}: the lexicon does not match its SHA-256; {RETRAIN}"


@pytest.mark.parametrize("name", ["pair_idf", "pair_intercept", "pair_terms", "pair_weights"])
def test_missing_pair_tensor_is_named(altered_pairs, name):
    path = altered_pairs(lambda _, tensors: tensors.pop(name))
    assert refusal(path) == f"{path}: no tensor {name}; {RETRAIN}"


def test_pair_term_twice_is_refused(altered_pairs):
    def repeat_first_term(_: Header, tensors: Tensors) -> None:
        terms = tensors["pair_terms"].tobytes().decode().split("\n")
        tensors["pair_terms"] = np.frombuffer("\n".join([terms[1], *terms[1:]]).encode(), np.uint8)

    path = altered_pairs(repeat_first_term)
    assert refusal(path) == f"{path}: damaged or incomplete (a pair term occurs twice); {RETRAIN}"


NOT_FINITE = "pair_idf, pair_weights or pair_intercept are not all finite"


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("pair_idf", lambda array: array[1:].copy(), "pair_idf is not of shape ({terms},)"),
        ("pair_idf", lambda array: array[:, None].copy(), "pair_idf is not of shape ({terms},)"),
        ("pair_weights", lambda array: array[:, 1:].copy(), "pair_weights is not of shape ({terms}, 5)"),
        ("pair_weights", lambda array: array[1:].copy(), "pair_weights is not of shape ({terms}, 5)"),
        ("pair_intercept", lambda array: array[1:].copy(), "pair_intercept is not of shape (5,)"),
        ("pair_idf", lambda array: np.where(array == array[0], np.inf, array), NOT_FINITE),
        ("pair_weights", lambda array: np.where(array == array[0, 0], np.nan, array), NOT_FINITE),
        ("pair_intercept", lambda array: np.where(array == array[0], -np.inf, array), NOT_FINITE),
        ("pair_idf", lambda array: np.where(array == array[0], 0, array), "a pair_idf is not positive"),
    ],
)
def test_pairs_that_do_not_fit(altered_pairs, name, change, expected):
    path = altered_pairs(lambda _, tensors: tensors.update({name: change(tensors[name]).astype(tensors[name].dtype)}))
    problem = expected.format(terms=len(read_model(KEPT_WITH_PAIRS).pairs.vocabulary))
    assert refusal(path) == f"{path}: damaged or incomplete ({problem}); {RETRAIN}"


def test_pairs_of_format_2_relate():
    article = load(KEPT_WITH_PAIRS).score_document("Russia accused Ukraine of lying.")
    assert [(each.source, each.target) for each in article.relations] == [("RUS", "UKR")]


def write_table(path: Path, change: Callable[[Tensors], object]) -> Path:
    """Write the kept model of format 3 again after a change to its tensors, sealed anew."""

    def of_format_3(header: Header, tensors: Tensors) -> None:
        header["format_version"] = 3
        change(tensors)

    path.write_bytes(alter(KEPT_WITH_TABLE.read_bytes(), of_format_3))
    return path


def test_format_3_keeps_its_probabilities(tmp_path):
    prediction = load(write_table(tmp_path / "same.safetensors", dict)).predict(TREATY)
    expected = {"cooperative": 0.9966233, "adversarial": 0.0033709, "neutral": 0.0000058}
    assert dict(prediction.probabilities) == pytest.approx(expected, abs=1e-4)


def test_idf_stands_in_the_table():
    second, third = read_model(KEPT_WITH_PAIRS), read_model(KEPT_WITH_TABLE)
    for model, term in product((second, third), second.vocabulary):
        assert model.idf[model.vocabulary[term]] == second.idf[second.vocabulary[term]]
    weights = np.array([third.weights[third.vocabulary[term]] for term in second.vocabulary])
    np.testing.assert_allclose(weights, second.weights, atol=1e-3)


OUTSIDE = "damaged or incomplete (unit and intercept are not all between 0, or -1e+30, and 1e+30)"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda tensors: tensors.pop("table"), "no tensor table"),
        (lambda tensors: tensors.update(idf=np.zeros(3, "f4")), "unknown tensor idf"),
        (lambda tensors: tensors.update(unit=tensors["unit"].astype("f8")), "unit is F64, where F32 belongs"),
        (
            lambda tensors: tensors["table"].__setitem__((0, 0), 1),
            "damaged or incomplete (a term is not where its hash says)",
        ),
        (
            lambda tensors: tensors.update(weights=tensors["weights"][:-64].copy()),
            "weights is not of shape ({terms}, {classes})",
        ),
        (lambda tensors: tensors["unit"].fill(-0.01), OUTSIDE),
        (lambda tensors: tensors["unit"].fill(1e38), OUTSIDE),
        (lambda tensors: tensors["intercept"].fill(3e38), OUTSIDE),
        (
            lambda tensors: tensors.update(unit=np.zeros(0, "f4")),
            "damaged or incomplete (not enough values to unpack (expected 1, got 0))",
        ),
        (
            lambda tensors: tensors.update(unit=np.ones(2, "f4")),
            "damaged or incomplete (too many values to unpack (expected 1))",
        ),
        (
            lambda tensors: tensors.update(weights=np.array(1, "i2")),
            "damaged or incomplete (too many indices for array: array is 0-dimensional, but 1 were indexed)",
        ),
    ],
)
def test_table_of_format_3_is_checked(tmp_path, change, problem):
    model = read_model(KEPT_WITH_TABLE)
    path = write_table(tmp_path / "altered.safetensors", change)
    expected = problem.format(terms=len(model.vocabulary), classes=len(model.classes))
    assert refusal(path) == f"{path}: {expected}; {RETRAIN}"


def test_changed_byte_of_format_3_is_seen(tmp_path):
    content = bytearray(KEPT_WITH_TABLE.read_bytes())
    content[-1000] ^= 1
    path = tmp_path / "changed.safetensors"
    path.write_bytes(content)
    assert refusal(path).endswith(f"does not match its SHA-256; {RETRAIN}")


def write_wide(path: Path, change: Callable[[Tensors], object]) -> Path:
    def of_format_4(header: Header, tensors: Tensors) -> None:
        header["format_version"] = 4
        change(tensors)

    path.write_bytes(alter(KEPT_WIDE.read_bytes(), of_format_4))
    return path


def test_format_4_keeps_its_probabilities(tmp_path):
    prediction = load(write_wide(tmp_path / "same.safetensors", dict)).predict(TREATY)
    expected = {"cooperative": 0.9959862, "adversarial": 0.0037700, "neutral": 0.0002438}
    assert dict(prediction.probabilities) == pytest.approx(expected, abs=1e-6)


def test_format_4_is_not_sublinear():
    model = read_model(KEPT_WIDE)
    assert not model.sublinear
    assert not model.fits_file


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda tensors: tensors.pop("idf"), "no tensor idf"),
        (lambda tensors: tensors.update(weights=tensors["weights"].astype("i1")), "weights is I8, where I16 belongs"),
        (
            lambda tensors: tensors["table"].__setitem__((0, 0), 1),
            "damaged or incomplete (a term is not where its hash says)",
        ),
        (lambda tensors: tensors["idf"].fill(0), "an idf is not positive"),
        (lambda tensors: tensors["unit"].fill(-0.01), OUTSIDE),
    ],
)
def test_format_4_that_does_not_fit_is_refused(tmp_path, change, problem):
    path = write_wide(tmp_path / "altered.safetensors", change)
    assert refusal(path) == f"{path}: {problem}; {RETRAIN}"


def test_old_classes_have_one_face(tmp_path):
    def repeat(header: Header, _: Tensors) -> None:
        header["format_version"] = 4
        header["classes"][1] = header["classes"][0]

    path = tmp_path / "altered.safetensors"
    path.write_bytes(alter(KEPT_WIDE.read_bytes(), repeat))
    assert refusal(path) == f"{path}: classes are not different; {RETRAIN}"


def test_old_model_cannot_be_written():
    with pytest.raises(ValueError, match="a model of an old format cannot be written again"):
        read_model(KEPT).to_bytes()


def test_old_pickle_is_sublinear():
    model = read_model(KEPT)
    state = {name: value for name, value in model.__dict__.items() if name != "sublinear"}
    restored = Model.__new__(Model)
    restored.__setstate__(state)
    assert restored.sublinear
    assert not pickle.loads(pickle.dumps(replace(model, sublinear=False))).sublinear
