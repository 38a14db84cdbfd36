"""From labelled sentences to what is fitted: terms, classes and groups."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import chain
from os import PathLike
from pathlib import Path
from sys import intern

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stance.errors import DataError
from stance.labels import EVENTS, EventClass, as_label, order_labels
from stance.lexicon import Lexicon
from stance.terms import TermExtractor, split_words
from stance.training.data import Columns, Example, read_with_digest
from stance.training.fit import Corpus
from stance.training.term_vectors import TermVectors
from stance.training.word_vectors import learn_word_vectors

Data = str | PathLike[str] | Iterable[Example]


@dataclass(frozen=True)
class Source:
    """Labelled sentences, the name to call them by in messages and the SHA-256 of their file, else of themselves."""

    name: str
    examples: list[Example]
    sha256: str


def read_source(data: Data, columns: Columns | None) -> Source:
    """Read a file, or take the examples as they are.

    Raises DataError, or TypeError for other items, ValueError for a weight that is no positive number.
    """
    if isinstance(data, str | PathLike):
        examples, sha256 = read_with_digest(data, columns)
        return Source(str(Path(data)), examples, sha256)
    examples = list(data)
    for index, example in enumerate(examples):
        if not isinstance(example, Example):
            raise TypeError(f"data[{index}]: expected an Example, got {type(example).__name__}")
        for name, value in (("text", example.text), ("label", example.label)):
            if not isinstance(value, str):
                raise TypeError(f"data[{index}]: {name} is {value!r}, not a string")
        if not isinstance(example.weight, int | float):
            raise TypeError(f"data[{index}]: weight is {example.weight!r}, not a number")
        if not 0 < example.weight < math.inf:
            raise ValueError(f"data[{index}]: weight is {example.weight!r}; give a number above 0")
        if not isinstance(example.sampled, bool):
            raise TypeError(f"data[{index}]: sampled is {example.sampled!r}, not True or False")
    if not examples:
        raise DataError("examples", "no labelled sentence in it")
    rows = "\n".join(json.dumps(astuple(example)) for example in examples)
    return Source("examples", examples, hashlib.sha256(rows.encode()).hexdigest())


def build_corpus(
    examples: Sequence[Example], groups: NDArray[np.int64], lexicon: Lexicon, vectors: tuple[TermVectors, ...] = ()
) -> Corpus:
    """Extract the terms of each example, once for all fits, and number its class."""
    extract = TermExtractor(lexicon)
    classes = order_classes(examples)
    numbers = {each: number for number, each in enumerate(classes)}
    targets = np.array([numbers[_class_of(example)] for example in examples], dtype=np.int64)
    terms = [[intern(term) for term in extract(example.text)] for example in examples]
    weights = np.array([example.weight for example in examples], dtype=np.float64)
    sampled = np.array([example.sampled for example in examples], dtype=np.bool_)
    return Corpus(terms, targets, groups, weights, sampled, classes, vectors)


def hash_texts(texts: Iterable[str]) -> str:
    """Return the SHA-256 of texts, each followed by a newline."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode(errors="surrogatepass") + b"\n")
    return digest.hexdigest()


def learn_vectors(examples: Sequence[Example], unlabelled: Sequence[str], seed: int) -> tuple[TermVectors, ...]:
    """Learn word vectors from unlabelled sentences and the examples; none without unlabelled sentences."""
    if not unlabelled:
        return ()
    texts = chain(unlabelled, (example.text for example in examples))
    learned = learn_word_vectors([[intern(word.text) for word in split_words(text)] for text in texts], seed)
    return () if learned is None else (learned,)


def number_groups(examples: Sequence[Example], clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups: examples that share a group, or a cluster of near duplicates, are in one, and so on.

    When all would be one group, nothing could be held out, and the clusters are the groups; when they too are
    one, each example is a group of its own.
    """
    named = [row for row, example in enumerate(examples) if example.group is not None]
    names: dict[str | None, int] = {}
    numbers = [names.setdefault(examples[row].group, len(names)) for row in named]
    first_name = len(set(clusters.tolist()))  # the nodes are the clusters, then the names of groups
    nodes = first_name + len(names)
    links = (np.ones(len(named)), (clusters[named], np.array(numbers, dtype=np.int64) + first_name))
    components = connected_components(coo_array(links, shape=(nodes, nodes)), directed=False)[1].astype(np.int64)
    for groups in (components[clusters], clusters):
        if len(set(groups.tolist())) > 1:
            return groups
    return np.arange(len(examples), dtype=np.int64)


def keeps_groups(examples: Sequence[Example], groups: NDArray[np.int64]) -> bool:
    """Return whether the examples of a group have one number, which `number_groups` cannot always give them."""
    numbers: dict[str | None, int] = {}
    named = ((each.group, number) for each, number in zip(examples, groups.tolist(), strict=True))
    return all(group is None or numbers.setdefault(group, number) == number for group, number in named)


def order_classes(examples: Iterable[Example]) -> tuple[EventClass, ...]:
    """Return the classes of the examples: by label, then without an event first, then in PLOVER's order, by name."""
    classes = {_class_of(example) for example in examples}
    labels = order_labels({each.label for each in classes})
    plover = [event for events in EVENTS.values() for event in events]

    def place(each: EventClass) -> tuple[int, bool, int, str]:
        known = plover.index(each.event) if each.event in plover else len(plover)
        return labels.index(each.label), each.event is not None, known, each.event or ""

    return tuple(sorted(classes, key=place))


def label_names(classes: Iterable[EventClass]) -> tuple[str, ...]:
    """Return the labels of the classes in their order."""
    return order_labels({each.label for each in classes})


def sum_by_label(probabilities: NDArray[np.float64], classes: Sequence[EventClass]) -> NDArray[np.float64]:
    """Add up n x classes probabilities into n x labels (no matrix product: its last bits vary with BLAS threads)."""
    labels = label_names(classes)
    columns = [[number for number, each in enumerate(classes) if each.label == label] for label in labels]
    return np.column_stack([probabilities[:, members].sum(axis=1) for members in columns])


def check_labels(labels: Sequence[str], source: Source) -> None:
    """Raise DataError, naming them, when there are labels in the data that the model does not have."""
    unknown = sorted({example.label for example in source.examples}.difference(labels))
    if unknown:
        found = ", ".join(f"'{label}'" for label in unknown[:20])
        raise DataError(source.name, f"labels {found}, which the model does not know; it has {', '.join(labels)}")


def targets_by_label(corpus: Corpus) -> NDArray[np.int64]:
    """Return the index of each example's label in `label_names(corpus.classes)`."""
    labels = label_names(corpus.classes)
    columns = np.array([labels.index(each.label) for each in corpus.classes], dtype=np.int64)
    found: NDArray[np.int64] = columns[corpus.targets]
    return found


def count_classes(examples: Sequence[Example]) -> dict[str, int]:
    """Count the examples of each label, then of each event, in the order of the classes."""
    counts = Counter(as_label(example.label) for example in examples)
    counts.update(example.event for example in examples if example.event)
    classes = order_classes(examples)
    names = (*label_names(classes), *(each.event for each in classes if each.event))
    return {str(name): counts[name] for name in names}


def _class_of(example: Example) -> EventClass:
    return EventClass(as_label(example.label), example.event)
