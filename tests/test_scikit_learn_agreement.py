"""The saved scikit-learn pipeline and the model file are one model: the same labels, the same probabilities."""

import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.pipeline import Pipeline

from stance import ModelFormatError, load
from stance.classifier import Classifier
from stance.training import Settings, train

CORPUS = Path(__file__).parents[1] / "fixtures" / "corpus"
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def trained_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the model file of a small training; its pipeline lies beside it."""
    path = tmp_path_factory.mktemp("trained") / "small.safetensors"
    data = path.with_name("small.jsonl")
    lines = (CORPUS / "wire.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    data.write_text("".join(lines[:300]), encoding="utf-8")
    train(data, path, settings=Settings(folds=2), curve=False)
    return path


@pytest.fixture(scope="module")
def classifier(trained_file: Path) -> Classifier:
    return load(trained_file)


@pytest.fixture(scope="module")
def pipeline(trained_file: Path) -> Pipeline:
    return joblib.load(trained_file.with_suffix(".joblib"))


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Return sentences of every kind that the corpus has, all of them new to the model."""
    texts = [
        json.loads(line)["text"]
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()[300:600]
    ]
    assert len(texts) >= 2000
    return texts


def test_label_probabilities_are_sums_of_classes(classifier, pipeline, sentences):
    label_of = {each.name: each.label for each in classifier.model.classes}
    classes = pipeline.predict_proba(sentences)
    expected = np.column_stack(
        [classes[:, [label_of[name] == label for name in pipeline.classes_]].sum(axis=1) for label in classifier.labels]
    )
    found = classifier.predict(sentences)
    known = found.evidence > 0
    assert known.mean() > 0.99
    assert_allclose(found.probabilities[known], expected[known], rtol=0, atol=TOLERANCE)


def test_event_is_likeliest_of_the_label(classifier, pipeline, sentences):
    event_of = {each.name: each for each in classifier.model.classes}
    classes = [event_of[name] for name in pipeline.classes_]
    found = classifier.predict(sentences)
    for prediction, row in zip(found, pipeline.predict_proba(sentences), strict=True):
        inside = {each.event: p for each, p in zip(classes, row, strict=True) if each.label == prediction.label}
        assert inside[prediction.event] >= max(inside.values()) - TOLERANCE


def test_trusted_pickle_predicts_like_model_file(classifier, trained_file, sentences):
    pickled = load(trained_file.with_suffix(".joblib"), trusted=True).predict(sentences)
    found = classifier.predict(sentences)
    assert (pickled.columns, pickled.labels, pickled.events) == (found.columns, found.labels, found.events)
    assert_allclose(pickled.probabilities, found.probabilities, rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(pickled.evidence, found.evidence)


def test_our_pickle_is_refused_unless_trusted(trained_file):
    with pytest.raises(ModelFormatError, match=r"load\(path, trusted=True\)"):
        load(trained_file.with_suffix(".joblib"))
