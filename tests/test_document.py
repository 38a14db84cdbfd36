"""The score of a document, with a stand-in for the classifier that reads probabilities off the sentence."""

import copy
import json
import math
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import MIN_INTENSITY, MIN_LEAN, DocumentScore, gather_document
from stance.labels import LABELS, Label
from stance.prediction import Predictions
from stance.sentences import unpack

ARTICLE = """World > Asia
3 years ago

Ministers Sign Grain Deal 60 10

Updated :

The two ministers signed on Friday 90 0. Rebels shelled the port 0 80.

Share this story"""


def predict(text: str, spans: bytes) -> Predictions:
    """Return as P(cooperative) and P(adversarial) the last two figures of each sentence, in percent."""
    return build(LABELS, [read_figures(text[start:end]) for start, end in unpack(spans)])


def read_figures(sentence: str) -> list[float]:
    figures = [int(figure) / 100 for figure in re.findall(r"\d+", sentence)][-2:] or [0.0, 0.0]
    return [*figures, 1.0 - sum(figures)]


def build(columns: tuple[str, ...], rows: list[list[float]]) -> Predictions:
    probabilities = np.array(rows, dtype=np.float64).reshape(-1, len(columns))
    return Predictions(
        columns=columns,
        labels=tuple(columns[index] for index in probabilities.argmax(axis=1)),
        events=("EVENT",) * len(rows),
        probabilities=probabilities,
        evidence=np.full(len(rows), 5, dtype=np.int64),
    )


def score(text: str) -> DocumentScore:
    return gather_document(text, predict)


def test_all_sentences_are_there_in_order() -> None:
    found = [(sentence.text, sentence.furniture) for sentence in score(ARTICLE).sentences]
    assert found == [
        ("World > Asia", True),
        ("3 years ago", True),
        ("Ministers Sign Grain Deal 60 10", False),
        ("Updated :", True),
        ("The two ministers signed on Friday 90 0.", False),
        ("Rebels shelled the port 0 80.", False),
        ("Share this story", True),
    ]


def test_span_of_sentence_is_its_text() -> None:
    for sentence in score(ARTICLE).sentences:
        assert ARTICLE[sentence.start : sentence.end] == sentence.text


def test_furniture_alone_has_no_prediction() -> None:
    for sentence in score(ARTICLE).sentences:
        if sentence.furniture:
            assert sentence.prediction is None
        else:
            assert sentence.prediction == build(LABELS, [read_figures(sentence.text)])[0]


def test_sentences_are_predicted_in_one_batch() -> None:
    batches: list[list[str]] = []

    def record(text: str, spans: bytes) -> Predictions:
        batches.append([text[start:end] for start, end in unpack(spans)])
        return predict(text, spans)

    gather_document(ARTICLE, record)
    assert batches == [
        [
            "Ministers Sign Grain Deal 60 10",
            "The two ministers signed on Friday 90 0.",
            "Rebels shelled the port 0 80.",
        ]
    ]


def test_figures_are_means_over_sentences() -> None:
    document = score(ARTICLE)
    assert document.probabilities == pytest.approx({"cooperative": 0.5, "adversarial": 0.3, "neutral": 0.2})
    assert document.intensity == pytest.approx(0.8)
    assert document.score == pytest.approx(0.25)
    assert document.label is Label.COOPERATIVE
    assert document.counts == {"cooperative": 2, "adversarial": 1, "neutral": 0}


@pytest.mark.parametrize(
    ("figures", "label"),
    [
        ("25 0", "cooperative"),
        ("0 25", "adversarial"),
        ("24 0", "neutral"),
        ("0 24", "neutral"),
        ("61 39", "cooperative"),
        ("39 61", "adversarial"),
        ("59 41", "neutral"),
        ("41 59", "neutral"),
        ("50 50", "neutral"),
        ("0 0", "neutral"),
    ],
)
def test_label_follows_lean_of_directional_document(figures: str, label: str) -> None:
    assert score(f"They met {figures}.").label == label


@pytest.mark.parametrize("name", ["probabilities", "counts"])
def test_figures_cannot_be_changed(name: str) -> None:
    document = score(ARTICLE)
    for result in (document, pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):
        with pytest.raises(TypeError, match="these figures are read-only"):
            getattr(result, name)["neutral"] = 1
        assert result == document


NAMED = "Iran accused Israel of sabotage.\n\nShare this story\n\nPutin said it was wrong to attack Syria."
ON_DEMAND = {"sentences", "actors", "relations"}


def test_costly_fields_are_made_when_asked() -> None:
    document = score(NAMED)
    assert not ON_DEMAND & set(vars(document))
    (first, _, last), actors = document.sentences, document.actors
    assert "voice" not in vars(first)
    assert (last.voice, last.speaker) == ("paraphrased", actors[2])
    assert [actor.id for actor in actors] == ["IRN", "ISR", "RUS", "SYR"]
    assert document.sentences[0] is first
    assert document.actors is actors
    assert document.relations == ()


