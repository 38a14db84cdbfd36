"""The classifier: a model behind one `predict`, `explain` and `score_document`."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import sha256 as sha256_of
from itertools import accumulate, chain
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from stance.container import RETRAIN, looks_like_safetensors, read_content
from stance.errors import ModelFormatError
from stance.kernel import SPAN_SIZE, is_native, open_kernel
from stance.model_file import PackedModel, read_packed
from stance.prediction import Prediction, Predictions, make_prediction

if TYPE_CHECKING:  # what predict does without is imported when it is called for
    import datetime

    from stance.document import DocumentScore
    from stance.explanation import Explanation
    from stance.model import Model

_NO_BATCH = (bytes, bytearray, Mapping, set, frozenset)
"""What can be iterated over without being sentences in an order."""

CHUNK = 1 << 14
"""How many sentences are scored at a time, so that an interrupt is heard; more of them are shared among threads."""

FEWEST_SHARED = 256
"""So few sentences are scored sooner than threads are started; an Arrow column may come in thousands of such pieces."""

Score = Callable[[int, int], tuple[bytes, bytes, bytes]]


class Classifier:
    """A loaded model. Instances hold no changing state, may be shared between threads and sent to other processes."""

    def __init__(self, model: "Model | PackedModel") -> None:
        self._given = model
        self._kernel = open_kernel(model)
        self._label_of = tuple(each.label for each in model.classes)
        self._event_of = tuple(each.event for each in model.classes)

    def __reduce__(self) -> tuple[type["Classifier"], tuple["Model | PackedModel"]]:
        return Classifier, (self._given,)

    @property
    def kernel(self) -> str:
        """Which kernel scores: "native", or "pure" for Python, as for models of formats before 5."""
        return "native" if is_native(self._kernel) else "pure"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the probability columns."""
        return self._given.labels

    @cached_property
    def model(self) -> "Model":
        """The model with its terms by name; taken out of its file's tables when it is first asked for."""
        return self._given.model if isinstance(self._given, PackedModel) else self._given

    @overload
    def predict(self, sentences: str) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, sentences: Iterable[str], *, threads: int | None = None) -> Predictions: ...
    def predict(self, sentences: str | Iterable[str], *, threads: int | None = None) -> Prediction | Predictions:
        """Classify one sentence, or each of an iterable of sentences (one result per input, in order).

        A sentence gets the same answer alone and in any batch, and with any number of threads: by default one, and
        as many as there are cores for more than CHUNK sentences. A pyarrow array of strings is read where it lies.
        Raises TypeError, with the index and type of the offending item, for anything that is not a string, and for a
        set, which has no order; ValueError when `threads` is not positive.
        """
        if isinstance(sentences, str):
            best, evidence, values = self._kernel.score_one(sentences)
            return make_prediction(self.labels, self._label_of[best], self._event_of[best], values, evidence)
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ValueError(f"threads is {threads!r}; give 1 or more")
        return self._gather(self._score_column(sentences, threads) or self._score_strings(sentences, threads))

    def explain(self, sentence: str) -> "Explanation":
        """Show which words of a sentence pushed towards which label. Raises TypeError for a non-string."""
        if not isinstance(sentence, str):
            raise TypeError(f"explain takes one sentence (str), got {type(sentence).__name__}")
        from stance.explanation import explain

        return explain(self.model, sentence, self.predict(sentence))

    def score_document(self, text: str, date: "datetime.date | str | None" = None) -> "DocumentScore":
        """Score an article: its sentences, how it leans, who speaks, and who stands how towards whom.

        `date`, when it was written (a date or an ISO 8601 text), tells who held office. Raises TypeError when `text` is
        not a string, ValueError for a date that is none.
        """
        if not isinstance(text, str):
            raise TypeError(f"score_document takes the text of a document (str), got {type(text).__name__}")
        from stance.document import gather_document

        return gather_document(text, self._predict_spans, lambda: self.model, date)

    def _predict_spans(self, text: str, spans: bytes) -> Predictions:
        """Classify sentences of a text, which are two int64 each, as `predict` would the strings."""
        count = len(spans) // SPAN_SIZE
        score = self._kernel.score_spans
        return self._gather(_score_chunks(lambda first, last: score(text, spans, first, last), count, None))

    def _gather(self, parts: list[tuple[bytes, bytes, bytes]]) -> Predictions:
        classes, probabilities, known_terms = parts[0] if len(parts) == 1 else map(b"".join, zip(*parts, strict=True))
        likeliest = memoryview(classes).cast("H").tolist()
        return Predictions(
            self.labels,
            tuple(map(self._label_of.__getitem__, likeliest)),
            tuple(map(self._event_of.__getitem__, likeliest)),
            probabilities,
            known_terms,
        )

    def _score_strings(self, sentences: object, threads: int | None) -> list[tuple[bytes, bytes, bytes]]:
        if hasattr(type(sentences), "columns"):
            kind = type(sentences).__name__
            raise TypeError(f"predict takes a column of strings, got a {kind}; give it one, such as table['text']")
        if isinstance(sentences, _NO_BATCH) or not isinstance(sentences, Iterable):
            raise TypeError(f"predict takes a string or an iterable of strings, got {type(sentences).__name__}")
        texts = tuple(
            sentences.to_pylist() if hasattr(sentences, "to_pylist") else sentences
        )  # Arrow's items are boxes
        return _score_chunks(lambda first, last: self._kernel.score(texts, first, last), len(texts), threads)

    def _score_column(self, column: Any, threads: int | None) -> list[tuple[bytes, bytes, bytes]]:
        """Score an Arrow column of strings without making strings of it; nothing when it is none or has nulls."""
        if not hasattr(self._kernel, "score_utf8") or not hasattr(column, "null_count"):
            return []
        arrays = column.chunks if hasattr(column, "chunks") else [column]
        width = {"string": 4, "large_string": 8}.get(str(getattr(column, "type", None)))
        if width is None or column.null_count or not all(hasattr(each, "buffers") for each in arrays):
            return []
        places = accumulate(map(len, arrays), initial=0)
        scored = (self._score_buffers(each, place, width, threads) for each, place in zip(arrays, places, strict=False))
        return list(chain.from_iterable(scored))

    def _score_buffers(
        self, column: Any, place: int, width: int, threads: int | None
    ) -> list[tuple[bytes, bytes, bytes]]:
        """Score an array whose first string has this place among those that were given."""
        _, offsets, data = column.buffers()
        start, score = column.offset, self._kernel.score_utf8  # type: ignore[attr-defined]

        def score_part(first: int, last: int) -> tuple[bytes, bytes, bytes]:
            found: tuple[bytes, bytes, bytes] = score(
                data or b"", offsets or bytes(8), width, start + first, start + last, place + first
            )
            return found

        return _score_chunks(score_part, len(column), threads)


