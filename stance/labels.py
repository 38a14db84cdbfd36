"""The three labels, and the PLOVER event classes that each of them gathers."""

from enum import StrEnum


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


def as_label(name: str) -> str:
    """Return `name` as a member of Label where it is one, else unchanged."""
    return Label(name) if name in LABELS else name


def order_labels(names: set[str]) -> tuple[str, ...]:
    """Sort label names: ours first in their fixed order, then any others by name."""
    ours = [label for label in LABELS if label in names]
    return (*ours, *sorted(names.difference(LABELS)))
