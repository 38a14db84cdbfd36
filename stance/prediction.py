"""The results of classifying sentences: one Prediction, or Predictions over columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from stance.labels import Label

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Prediction:
    """What a classifier says about one sentence.

    `probabilities` maps each label to its calibrated probability (they sum to 1), read-only. `score` is
    P(cooperative) - P(adversarial) in [-1, 1], or None when the model lacks one of the two labels.
    `event` is the likeliest event class inside the label, or None when the label has none (neutral).
    `evidence` counts the known terms of the sentence; with none of them the sentence is neutral.
    """

    label: str
    probabilities: Mapping[str, float] = field(hash=False)
    score: float | None
    event: str | None
    evidence: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", MappingProxyType(dict(self.probabilities)))

    def __reduce__(self) -> tuple[type["Prediction"], tuple[object, ...]]:
        return Prediction, (self.label, dict(self.probabilities), self.score, self.event, self.evidence)

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


@dataclass(frozen=True, eq=False)
class Predictions(Sequence[Prediction]):
    """The predictions for n sentences, in input order, kept as columns.

    `probabilities` is an n x k float64 array whose columns follow `columns` (`stance.LABELS` for the
    shipped model); `labels` and `events` are tuples and `evidence` an integer array of length n. The arrays are
    copies of those given, and read-only. Indexing gives a Prediction, slicing gives Predictions.
    """

    columns: tuple[str, ...]
    labels: tuple[str, ...]
    events: tuple[str | None, ...]
    probabilities: NDArray[np.float64]
    evidence: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", _freeze(self.probabilities))
        object.__setattr__(self, "evidence", _freeze(self.evidence))

    @cached_property
    def scores(self) -> NDArray[np.float64] | None:
        """P(cooperative) - P(adversarial) of each sentence, or None when the model lacks one of the two."""
        if not {Label.COOPERATIVE, Label.ADVERSARIAL} <= set(self.columns):
            return None
        toward, against = self.columns.index(Label.COOPERATIVE), self.columns.index(Label.ADVERSARIAL)
        return _freeze(self.probabilities[:, toward] - self.probabilities[:, against])

    @cached_property
    def confidences(self) -> NDArray[np.float64]:
        """The probability of each sentence's label."""
        column = {label: index for index, label in enumerate(self.columns)}
        rows = np.arange(len(self.labels))
        return _freeze(self.probabilities[rows, [column[label] for label in self.labels]])

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
        return Prediction(
            label=self.labels[index],
            probabilities=dict(zip(self.columns, self.probabilities[index].tolist(), strict=True)),
            score=None if self.scores is None else float(self.scores[index]),
            event=self.events[index],
            evidence=int(self.evidence[index]),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Predictions):
            return NotImplemented
        return (
            (self.columns, self.labels, self.events) == (other.columns, other.labels, other.events)
            and np.array_equal(self.probabilities, other.probabilities)
            and np.array_equal(self.evidence, other.evidence)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type["Predictions"], tuple[object, ...]]:
        return Predictions, (self.columns, self.labels, self.events, self.probabilities, self.evidence)


def _freeze(array: NDArray[Number]) -> NDArray[Number]:
    """Return a copy that stands on bytes, which unlike an array of its own cannot be made writable again."""
    return np.ndarray(array.shape, array.dtype, buffer=array.tobytes())
