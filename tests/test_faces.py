"""Faces: how many each class gets, and which examples are in one."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning

from stance.classifier import load
from stance.labels import LABELS, EventClass, Label
from stance.terms import split_words
from stance.training import Example, faces, fit, train
from stance.training.faces import find_faces, share_faces
from stance.training.fit import Corpus, Settings, out_of_fold_scores
from stance.training.term_vectors import TermVectors

NEUTRAL, GOOD = EventClass(Label.NEUTRAL, None), EventClass(Label.COOPERATIVE, None)
AID = EventClass(Label.COOPERATIVE, "AID")

WIRE = Path(__file__).parents[1] / "fixtures" / "corpus" / "wire.jsonl"
VECTORS = TermVectors(("match", "flood", "thanks"), np.array([[1, 0], [0, 1], [1, 1]], np.float32))
TOPICS = ["match"] * 6 + ["flood"] * 6
CORPUS = Corpus(
    terms=[*([topic, f"word{number}"] for number, topic in enumerate(TOPICS)), *[["thanks", "for"]] * 6],
    targets=np.array([1] * 12 + [0] * 6),
    groups=np.arange(18),
    weights=np.ones(18),
    sampled=np.ones(18, dtype=bool),
    classes=(AID, NEUTRAL),
    vectors=(VECTORS,),
)


@pytest.mark.parametrize(
    ("classes", "examples", "expected"),
    [
        ([NEUTRAL], [1999], [1]),
        ([NEUTRAL], [2000], [2]),
        ([NEUTRAL, AID], [10_000, 100_000], [10, 1]),
        ([NEUTRAL, GOOD], [100_000, 50_000], [21, 11]),
        ([AID, NEUTRAL], [9_000_000, 9_000_000], [1, 31]),
        ([AID] * 40, [5000] * 40, [1] * 40),
    ],
)
def test_faces_go_to_large_classes_without_event(classes, examples, expected):
    assert share_faces(classes, np.array(examples)).tolist() == expected


def test_examples_of_one_topic_are_one_face(monkeypatch):
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 6)
    found = find_faces(CORPUS, Settings(min_count=1))
    assert found.classes == (AID, NEUTRAL, NEUTRAL)
    assert found.targets[12:].tolist() == [0] * 6
    assert len(set(found.targets[:6])) == len(set(found.targets[6:12])) == 1
    assert sorted({found.targets[0], found.targets[6]}) == [1, 2]


def test_few_examples_have_one_face():
    assert find_faces(CORPUS, Settings()) is CORPUS


def test_without_vectors_there_is_one_face(monkeypatch):
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 6)
    bare = replace(CORPUS, vectors=())
    assert find_faces(bare, Settings()) is bare


def test_examples_without_vectors_are_one_face(monkeypatch):
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 3)
    mute = replace(CORPUS, terms=[["word"]] * 18)
    with pytest.warns(ConvergenceWarning):
        found = find_faces(mute, Settings())
    assert found.classes == (AID, NEUTRAL)
    assert found.targets.tolist() == CORPUS.targets.tolist()


def test_trained_faces_count_together(monkeypatch, tmp_path):
    """What training with faces leaves behind: model, file and pipeline give the same labels, and equal runs do."""
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 8)
    rows = [json.loads(line) for line in WIRE.read_text("utf-8").splitlines()[::3]]
    examples = [Example(row["text"], row["label"], None if row["event"] == "NONE" else row["event"]) for row in rows]
    dice = np.random.default_rng(0)
    words = sorted({word.text for row in rows for word in split_words(row["text"])})
    vectors = TermVectors(tuple(words), dice.normal(size=(len(words), 4)).astype(np.float32))
    one, two = (train(examples, vectors=[vectors], curve=False) for _ in range(2))
    assert one.model.to_bytes() == two.model.to_bytes()
    assert one.model.classes.count(NEUTRAL) > 1
    path = tmp_path / "model.safetensors"
    path.write_bytes(one.model.to_bytes())
    texts = [row["text"] for row in rows[:50]]
    found = load(path).predict(texts).probabilities
    columns = one.pipeline.predict_proba(texts)
    expected = [columns[:, [each.label == label for each in one.model.classes]].sum(axis=1) for label in LABELS]
    np.testing.assert_allclose(found, np.column_stack(expected), atol=1e-6)


WRONGLY_DIVIDED = replace(CORPUS, classes=(AID, NEUTRAL, NEUTRAL), targets=np.array([1, 2] * 6 + [0] * 6))


def test_faces_are_fitted_together():
    """Held to faces that mean nothing, examples are less likely to be neutral than by whichever face."""
    apart = replace(WRONGLY_DIVIDED, classes=(AID, *(EventClass(Label.NEUTRAL, name) for name in "AB")))
    together, held = (out_of_fold_scores(each, Settings(min_count=1)) for each in (WRONGLY_DIVIDED, apart))
    neutral = [softmax(scores, axis=1)[:12, 1:].sum(axis=1) for scores in (together, held)]
    assert neutral[0].mean() > neutral[1].mean()


def test_folds_may_lack_a_class(monkeypatch):
    """The scores of such a fold are minus infinity there, and folds in a row give what two at a time give."""
    corpus = replace(WRONGLY_DIVIDED, groups=np.array([*range(12), *[12] * 6]))
    found = out_of_fold_scores(corpus, Settings(min_count=1))
    assert np.isneginf(found[12:, 0]).all()
    assert np.isfinite(found[:, 1:]).all()
    monkeypatch.setattr(fit, "FOLDS_AT_A_TIME", 1)
    np.testing.assert_array_equal(out_of_fold_scores(corpus, Settings(min_count=1)), found)


def test_same_examples_give_the_same_faces(monkeypatch):
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 6)
    one, two = (find_faces(CORPUS, Settings(min_count=1)) for _ in range(2))
    assert one.targets.tolist() == two.targets.tolist()
