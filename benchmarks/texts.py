"""The sentences that speed is measured on."""

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from stance.errors import DataError

CORPUS = Path(__file__).parents[1] / "fixtures" / "corpus"
NEWS = "news_unlabelled.jsonl.gz"
SEED = 0


def default_texts(data: Path) -> Path:
    """Return the unlabelled news of a folder of data where they are at hand, else the folder of the corpus."""
    return data / NEWS if (data / NEWS).is_file() else CORPUS


def read_texts(path: Path) -> list[str]:
    """Return the sentences of a file: a line each, or the field `text` of each line where the file is JSON Lines.

    A file ending in .gz is unpacked; of a folder, every JSON Lines file is read. White space is made one space, since
    fastText and Vowpal Wabbit take lines, and empty sentences are left out. Raises DataError when none is left.
    """
    paths = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    texts = [text for each in paths for text in _clean(_read(each))]
    if not texts:
        raise DataError(path, "no sentence in it")
    return texts


def draw(texts: Sequence[str], count: int) -> list[str]:
    """Return `count` of the sentences in random order, always the same; all of them when there are fewer."""
    return random.Random(SEED).sample(texts, min(count, len(texts)))


def write_documents(texts: Sequence[str], size: int, together: int, per_paragraph: int = 5) -> list[str]:
    """Return documents of at least `size` characters each, enough for `together`: the texts in paragraphs, in turn."""
    given = cycle(texts)
    documents: list[str] = []
    while sum(map(len, documents)) < together:
        document = ""
        while len(document) < size:
            document += "\n\n" * bool(document) + " ".join(islice(given, per_paragraph))
        documents.append(document)
    return documents


def _read(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        if ".jsonl" in path.suffixes:
            yield from (json.loads(line)["text"] for line in lines)
        else:
            yield from lines


def _clean(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if words := text.split():
            yield " ".join(words)