def load(path: str | PathLike[str], *, trusted: bool = False, sha256: str | None = None) -> Classifier:
    """Load a model file.

    A safetensors file is read without running any code of it. A pickled scikit-learn pipeline can run any
    code when it is read, so it is refused unless `trusted=True` says that you know where it comes from. With
    `sha256`, in hexadecimal digits (`stance info` prints them), any other file is refused.
    Raises ModelFormatError for a file that is not a usable model, FileNotFoundError for none.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such model file; train one with 'stance train'")
    content = read_content(path)
    if looks_like_safetensors(content):
        _check_digest(path, content, sha256)
        return Classifier(read_packed(path, content))
    if not trusted:
        raise ModelFormatError(
            path,
            "not a safetensors model; if it is a pickle, reading it can run any code",
            f"if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; else {RETRAIN}",
        )
    from stance.pipeline import read_pipeline

    pickled = path.read_bytes()
    _check_digest(path, pickled, sha256)
    return Classifier(read_pipeline(path, pickled))


def _check_digest(path: Path, content: memoryview | bytes, wanted: str | None) -> None:
    if wanted is None:
        return
    found = sha256_of(content).hexdigest()
    if found != wanted.strip().lower():
        raise ModelFormatError(
            path, f"SHA-256 is {found}, not {wanted}", "get the file again from whoever vouches for it"
        )


def _score_chunks(score: Score, count: int, threads: int | None) -> list[tuple[bytes, bytes, bytes]]:
    """Return the columns of `count` sentences, a chunk after the other; chunks are scored by several threads."""
    chunks = [(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)] or [(0, 0)]
    if threads is None:
        threads = _usable_cores() if len(chunks) > 1 else 1
    if threads == 1 or count < FEWEST_SHARED:
        return [score(first, last) for first, last in chunks]
    from concurrent.futures import ThreadPoolExecutor

    size = min(CHUNK, -(-count // threads) or 1)
    chunks = [(first, min(first + size, count)) for first in range(0, count, size)] or [(0, 0)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda chunk: score(*chunk), chunks))


def _usable_cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
