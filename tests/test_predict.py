"""What goes into `predict` and what comes out, whatever the model."""

import copy
import json
import pickle
import random
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance import EVENTS, LABELS, Label, Prediction, Predictions, load
from stance.classifier import Classifier

SENTENCES = [
    "Ankara lifted its ban on flights from the island.",
    "The envoy thanked his hosts but refused to discuss the border.",
    "",
    "The quake destroyed 300 houses near the border.",
    "Protesters gave the cabinet until Sunday to resign.",
    "Ankara lifted its ban on flights from the island.",
    "Президент встретился с министром.",
]


@pytest.fixture(scope="module")
def classifier(small_model) -> Classifier:
    return load(small_model)


@pytest.fixture(scope="module")
def predictions(classifier) -> Predictions:
    return classifier.predict(SENTENCES)


def test_string_gives_one_prediction(classifier):
    assert isinstance(classifier.predict(SENTENCES[0]), Prediction)


def test_one_sentence_in_list_gives_predictions(classifier):
    assert isinstance(classifier.predict(SENTENCES[:1]), Predictions)
    assert len(classifier.predict(SENTENCES[:1])) == 1


def test_empty_batch_gives_no_predictions(classifier):
    empty = classifier.predict([])
    assert (len(empty), list(empty), empty.labels, empty.events) == (0, [], (), ())
    assert (empty.probabilities.shape, empty.scores.shape, empty.confidences.shape) == ((0, 3), (0,), (0,))


@pytest.mark.parametrize(
    "wrap",
    [list, tuple, iter, deque, np.array, lambda batch: (each for each in batch), lambda batch: map(str, batch)],
    ids=["list", "tuple", "iterator", "deque", "array", "generator", "map"],
)
def test_any_iterable_is_a_batch(classifier, predictions, wrap):
    assert classifier.predict(wrap(SENTENCES)) == predictions


def test_subclass_of_str_is_a_sentence(classifier, predictions):
    class Headline(str):
        __slots__ = ()

    assert classifier.predict(Headline(SENTENCES[0])) == predictions[0]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "NoneType"),
        (7, "int"),
        (b"text", "bytes"),
        (bytearray(b"text"), "bytearray"),
        ({"text": "x"}, "dict"),
        (MappingProxyType({}), "mappingproxy"),
        ({"one", "two"}, "set"),
        (frozenset({"one"}), "frozenset"),
    ],
)
def test_neither_string_nor_batch_is_refused(classifier, value, name):
    with pytest.raises(TypeError) as caught:
        classifier.predict(value)
    assert str(caught.value) == f"predict takes a string or an iterable of strings, got {name}"


def test_series_may_have_an_index_called_columns(classifier, predictions):
    class Series(list[str]):
        def __init__(self, texts):
            super().__init__(texts)
            self.columns = texts[0]  # pandas gives the items of a series as attributes

    assert classifier.predict(Series(SENTENCES)) == predictions


def test_table_is_no_batch(classifier):
    class Table(list[str]):
        columns = ("id", "text")

    with pytest.raises(
        TypeError, match=r"takes a column of strings, got a Table; give it one, such as table\['text'\]"
    ):
        classifier.predict(Table(["id", "text"]))


@pytest.mark.parametrize(
    ("value", "name"), [(None, "NoneType"), (7, "int"), (b"text", "bytes"), (1.5, "float"), (["x"], "list")]
)
@pytest.mark.parametrize("index", [0, 2])
def test_item_must_be_a_string(classifier, value, name, index):
    batch = ["one", "two", "three"]
    batch[index] = value
    with pytest.raises(TypeError) as caught:
        classifier.predict(each for each in batch)
    assert str(caught.value) == f"sentences[{index}]: expected a string, got {name}"


@pytest.mark.parametrize("method", ["explain", "score_document"])
def test_only_predict_takes_a_batch(classifier, method):
    with pytest.raises(TypeError, match=f"^{method} takes .+ \\(str\\), got list$"):
        getattr(classifier, method)(["one"])


