"""What several tests need: a small model, made once, and the command line run in this process."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tiny_model import Change, alter, make_tiny_model

from stance.cli import main
from stance.labels import EVENTS, LABELS, EventClass, Label
from stance.lexicon import shipped_lexicon
from stance.model import Model
from stance.terms import TermExtractor
from stance.training.export import export_model
from stance.training.fit import Corpus, Settings, fit_pipeline

CORPUS = Path(__file__).parent.parent / "fixtures" / "corpus" / "wire.jsonl"


@dataclass(frozen=True)
class Result:
    """What a run of the command line came to."""

    status: int
    output: str
    errors: str

    @property
    def lines(self) -> list[str]:
        """The lines of the output, ended by line feeds alone."""
        assert self.output == "" or self.output.endswith("\n")
        return self.output.split("\n")[:-1]


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Return a function that runs the command line in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: object, given: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        status = main([str(argument) for argument in arguments])
        output, errors = capfdbinary.readouterr()
        return Result(status, output.decode(), errors.decode())

    return run_here


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a model that nobody trained: it has every part, and is made at once."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    path.write_bytes(make_tiny_model().to_bytes())
    return path


@pytest.fixture
def altered(tiny_model: Path, tmp_path: Path) -> Callable[[Change], Path]:
    """Return a function that writes the tiny model again after a change to its header or tensors, sealed anew."""

    def write(change: Change) -> Path:
        path = tmp_path / "altered.safetensors"
        path.write_bytes(alter(tiny_model.read_bytes(), change))
        return path

    return write


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a model trained on one part of the corpus; quick to make, fair at its job."""
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    path.write_bytes(_small_model().to_bytes())
    return path


def _small_model() -> Model:
    lexicon = shipped_lexicon()
    extract = TermExtractor(lexicon)
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    classes = tuple(EventClass(label, event) for label in LABELS for event in (EVENTS[label] or (None,)))
    names = [each.name for each in classes]
    targets = np.array([names.index(row["event"] if row["label"] != Label.NEUTRAL else row["label"]) for row in rows])
    terms, every = [extract(row["text"]) for row in rows], np.ones(len(rows), dtype=bool)
    corpus = Corpus(terms, targets, np.arange(len(rows)), np.ones(len(rows)), every, classes)
    pipeline = fit_pipeline(corpus, lexicon, Settings(min_count=2, max_terms=4000), temperature=1.0)
    return export_model(pipeline, classes, {"seed": 0, "examples": len(rows)})
