"""What the shipped model is trained on: the project's corpus and public sentences with our labels."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from stance.errors import DataError
from stance.shipped import SHIPPED_MODEL
from stance.training.checks import Findings, remove_overlap
from stance.training.data import Example, read_examples
from stance.training.evaluation import Sets, set_texts
from stance.training.fit import Settings
from stance.training.pairs import PairExample, read_marked_pairs, read_published_pairs
from stance.training.published import (
    NO_EVENT,
    SourceSentence,
    apply_labels,
    read_labels,
    read_sentences,
    write_labels,
)

SETTINGS = Settings(max_terms=140_000, smoothing=3.0, seed=0)

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "fixtures" / "corpus"
LABELS_FOLDER = ROOT / "fixtures" / "labels"
SENTENCE_VECTORS = ROOT / "fixtures" / "vectors" / "minilm.npz"
DATA = ROOT.parent / "shared" / "data"
MODEL = ROOT / "stance" / SHIPPED_MODEL

NEWS = "news_train.jsonl"
POOLS = ("news_unlabelled.jsonl.gz", "politics_unlabelled.jsonl.gz")
WORLD_EVENTS = "wce:"
COUNCIL, COUNCIL_CORPUS = "unscon:", "council_speeches"
COUNCIL_WEIGHT = 3.0
"""Council speeches are 3 % of the examples and unlike all others: diplomats accuse without a word of accusing."""
MARKED_PAIRS = "pairs_train.jsonl"
PUBLISHED_PAIRS = "pairs.tsv"


class ShippedExamples(NamedTuple):
    """The examples of the shipped model and what was left out of them."""

    examples: list[Example]
    findings: Findings


def collect_examples(data: Path, sets: Sets, labels: Path = LABELS_FOLDER) -> ShippedExamples:
    """Return the corpus and the labelled news of a data folder, without what (nearly) repeats an evaluation set.

    The corpus was written, and the sentences of the unlabelled files were chosen for being hard and their labels for
    being sure; only the other news is a sample of what there is.

    The files `extra_*.tsv` of the folder `labels` correct the labels of the news, or add sentences of the
    unlabelled files. Sources and targets are left out: the pairs of `collect_pairs` are more like what news holds,
    and with the corpus beside them the pair model sees relations where there are none.
    """
    check_clone()
    corpus = [
        replace(example, weight=COUNCIL_WEIGHT if path.stem == COUNCIL_CORPUS else 1.0, sampled=False)
        for path in sorted(CORPUS.glob("*.jsonl"))
        for example in read_examples(path)
    ]
    sampled = {sentence.id for sentence in read_sentences(data / NEWS)}
    news = [replace(_as_example(each), sampled=each.id in sampled) for each in _labelled_news(data, labels)]
    unnumbered = [replace(each, line=None, source=None, target=None) for each in (*corpus, *news)]
    return ShippedExamples(*remove_overlap(unnumbered, [Example(text, "") for text in set_texts(sets)]))


def collect_pairs(data: Path, labels: Path = LABELS_FOLDER) -> list[PairExample]:
    """Return the pairs of actors in public sentences: those with crowd labels, and those that we labelled."""
    texts = {sentence.id: " ".join(sentence.text.split()) for sentence in _pool(data)}
    return [*read_marked_pairs(data / MARKED_PAIRS), *read_published_pairs(labels / PUBLISHED_PAIRS, texts)]


def check_clone() -> None:
    """Raise DataError where the corpus, which is no part of an installed package, is not at hand."""
    if not any(CORPUS.glob("*.jsonl")):
        raise DataError(CORPUS, "no corpus there; run this in a clone of the repository")


def unlabelled_texts(data: Path, sets: Sets) -> list[str]:
    """Return the unlabelled news of a data folder, without what (exactly) repeats an evaluation set."""
    known = set(set_texts(sets))
    return [sentence.text for sentence in _pool(data) if sentence.text not in known]


def publish_labels(data: Path) -> Path:
    """Write the labels of the news, without its text, to `fixtures/labels/news.tsv`; return the path."""
    LABELS_FOLDER.mkdir(exist_ok=True)
    path = LABELS_FOLDER / "news.tsv"
    write_labels(read_sentences(data / NEWS), path)
    return path


def _labelled_news(data: Path, labels: Path) -> list[SourceSentence]:
    extra = chain.from_iterable(read_labels(path) for path in sorted(labels.glob("extra_*.tsv")))
    return apply_labels(read_sentences(data / NEWS), extra, _pool(data))


def _pool(data: Path) -> Iterator[SourceSentence]:
    return chain.from_iterable(read_sentences(data / name) for name in POOLS if (data / name).is_file())


def _as_example(sentence: SourceSentence) -> Example:
    """Group world events by their day, since one story fills several sentences of it, and all else by its id."""
    group = sentence.id.split("/")[0] if sentence.id.startswith(WORLD_EVENTS) else sentence.id
    weight = COUNCIL_WEIGHT if sentence.id.startswith(COUNCIL) else 1.0
    event = None if sentence.event == NO_EVENT else sentence.event
    return Example(sentence.text, sentence.label, event, group, weight=weight)
