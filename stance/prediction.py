"""The results of classifying sentences: one Prediction, or Predictions over columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from stance.labels import Label
from stance.read_only import ReadOnlyDict

if TYPE_CHECKING:  # the arrays are made when they are asked for, so that a prediction does without numpy
    import numpy as np
    from numpy.typing import NDArray


_new = object.__new__
_COOPERATIVE, _ADVERSARIAL = Label.COOPERATIVE, Label.ADVERSARIAL


@dataclass(frozen=True)
class Prediction:
    """What a classifier says about one sentence.

    `probabilities` maps each label to its calibrated probability (they sum to 1), read-only. `score` is
    P(cooperative) - P(adversarial) in [-1, 1], or None when the model lacks one of the two labels.
    `event` is the likeliest event class inside the label, or None when the label has none (neutral).
    `evidence` counts the known terms of the sentence, with repeats; with none of them the sentence is neutral.
    """

    label: str
    probabilities: Mapping[str, float] = field(hash=False)
    score: float | None
    event: str | None
    evidence: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", ReadOnlyDict(self.probabilities))

    @property
    def confidence(self) -> float:
        """The probability of the label, in [0, 1]."""
        return self.probabilities[self.label]

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain values that JSON can hold."""
        return {
            "label": str(self.label),
            "probabilities": {str(label): value for label, value in self.probabilities.items()},
            "score": self.score,
            "confidence": self.confidence,
            "event": self.event,
            "evidence": self.evidence,
        }


class Predictions(Sequence[Prediction]):
    """The predictions for n sentences, in input order, kept as columns.

    `probabilities` is an n x k float64 array whose columns follow `columns` (`stance.LABELS` for the
    shipped model); `labels` and `events` are tuples and `evidence` an int64 array of length n. The arrays are
    made when they are first asked for, from copies of those given or from their bytes, and are read-only. Indexing
    gives a Prediction, slicing gives Predictions.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        labels: tuple[str, ...],
        events: tuple[str | None, ...],
        probabilities: "NDArray[np.float64] | bytes",
        evidence: "NDArray[np.int64] | bytes",
    ) -> None:
        given = {
            "columns": columns,
            "labels": labels,
            "events": events,
            "_probabilities": _to_bytes(probabilities, "float64"),
            "_evidence": _to_bytes(evidence, "int64"),
        }
        self.__dict__.update(given)

    columns: tuple[str, ...]
    labels: tuple[str, ...]
    events: tuple[str | None, ...]
    _probabilities: bytes
    _evidence: bytes

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to '{name}': predictions are what the classifier said")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete '{name}': predictions are what the classifier said")

    @cached_property
    def probabilities(self) -> "NDArray[np.float64]":
        """The probability of each label for each sentence (n x k)."""
        import numpy as np

        return np.frombuffer(self._probabilities, dtype=np.float64).reshape(len(self), len(self.columns))

    @cached_property
    def evidence(self) -> "NDArray[np.int64]":
        """How many known terms each sentence has, with repeats."""
        import numpy as np

        return np.frombuffer(self._evidence, dtype=np.int64)

    @cached_property
    def scores(self) -> "NDArray[np.float64] | None":
        """P(cooperative) - P(adversarial) of each sentence, or None when the model lacks one of the two."""
        if not {Label.COOPERATIVE, Label.ADVERSARIAL} <= set(self.columns):
            return None
        toward, against = self.columns.index(Label.COOPERATIVE), self.columns.index(Label.ADVERSARIAL)
        return _freeze(self.probabilities[:, toward] - self.probabilities[:, against])

    @cached_property
    def confidences(self) -> "NDArray[np.float64]":
        """The probability of each sentence's label."""
        import numpy as np

        column = {label: index for index, label in enumerate(self.columns)}
        rows = np.arange(len(self.labels))
        return _freeze(self.probabilities[rows, [column[label] for label in self.labels]])

    @cached_property
    def sums(self) -> tuple[float, ...]:
        """The sum of each label's probabilities over the sentences."""
        values = memoryview(self._probabilities).cast("d")
        return tuple(sum(values[column :: len(self.columns)]) for column in range(len(self.columns)))

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> "Predictions": ...
    def __getitem__(self, index: int | slice) -> "Prediction | Predictions":
        if isinstance(index, slice):
            return Predictions(
                self.columns,
                self.labels[index],
                self.events[index],
                self.probabilities[index],
                self.evidence[index],
            )
        label, row = self.labels[index], range(len(self))[index]
        size = len(self.columns)
        values = memoryview(self._probabilities).cast("d")[row * size : (row + 1) * size].tolist()
        evidence = memoryview(self._evidence).cast("q")[row]
        return make_prediction(self.columns, label, self.events[index], values, evidence)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Predictions):
            return NotImplemented
        return self._columns == other._columns

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Predictions of {len(self)} sentences: {', '.join(map(str, self.columns))}>"

    def __reduce__(self) -> tuple[type["Predictions"], tuple[object, ...]]:
        return Predictions, self._columns

    @property
    def _columns(self) -> tuple[object, ...]:
        return self.columns, self.labels, self.events, self._probabilities, self._evidence


def make_prediction(
    columns: tuple[str, ...], label: str, event: str | None, values: Sequence[float], evidence: int
) -> Prediction:
    """Return the prediction of one sentence, given the probability of each label.

    It fills the fields itself: the constructor of a frozen dataclass would take longer than the sentence.
    """
    probabilities = dict(zip(columns, values))  # noqa: B905 (they are of one length, and checking takes time)
    toward, against = probabilities.get(_COOPERATIVE), probabilities.get(_ADVERSARIAL)
    made = _new(Prediction)
    fields = made.__dict__
    fields["label"] = label
    fields["probabilities"] = ReadOnlyDict(probabilities)
    fields["score"] = None if toward is None or against is None else toward - against
    fields["event"] = event
    fields["evidence"] = evidence
    return made


def _to_bytes(column: Any, dtype: str) -> bytes:
    return column if isinstance(column, bytes) else column.astype(dtype).tobytes()


def _freeze(array: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return a copy that stands on bytes, which unlike an array of its own cannot be made writable again."""
    import numpy as np

    return np.frombuffer(array.tobytes(), dtype=np.float64)
