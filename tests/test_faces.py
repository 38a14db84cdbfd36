"""Faces: how many each class gets, and which examples are in one."""

from dataclasses import replace

import numpy as np
import pytest

from stance.labels import EventClass, Label
from stance.training import faces
from stance.training.faces import find_faces, share_faces
from stance.training.fit import Corpus, Settings
from stance.training.term_vectors import TermVectors

NEUTRAL, GOOD = EventClass(Label.NEUTRAL, None), EventClass(Label.COOPERATIVE, None)
AID = EventClass(Label.COOPERATIVE, "AID")

VECTORS = TermVectors(("match", "flood", "thanks"), np.array([[1, 0], [0, 1], [1, 1]], np.float32))
TOPICS = ["match"] * 6 + ["flood"] * 6
CORPUS = Corpus(
    terms=[*([topic, f"word{number}"] for number, topic in enumerate(TOPICS)), *[["thanks", "for"]] * 6],
    targets=np.array([1] * 12 + [0] * 6),
    groups=np.arange(18),
    weights=np.ones(18),
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


def test_same_examples_give_the_same_faces(monkeypatch):
    monkeypatch.setattr(faces, "FEWEST_EXAMPLES", 6)
    one, two = (find_faces(CORPUS, Settings(min_count=1)) for _ in range(2))
    assert one.targets.tolist() == two.targets.tolist()
