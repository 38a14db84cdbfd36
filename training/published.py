"""Published labels: TSV files of sentence ids, text hashes, labels and events, but no text."""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from stance.errors import DataError
from stance.writing import write_atomically

HEADER = ("id", "sha256", "label", "event")
DIGEST_LENGTH = 16
NO_EVENT = "NONE"


@dataclass(frozen=True)
class SourceSentence:
    """A sentence of a source: its id, its text and, when it is labelled, its label and event (NONE for none)."""

    id: str
    text: str
    label: str = ""
    event: str = NO_EVENT


@dataclass(frozen=True)
class PublishedLabel:
    """A label for the sentence of an id whose text has a SHA-256 that begins with `sha256`."""

    id: str
    sha256: str
    label: str
    event: str
    path: Path
    line: int


def read_sentences(path: Path) -> Iterator[SourceSentence]:
    """Yield the sentences of a JSON Lines file, gzipped or not, with `id`, `text` and perhaps `label` and `event`."""
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                yield _parse(path, line, number)
    except (OSError, EOFError) as error:
        raise DataError(path, f"cannot be read ({error})") from error


def read_labels(path: Path) -> list[PublishedLabel]:
    """Read a file of published labels. Raises DataError for a broken row."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(rows, ())) != HEADER:
            raise DataError(path, f"the header must be {' '.join(HEADER)}, separated by tabs", 1)
        labels = []
        for line, row in enumerate(rows, start=2):
            if len(row) != len(HEADER):
                raise DataError(path, f"{len(row)} fields where the header has {len(HEADER)}", line)
            identifier, digest, label, event = row
            labels.append(PublishedLabel(identifier, digest, label, event, path, line))
        return labels


def write_labels(sentences: Iterable[SourceSentence], path: Path) -> None:
    """Publish the labels of sentences, sorted by id."""
    rows = sorted((each.id, _digest(each.text), each.label, each.event) for each in sentences)
    lines = ["\t".join(row) for row in (HEADER, *rows)]
    write_atomically({path: ("\n".join(lines) + "\n").encode()})


def apply_labels(
    sentences: Iterable[SourceSentence], labels: Iterable[PublishedLabel], pool: Iterable[SourceSentence]
) -> list[SourceSentence]:
    """Return labelled sentences with corrected labels, and after them the sentences of the pool that got one.

    Of two labels for one id the later wins. Raises DataError for a label whose sentence is not there or has another
    text.
    """
    wanted = {label.id: label for label in labels}
    corrected = [_relabel(each, wanted.pop(each.id, None)) for each in sentences]
    added = [_relabel(each, wanted.pop(each.id)) for each in pool if each.id in wanted]
    if wanted:
        label = next(iter(wanted.values()))
        raise DataError(label.path, f"no sentence has the id {label.id}; get the sources again", label.line)
    return corrected + added


def _relabel(sentence: SourceSentence, label: PublishedLabel | None) -> SourceSentence:
    if label is None:
        return sentence
    if _digest(sentence.text) != label.sha256:
        raise DataError(label.path, f"the text of {label.id} is not the one that was labelled", label.line)
    return replace(sentence, label=label.label, event=label.event)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _parse(path: Path, line: str, number: int) -> SourceSentence:
    try:
        row = json.loads(line)
        return SourceSentence(row["id"], row["text"], row.get("label", ""), row.get("event", NO_EVENT))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DataError(path, f"not a sentence with an id and a text ({error!r})", number) from error