def test_score_equals_one_all_worked_out() -> None:
    asked = score(NAMED)
    asked.to_json()
    assert (asked.sentences, asked.actors, asked.relations) == (score(NAMED).sentences, score(NAMED).actors, ())
    built = DocumentScore(**{each.name: getattr(asked, each.name) for each in fields(DocumentScore)})
    assert asked == score(NAMED) == built
    assert hash(score(NAMED)) == hash(built)
    assert repr(score(NAMED)) == repr(built)
    assert replace(score(NAMED), label="x") == replace(built, label="x") != built


@pytest.mark.parametrize("copied", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy])
def test_copy_holds_all_but_the_model(copied: Callable[[object], object]) -> None:
    document = score(NAMED)
    for result in (document, document.sentences[2]):
        made = copied(result)
        assert made == result
        assert set(vars(made)) == {each.name for each in fields(made)}  # type: ignore[arg-type]


def test_threads_that_ask_together_agree() -> None:
    document = score(NAMED)
    start = Barrier(8)

    def ask(_: int) -> tuple[object, ...]:
        start.wait()
        return document.sentences, document.actors, document.relations, document.sentences[2].speaker

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [(score(NAMED).sentences, score(NAMED).actors, (), score(NAMED).actors[2])] * 8


def test_unknown_attribute_is_named() -> None:
    with pytest.raises(AttributeError, match="'DocumentScore' object has no attribute 'sentence'"):
        score(NAMED).sentence  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(("date", "error"), [("May 2024", ValueError), (2024, TypeError)])
def test_bad_date_is_error_at_once(date: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^date: "):
        gather_document(NAMED, predict, date=date)  # type: ignore[arg-type]


def test_limits_are_quarter_and_fifth() -> None:
    assert (MIN_INTENSITY, MIN_LEAN) == (0.25, 0.2)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40))
def test_text_pasted_twice_scores_the_same(figures: list[tuple[int, int]]) -> None:
    text = " ".join(f"They met {toward} {against}." for toward, against in figures)
    once, twice = score(text), score(f"{text}\n{text}")
    assert len(twice.sentences) == 2 * len(once.sentences) == 2 * len(figures)
    for first, second in ((once.score, twice.score), (once.intensity, twice.intensity)):
        assert first is not None
        assert second is not None
        assert math.isclose(first, second, abs_tol=1e-12)
        assert -1 <= first <= 1


@pytest.mark.parametrize("text", ["", " \n\u2028 ", "Share this story\n\nUpdated :"])
def test_document_without_sentences_is_neutral(text: str) -> None:
    document = score(text)
    assert (document.label, document.score, document.intensity) == (Label.NEUTRAL, 0.0, 0.0)
    assert document.probabilities == {"cooperative": 0.0, "adversarial": 0.0, "neutral": 0.0}
    assert document.counts == {"cooperative": 0, "adversarial": 0, "neutral": 0}
    assert all(sentence.furniture for sentence in document.sentences)


def test_other_labels_have_likeliest_on_average() -> None:
    document = gather_document("One.\n\nTwo.", lambda *_: build(("calm", "fear"), [[0.9, 0.1], [0.3, 0.7]]))
    assert (document.label, document.score, document.intensity) == ("calm", None, None)
    assert document.counts == {"calm": 1, "fear": 1}


def test_other_labels_at_tie_give_first() -> None:
    assert gather_document("One.", lambda *_: build(("b", "a"), [[0.5, 0.5]])).label == "b"


def test_other_labels_without_sentences_give_none() -> None:
    document = gather_document("", lambda *_: build(("calm", "fear"), []))
    assert (document.label, document.score, document.intensity) == (None, None, None)


def test_both_directions_among_others_give_score() -> None:
    columns = ("cooperative", "adversarial", "mixed")
    document = gather_document("One.", lambda *_: build(columns, [[0.3, 0.1, 0.6]]))
    assert document.label == "mixed"
    assert document.score == pytest.approx(0.5)
    assert document.intensity == pytest.approx(0.4)
    assert gather_document("", lambda *_: build(columns, [])).label is None


def test_dict_holds_the_same_figures() -> None:
    document = score("Share this story\n\nThey met 90 0.")
    assert document.to_dict() == {
        "label": "cooperative",
        "score": document.score,
        "intensity": document.intensity,
        "probabilities": dict(document.probabilities),
        "counts": {"cooperative": 1, "adversarial": 0, "neutral": 0},
        "sentences": [
            {
                "text": "Share this story",
                "start": 0,
                "end": 16,
                "furniture": True,
                "prediction": None,
                "voice": "narrated",
                "speaker": None,
            },
            {
                "text": "They met 90 0.",
                "start": 18,
                "end": 32,
                "furniture": False,
                "prediction": {
                    "label": "cooperative",
                    "probabilities": {"cooperative": 0.9, "adversarial": 0.0, "neutral": pytest.approx(0.1)},
                    "score": 0.9,
                    "confidence": 0.9,
                    "event": "EVENT",
                    "evidence": 5,
                },
                "voice": "narrated",
                "speaker": None,
            },
        ],
        "actors": [],
        "relations": [],
    }
    assert all(type(label) is str for label in document.to_dict()["counts"])


@pytest.mark.parametrize("indent", [None, 2])
def test_json_reads_back_as_the_dict(indent: int | None) -> None:
    document = score("They met \ud800 “there” 90 0.\x00")
    text = document.to_json(indent=indent)
    assert json.loads(text) == document.to_dict()
    assert text.encode("ascii")