@pytest.mark.parametrize("sentence", ["", " \t\n", "…!?", "Президент встретился с министром.", "外交部长会晤", "\x00"])
def test_sentence_without_known_terms_is_neutral(classifier, sentence):
    found = classifier.predict(sentence)
    assert (found.label, found.event, found.evidence, found.score) == (Label.NEUTRAL, None, 0, 0.0)
    assert found.probabilities == {Label.COOPERATIVE: 0.0, Label.ADVERSARIAL: 0.0, Label.NEUTRAL: 1.0}


def test_sentence_scores_alike_alone_and_batched(classifier, predictions):
    alone = [classifier.predict(sentence) for sentence in SENTENCES]
    assert alone == list(predictions)
    order = random.Random(0).sample(range(len(SENTENCES)), len(SENTENCES))
    assert list(classifier.predict([SENTENCES[index] for index in order])) == [alone[index] for index in order]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=40), max_size=5))
def test_any_text_gets_a_valid_prediction(classifier, batch):
    found = classifier.predict(batch)
    assert len(found) == len(batch)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)
    assert list(found) == [classifier.predict(sentence) for sentence in batch]


def test_columns_follow_the_public_label_order(predictions):
    assert predictions.columns == LABELS == (Label.COOPERATIVE, Label.ADVERSARIAL, Label.NEUTRAL)


def test_figures_follow_from_the_probabilities(predictions):
    for index, each in enumerate(predictions):
        row = predictions.probabilities[index]
        assert list(each.probabilities.values()) == row.tolist()
        assert each.label == LABELS[row.argmax()]
        assert each.confidence == predictions.confidences[index] == row.max()
        assert each.score == predictions.scores[index] == row[0] - row[1]
        assert each.event in (EVENTS[each.label] or (None,))


def test_label_is_enum_member_and_string(predictions):
    assert all(isinstance(label, Label) for label in (*predictions.labels, *predictions.columns))
    assert all(isinstance(each.label, Label) for each in predictions)
    assert predictions[0].label == "cooperative"


def test_slice_gives_predictions(predictions):
    part = predictions[1:6:2]
    assert isinstance(part, Predictions)
    assert list(part) == [predictions[index] for index in (1, 3, 5)]
    assert part.scores.tolist() == [predictions.scores[index] for index in (1, 3, 5)]


def test_negative_index_counts_from_the_end(predictions):
    assert predictions[-1] == predictions[len(SENTENCES) - 1]


def test_index_out_of_range_is_error(predictions):
    with pytest.raises(IndexError):
        predictions[len(SENTENCES)]


