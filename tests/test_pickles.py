"""A pickle runs code when it is read, so it is read only for a user who says that it is trusted."""

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from stance import ModelFormatError, load
from stance.errors import MissingExtraError
from stance.lexicon import Lexicon

SENTENCE = "Ankara lifted its ban on flights from the island."


@dataclass
class Analyzer:
    """Holds a lexicon, as the analyzer of a saved pipeline does."""

    lexicon: Lexicon | None


class Vectorizer:
    """Holds the terms of a model, as the vectorizer of a saved pipeline does."""

    idf_: np.ndarray
    analyzer: Analyzer
    terms: list[str]

    def get_feature_names_out(self) -> list[str]:
        return self.terms


class Trap:
    """An object whose pickle creates a file when it is read."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.sprung,)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl", "model.safetensors", "model"])
@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_pickle_is_refused_and_not_executed(tmp_path, sprung, name, protocol):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Trap(sprung), protocol))
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: not a safetensors model; if it is a pickle, reading it can run any code; "
        "if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; "
        "else retrain with 'stance train' or get the file again"
    )
    assert not sprung.exists()


def test_disguised_pickle_is_never_executed(tmp_path, sprung):
    disguise = b"S'123456{'\n0"  # a string with "{" as the ninth byte, dropped again
    content = disguise + pickle.dumps(Trap(sprung), 0)
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    for trusted in (False, True):
        with pytest.raises(ModelFormatError, match="not a readable safetensors file"):
            load(path, trusted=trusted)
    assert not sprung.exists()
    pickle.loads(content)
    assert sprung.exists(), "the trap works, so that its silence above says something"


def test_trusted_pickle_of_something_else(tmp_path, sprung):
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(ModelFormatError) as caught:
        load(path, trusted=True)
    assert sprung.exists()
    assert str(caught.value) == (
        f"{path}: a pickled NoneType, not a pipeline saved by stance; retrain with 'stance train' or get the file again"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        pickle.dumps(list(range(1000)))[:500],
        b"cno_such_module\nName\n.",
        b"cos\nno_such_name\n.",
        b"c__builtin__\nint\n(S'x'\ntR.",
    ],
    ids=["empty", "no pickle", "cut off", "missing module", "missing name", "code that raises"],
)
def test_trusted_pickle_that_is_damaged(tmp_path, content):
    path = tmp_path / "model.joblib"
    path.write_bytes(content)
    with pytest.raises(ModelFormatError) as caught:
        load(path, trusted=True)
    assert str(caught.value).startswith(f"{path}: cannot be unpickled (")
    assert str(caught.value).endswith("); retrain with 'stance train' or get the file again")


def saved_pipeline(tiny_model: Path) -> Pipeline:
    """Return a stand-in for a pipeline saved by stance, with what `model_of` reads of it."""
    model = load(tiny_model).model
    vectorizer = Vectorizer()
    vectorizer.idf_, vectorizer.analyzer = model.idf, Analyzer(model.lexicon)
    vectorizer.terms = list(model.vocabulary)
    regression = LogisticRegression()
    regression.coef_, regression.intercept_ = model.weights.T, model.intercept
    pipeline = Pipeline([("terms", vectorizer), ("regression", regression)])
    classes = [(each.label, each.event) for each in model.classes]
    pipeline.stance_ = {"labels": model.labels, "classes": classes, "information": model.information}
    return pipeline


def drop_information(pipeline: Pipeline) -> None:
    pipeline.stance_ = {}


def drop_a_class(pipeline: Pipeline) -> None:
    pipeline.stance_["classes"].pop()


def drop_a_term(pipeline: Pipeline) -> None:
    pipeline[0].terms.pop()


def drop_the_regression(pipeline: Pipeline) -> None:
    pipeline.steps.pop()


def rename_a_label(pipeline: Pipeline) -> None:
    pipeline.stance_["labels"] = ("up", "down", "neutral")


def drop_the_lexicon(pipeline: Pipeline) -> None:
    pipeline[0].analyzer = Analyzer(None)


def give_pairs_of_another_kind(pipeline: Pipeline) -> None:
    pipeline.stance_["pairs"] = "pairs"


def test_missing_extra_is_named(tmp_path, monkeypatch):
    path = tmp_path / "model.joblib"
    path.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError) as caught:
        load(path, trusted=True)
    problem = f"{path}: a pickled pipeline needs the extra 'train': pip install 'stance-classifier[train]'"
    assert str(caught.value) == problem


def test_pickled_pipeline_of_ours_is_read(tmp_path, tiny_model):
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(saved_pipeline(tiny_model)))
    assert load(path, trusted=True).predict(SENTENCE).label == load(tiny_model).predict(SENTENCE).label


@pytest.mark.parametrize(
    "change",
    [
        drop_information,
        drop_a_class,
        drop_a_term,
        drop_the_regression,
        rename_a_label,
        drop_the_lexicon,
        give_pairs_of_another_kind,
    ],
)
def test_pickled_pipeline_of_another_is_refused(tmp_path, tiny_model, change):
    pipeline = saved_pipeline(tiny_model)
    change(pipeline)
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(pipeline))
    with pytest.raises(ModelFormatError) as caught:
        load(path, trusted=True)
    assert str(caught.value).startswith(f"{path}: not a pipeline as stance saves it (")


def test_trusting_a_model_file_changes_nothing(tiny_model):
    assert load(tiny_model, trusted=True).predict(SENTENCE) == load(tiny_model).predict(SENTENCE)
