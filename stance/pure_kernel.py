"""The kernel in Python: the readable definition of what the native one does, and what runs where that was not built."""

from array import array
from typing import TYPE_CHECKING

import numpy as np

from stance.labels import first_faces
from stance.scoring import label_members, score_terms
from stance.terms import TermExtractor

if TYPE_CHECKING:
    from stance.model import Model
    from stance.scoring import SentenceScore


class PureKernel:
    """Scores sentences with a model that was taken apart."""

    def __init__(self, model: "Model") -> None:
        self._model = model
        self._extract = TermExtractor(model.lexicon)
        self._members = label_members(model)
        self._faces = first_faces(model.classes)

    def score(self, texts: tuple[str, ...], first: int, last: int, /) -> tuple[bytes, bytes, bytes]:
        """Return the columns of `texts[first:last]`: see `stance.kernel.Columns`."""
        for index in range(first, last):
            if not isinstance(texts[index], str):
                raise TypeError(f"sentences[{index}]: expected a string, got {type(texts[index]).__name__}")
        rows = [self._score(texts[index]) for index in range(first, last)]
        classes = array("H", [self._choose(row) for row in rows])
        probabilities = array("d", [value for row in rows for value in row.labels.tolist()])
        return classes.tobytes(), probabilities.tobytes(), array("q", [row.evidence for row in rows]).tobytes()

    def score_spans(self, text: str, spans: bytes, first: int, last: int, /) -> tuple[bytes, bytes, bytes]:
        """Return the columns of `text[start:end]` for `spans` first to last, which are two int64 each.

        Raises ValueError for spans that are not there or not of the text.
        """
        edges = memoryview(spans).cast("q").tolist()
        pairs = list(zip(edges[::2], edges[1::2], strict=True))[max(first, 0) : last]
        wrong = [number for number, (start, end) in enumerate(pairs, first) if not 0 <= start <= end <= len(text)]
        if wrong or not 0 <= first <= last <= len(edges) // 2:
            raise ValueError(f"span {wrong[0] if wrong else first} is not one of the text")
        return self.score(tuple(text[start:end] for start, end in pairs), 0, len(pairs))

    def score_one(self, text: str, /) -> tuple[int, int, tuple[float, ...]]:
        """Return the likeliest class of a text, its known terms, and the probability of each label."""
        row = self._score(text)
        return self._choose(row), row.evidence, tuple(row.labels.tolist())

    def known(self, text: str, /) -> dict[int, int]:
        """Return {row: count} of the terms of a text that the model knows."""
        rows: dict[int, int] = {}
        for term in self._extract(text):
            row = self._model.vocabulary.get(term)
            if row is not None:
                rows[row] = rows.get(row, 0) + 1
        return rows

    def _score(self, text: str) -> "SentenceScore":
        return score_terms(self._model, self._members, self._extract(text))

    def _choose(self, row: "SentenceScore") -> int:
        """Return the likeliest class inside the likeliest label; of two that are equally likely, the last by name."""
        label = self._model.labels[int(row.labels.argmax())]
        faces = np.bincount(self._faces, row.classes)
        inside = [index for index in set(self._faces) if self._model.classes[index].label == label]
        return max(inside, key=lambda index: (faces[index], self._model.classes[index].event or ""))
