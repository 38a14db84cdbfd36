"""The three labels, and the PLOVER event classes that each of them gathers."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Label(StrEnum):
    """What relation between political actors a sentence reports or voices."""

    COOPERATIVE = "cooperative"
    ADVERSARIAL = "adversarial"
    NEUTRAL = "neutral"


LABELS: tuple[Label, ...] = tuple(Label)
"""The labels in the order of every probability column of the shipped model."""

EVENTS: dict[Label, tuple[str, ...]] = {
    Label.COOPERATIVE: ("AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID", "YIELD"),
    Label.ADVERSARIAL: (
        "REQUEST",
        "ACCUSE",
        "REJECT",
        "THREATEN",
        "PROTEST",
        "SANCTION",
        "MOBILIZE",
        "COERCE",
        "ASSAULT",
    ),
    Label.NEUTRAL: (),
}
"""PLOVER's root classes by label (Halterman et al. 2023, PLOVER and POLECAT)."""


class EventClass(NamedTuple):
    """A class that a model tells apart: a label, or one event of a label."""

    label: str
    event: str | None

    @property
    def name(self) -> str:
        """The event where there is one, else the label."""
        return self.event or self.label


def first_faces(classes: Sequence[EventClass]) -> list[int]:
    """Return for each class the index of the first one that is equal to it, whose other face it is."""
    first: dict[EventClass, int] = {}
    return [first.setdefault(each, index) for index, each in enumerate(classes)]


class PairClass(NamedTuple):
    """What the first of two actors does towards the second (`forward`), or the second towards the first."""

    label: Label
    forward: bool | None


PAIR_CLASSES: tuple[PairClass, ...] = (
    PairClass(Label.NEUTRAL, None),
    PairClass(Label.COOPERATIVE, True),
    PairClass(Label.COOPERATIVE, False),
    PairClass(Label.ADVERSARIAL, True),
    PairClass(Label.ADVERSARIAL, False),
)
"""The classes of a pair of actors in a sentence, in the order of the columns of a pair model."""

MUTUAL_EVENTS = frozenset({"AGREE", "CONSULT", "COOPERATE"})
"""Events in which both sides take part: who agrees with somebody is agreed with."""


def as_label(name: str) -> str:
    """Return `name` as a member of Label where it is one, else unchanged."""
    return Label(name) if name in LABELS else name


def order_labels(names: set[str]) -> tuple[str, ...]:
    """Sort label names: ours first in their fixed order, then any others by name."""
    ours = [label for label in LABELS if label in names]
    return (*ours, *sorted(names.difference(LABELS)))