@pytest.mark.parametrize("name", ["probabilities", "scores", "confidences", "evidence"])
def test_arrays_are_read_only(predictions, name):
    for array in (getattr(predictions, name), getattr(predictions[1:], name)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("name", ["probabilities", "scores", "confidences", "evidence"])
def test_arrays_cannot_be_made_writable_again(classifier, predictions, name):
    for batch in (predictions, predictions[1:], classifier.predict([]), pickle.loads(pickle.dumps(predictions))):
        with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
            getattr(batch, name).setflags(write=True)


def test_arrays_of_caller_stay():
    probabilities, evidence = np.array([[0.5, 0.25, 0.25]]), np.array([1])
    found = Predictions(LABELS, (Label.COOPERATIVE,), (None,), probabilities, evidence)
    probabilities[0] = evidence[0] = 0
    assert (found.probabilities.tolist(), found.evidence.tolist()) == ([[0.5, 0.25, 0.25]], [1])


def test_probabilities_cannot_be_changed():
    given = {"up": 0.75, "down": 0.25}
    prediction = Prediction("up", given, None, None, 1)
    given["up"] = 0.0
    with pytest.raises(TypeError, match="these figures are read-only"):
        prediction.probabilities["up"] = 0.0
    assert prediction.probabilities == {"up": 0.75, "down": 0.25}
    assert prediction == Prediction("up", {"up": 0.75, "down": 0.25}, None, None, 1)


def test_results_are_frozen(predictions):
    with pytest.raises(AttributeError) as caught:
        predictions.labels = ()
    assert str(caught.value) == "cannot assign to 'labels': predictions are what the classifier said"
    with pytest.raises(AttributeError) as caught:
        del predictions.labels
    assert str(caught.value) == "cannot delete 'labels': predictions are what the classifier said"
    with pytest.raises(AttributeError):
        predictions[0].label = Label.NEUTRAL


@pytest.mark.parametrize("columns", [("cooperative", "neutral"), ("adversarial", "neutral"), ("up", "down")])
def test_score_needs_both_labels(columns):
    found = Predictions(columns, columns[:1], (None,), np.array([[0.75, 0.25]]), np.array([1]))
    assert (found.scores, found[0].score, found.confidences.tolist()) == (None, None, [0.75])


def test_predictions_say_how_many(predictions):
    assert repr(predictions[:2]) == "<Predictions of 2 sentences: cooperative, adversarial, neutral>"


def test_predictions_are_equal_by_columns(classifier, predictions):
    assert classifier.predict(SENTENCES) == predictions
    assert predictions[:2] != predictions[:3]
    assert predictions[:1] != predictions[1:2]
    assert predictions[:1] != [predictions[0]]


def test_equal_predictions_have_equal_hashes(classifier, predictions):
    assert {classifier.predict(SENTENCES[0]), predictions[0], predictions[5]} == {predictions[0]}


def test_pickled_and_copied_results_stay_same(classifier, predictions):
    explanation = classifier.explain(SENTENCES[1])
    document = classifier.score_document("\n".join(SENTENCES))
    for result in (predictions, predictions[0], explanation, document):
        assert pickle.loads(pickle.dumps(result)) == copy.deepcopy(result) == copy.copy(result) == result


def test_arrays_are_read_only_after_pickling(predictions):
    again = pickle.loads(pickle.dumps(predictions))
    with pytest.raises(ValueError, match="read-only"):
        again.probabilities[0] = 0


def test_prediction_as_plain_values(classifier):
    prediction = classifier.predict(SENTENCES[0])
    found = prediction.to_dict()
    assert found == {
        "label": str(prediction.label),
        "probabilities": {str(label): value for label, value in prediction.probabilities.items()},
        "score": prediction.score,
        "confidence": prediction.confidence,
        "event": prediction.event,
        "evidence": prediction.evidence,
    }
    assert {type(label) for label in (found["label"], *found["probabilities"])} == {str}
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.update(neutral=1),
        lambda it: it.clear(),
        lambda it: it.pop("neutral"),
        lambda it: it.popitem(),
        lambda it: it.setdefault("other", 1),
        lambda it: it.__ior__({"neutral": 1}),
        lambda it: it.__delitem__("neutral"),
    ],
)
def test_probabilities_refuse_every_change(predictions, change):
    with pytest.raises(TypeError, match=r"read-only; change a copy: dict\(...\)"):
        change(predictions[0].probabilities)


def test_results_become_rows_of_tables(classifier, predictions):
    for result in (predictions[0], classifier.explain(SENTENCES[0]), classifier.score_document(SENTENCES[0])):
        assert asdict(result)["label" if hasattr(result, "label") else "labels"] == (
            result.label if hasattr(result, "label") else result.labels
        )
    assert json.loads(json.dumps(predictions[0].probabilities)) == dict(predictions[0].probabilities)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_classifier_can_be_sent_elsewhere(classifier, predictions, again):
    for one in (classifier, Classifier(classifier.model)):
        other = again(one)
        assert other.predict(SENTENCES) == predictions
        assert other.explain(SENTENCES[1]) == classifier.explain(SENTENCES[1])


def test_classifier_works_in_another_process(classifier):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(classifier.predict, SENTENCES[:2])) == list(classifier.predict(SENTENCES[:2]))


@pytest.mark.parametrize("threads", ["2", 1.5])
def test_threads_are_a_whole_number(classifier, threads):
    with pytest.raises(ValueError, match="give 1 or more"):
        classifier.predict(SENTENCES, threads=threads)
