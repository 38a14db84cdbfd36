"""A model and the parts of its file: what is packed is unpacked again, and parts that do not fit are refused."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tiny_model import Header, Tensors, make_tiny_model

from stance import ModelFormatError, load
from stance.container import Part
from stance.kernel import kernel_name
from stance.labels import EventClass
from stance.model import Model, pack, read_model, round_weights, unpack
from stance.packing import BUCKET, compile_lexicon

RETRAIN = "retrain with 'stance train' or get the file again"
ARTICLE = "Chad blamed Peru for the raid."


@pytest.fixture(scope="module")
def model() -> Model:
    return make_tiny_model()


def numbers(part: Part, dtype: str) -> np.ndarray:
    return np.frombuffer(part.data, dtype).reshape(part.shape)


def texts(part: Part) -> list[str]:
    return bytes(part.data).decode().split("\n")


def cut(model: Model, terms: int) -> Model:
    """Return a model of the first terms of another one."""
    vocabulary = dict(list(model.vocabulary.items())[:terms])
    return replace(model, vocabulary=vocabulary, idf=model.idf[:terms], weights=model.weights[:terms])


def assert_same(found: Model, expected: Model) -> None:
    rows = [found.vocabulary[term] for term in expected.vocabulary]
    assert sorted(rows) == list(range(len(found.vocabulary)))
    assert (found.labels, found.classes, found.information) == (
        expected.labels,
        expected.classes,
        expected.information,
    )
    assert found.lexicon.source == expected.lexicon.source
    np.testing.assert_array_equal(found.idf[rows], expected.idf, strict=True)
    np.testing.assert_array_equal(found.weights[rows], expected.weights, strict=True)
    np.testing.assert_array_equal(found.intercept, expected.intercept, strict=True)


def test_packed_model_is_unpacked_the_same(model):
    assert min(model.idf.min(), model.pairs.idf.min()) < 1
    again = unpack(pack(model))
    assert_same(again, model)
    assert again.pairs.vocabulary == model.pairs.vocabulary
    for name in ("idf", "weights", "intercept"):
        np.testing.assert_array_equal(getattr(again.pairs, name), getattr(model.pairs, name), strict=True)


def test_model_without_pairs_has_none(model):
    packed = pack(replace(model, pairs=None))
    assert [name for name in packed.parts if name.startswith("pair")] == []
    assert unpack(packed).pairs is None


@pytest.mark.parametrize(("terms", "rows"), [(1, 64), (63, 64), (64, 64), (65, 128), (128, 128)])
def test_weights_fill_whole_lines(model, terms, rows):
    small = cut(model, terms)
    packed = pack(small)
    assert packed.parts["weights"].shape == (rows, len(model.classes))
    assert not numbers(packed.parts["weights"], "i1")[terms:].any()
    assert_same(unpack(packed), small)


def test_every_part_has_its_type(model):
    packed = pack(model)
    lexicon = compile_lexicon(model.lexicon)
    sizes = {"lexicon": model.lexicon.source, "pair_terms": "\n".join(model.pairs.vocabulary)}
    sizes |= {"terms": "\n".join(model.vocabulary)}
    buckets = packed.parts["table"].shape[0]
    assert {name: (part.dtype, part.shape) for name, part in packed.parts.items()} == {
        "table": ("U32", (buckets, 8)),
        "weights": ("I8", (-(-len(model.vocabulary) // 64) * 64, 16)),
        "nodes": ("I32", lexicon.nodes.shape),
        "phrases": ("I32", lexicon.phrases.shape),
        "edges": ("I32", lexicon.edges.shape),
        "roots": ("I32", lexicon.roots.shape),
        "unit": ("F32", (1,)),
        "intercept": ("F32", (16,)),
        "idf": ("F32", (len(model.vocabulary),)),
        "pair_idf": ("F32", (6,)),
        "pair_intercept": ("F32", (5,)),
        "pair_weights": ("F16", (6, 5)),
        "pair_terms": ("U8", (len(sizes["pair_terms"].encode()),)),
        "traits": ("U8", lexicon.traits.shape),
        "terms": ("U8", (len(sizes["terms"].encode()),)),
        "lexicon": ("U8", (len(sizes["lexicon"].encode()),)),
    }


def test_parts_hold_the_numbers(model):
    packed = pack(model)
    parts, lexicon = packed.parts, compile_lexicon(model.lexicon)
    order = [model.vocabulary[term] for term in texts(parts["terms"])]
    unit = float(numbers(parts["unit"], "f4")[0])
    whole = numbers(parts["weights"], "i1")
    assert np.log2(unit).is_integer()
    assert 1 << 6 <= np.abs(whole.astype(int)).max() < 1 << 7
    np.testing.assert_array_equal(whole[: len(order)] * np.float32(unit), model.weights[order], strict=True)
    buckets = numbers(parts["table"], "u4").view(BUCKET).reshape(-1)
    assert np.count_nonzero(buckets["fingerprints"]) == len(order)
    np.testing.assert_array_equal(numbers(parts["idf"], "f4"), model.idf[order], strict=True)
    np.testing.assert_array_equal(numbers(parts["intercept"], "f4"), model.intercept)
    for name in ("nodes", "phrases", "edges", "roots"):
        np.testing.assert_array_equal(numbers(parts[name], "i4"), getattr(lexicon, name))
    np.testing.assert_array_equal(numbers(parts["traits"], "u1"), lexicon.traits)
    assert packed.lexicon_classes == lexicon.classes
    assert (packed.path, packed.labels, packed.classes) == (Path("model"), model.labels, model.classes)


def test_numbers_of_other_precision_are_packed(model):
    pairs = replace(model.pairs, weights=np.asfortranarray(model.pairs.weights))
    doubles = replace(
        model,
        idf=model.idf.astype(np.float64),
        weights=np.asfortranarray(model.weights, dtype=np.float64),
        intercept=model.intercept.astype(np.float64),
        pairs=pairs,
    )
    assert pack(doubles).parts == pack(model).parts


@pytest.mark.parametrize(
    ("weights", "rounded"),
    [
        ([], []),
        ([0.0, 0.0], [0.0, 0.0]),
        ([127.0, 1.4], [127.0, 1.0]),
        ([127.5, 3.0], [128.0, 4.0]),
        ([-254.0, 1.0], [-254.0, 0.0]),
        ([127 / 1024, 1.6 / 1024], [127 / 1024, 2 / 1024]),
        ([0.5**20 * 127, 0.5**20 * 1.6], [0.5**20 * 127, 0.5**19]),
        ([-160 / 1024, 1.2 / 1024], [-160 / 1024, 2 / 1024]),
    ],
)
def test_weights_are_multiples_of_a_power(weights, rounded):
    found = round_weights(np.array(weights))
    np.testing.assert_array_equal(found, np.array(rounded, dtype=np.float32), strict=True)
    np.testing.assert_array_equal(round_weights(found), found, strict=True)


def test_weights_of_zero_have_unit_one(model):
    packed = pack(replace(model, weights=np.zeros_like(model.weights)))
    assert numbers(packed.parts["unit"], "f4").tolist() == [1.0]
    assert not unpack(packed).weights.any()


@pytest.mark.parametrize("name", ["idf", "intercept", "weights"])
def test_file_holds_only_its_precision(model, name):
    finer = getattr(model, name).astype(np.float64)
    assert replace(model, **{name: finer}).fits_file
    finer.flat[np.abs(finer).argmax()] *= 1 + 1e-12
    assert not replace(model, **{name: finer}).fits_file


def test_bytes_say_what_the_model_is(model, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(model.to_bytes())
    assert_same(read_model(path), model)
    assert load(path).predict(ARTICLE).evidence > 0


def test_labels_of_other_names_are_kept(model, tmp_path):
    names = {"cooperative": "up", "adversarial": "down", "neutral": "neutral"}
    classes = tuple(EventClass(names[each.label], each.event) for each in model.classes)
    path = tmp_path / "model.safetensors"
    path.write_bytes(replace(model, labels=tuple(names.values()), classes=classes).to_bytes())
    found = read_model(path)
    assert (found.labels, found.classes) == (("up", "down", "neutral"), classes)


def change_text(name: str, change, _: Header, tensors: Tensors) -> None:
    names = change(tensors[name].tobytes().decode().split("\n"))
    tensors[name] = np.frombuffer("\n".join(names).encode(), np.uint8)


def put(name: str, place: object, value: float):
    return lambda _, tensors: tensors[name].__setitem__(place, value)


def replace_part(name: str, content: bytes):
    return lambda _, tensors: tensors.update({name: np.frombuffer(content, np.uint8)})


def swap(names: list[str]) -> list[str]:
    return [names[-1], *names[1:-1], names[0]]


def repeat(names: list[str]) -> list[str]:
    return [names[1], *names[1:]]


NOT_UTF8 = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (partial(change_text, "terms", swap), "a term is not where its hash says"),
        (partial(change_text, "terms", repeat), "a term occurs twice"),
        (partial(change_text, "terms", lambda names: names[:-1]), "the table is not of {fewer} terms"),
        (replace_part("terms", b"\xff"), NOT_UTF8),
        (put("table", (1, 7), 0), "a bucket's first row is not the next one"),
        (put("idf", 0, 0.0), "an idf is not between 0 and 1e+30"),
        (put("idf", 1, -1.0), "an idf is not between 0 and 1e+30"),
        (put("idf", 2, np.nan), "an idf is not between 0 and 1e+30"),
        (put("idf", 3, 1e30), "an idf is not between 0 and 1e+30"),
        (lambda _, tensors: tensors.update(idf=tensors["idf"][1:].copy()), "idf are not of {terms} terms"),
        (
            lambda _, tensors: tensors.update(weights=tensors["weights"][:-64].copy()),
            "weights are not of {terms} terms or more",
        ),
        (put("unit", 0, 0.0), "unit is not between 0 and 1e+30"),
        (put("unit", 0, -1.0), "unit is not between 0 and 1e+30"),
        (put("unit", 0, np.nan), "unit is not between 0 and 1e+30"),
        (put("unit", 0, 1e30), "unit is not between 0 and 1e+30"),
        (put("unit", 0, 0.75), "unit is not a power of two"),
        (put("intercept", 1, np.nan), "intercept is not between -1e+30 and 1e+30"),
        (put("intercept", 1, -1e30), "intercept is not between -1e+30 and 1e+30"),
    ],
)
def test_parts_that_do_not_fit(altered, model, change, problem):
    path = altered(change)
    with pytest.raises(ModelFormatError) as caught:
        read_model(path)
    problem = problem.format(terms=len(model.vocabulary), fewer=len(model.vocabulary) - 1)
    assert str(caught.value) == f"{path}: damaged or incomplete ({problem}); {RETRAIN}"


def test_weights_need_no_more_rows(altered, model):
    terms = len(model.vocabulary)
    assert terms % 32
    path = altered(lambda _, tensors: tensors.update(weights=tensors["weights"][:terms].copy()))
    assert_same(read_model(path), model)


NOT_FINITE = "pair_idf, pair_weights or pair_intercept are not all finite"
LATE = [
    (replace_part("lexicon", b"\xff"), NOT_UTF8),
    (replace_part("lexicon", b"x = 1"), "'int' object has no attribute 'get'"),
    (replace_part("lexicon", b"[x]\npolarity = 2"), "lexicon class [x]: polarity is 2; write -1, 0 or 1"),
    (replace_part("pair_terms", b"\xff"), NOT_UTF8),
    (partial(change_text, "pair_terms", repeat), "a pair term occurs twice"),
    (partial(change_text, "pair_terms", lambda names: names[1:]), "pair_idf is not of shape (5,)"),
    (put("pair_weights", (1, 2), np.nan), NOT_FINITE),
    (put("pair_idf", 3, np.inf), NOT_FINITE),
    (put("pair_intercept", 4, -np.inf), NOT_FINITE),
    (put("pair_idf", 5, 0.0), "a pair_idf is not positive"),
    (put("pair_idf", 5, -1.0), "a pair_idf is not positive"),
]
"""What `load` leaves alone: a prediction does without it, and looking at it takes longer than all that load does."""


@pytest.mark.skipif(kernel_name() == "pure", reason="the pure kernel needs every part at once")
@pytest.mark.parametrize("use", ["explain", "relations", "model"])
@pytest.mark.parametrize(("change", "problem"), LATE)
def test_late_parts_are_refused_when_needed(altered, change, problem, use):
    uses = {
        "explain": lambda classifier: classifier.explain(ARTICLE),
        "relations": lambda classifier: classifier.score_document(ARTICLE).relations,
        "model": lambda classifier: classifier.model,
    }
    path = altered(change)
    classifier = load(path)
    assert classifier.predict(ARTICLE).evidence > 0
    for _ in range(2):
        with pytest.raises(ModelFormatError) as caught:
            uses[use](classifier)
        assert str(caught.value) == f"{path}: damaged or incomplete ({problem}); {RETRAIN}"


@pytest.mark.parametrize(("change", "problem"), LATE)
def test_pure_kernel_needs_every_part(altered, change, problem, monkeypatch):
    monkeypatch.setenv("STANCE_KERNEL", "pure")
    path = altered(change)
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: damaged or incomplete ({problem}); {RETRAIN}"
