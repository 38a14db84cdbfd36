"""Checking labelled sentences before anything is fitted on them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.errors import DataError
from stance.training.data import Example
from stance.training.duplicates import cluster_duplicates, normalise_text

FEWEST_LABELS, MOST_LABELS = 2, 50
FEWEST_EXAMPLES = 2
NO_EVENTS = "if the column holds no classes, give --event '' or Columns(event='')"
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")
LISTED = 20
"""How many places a message lists."""


@dataclass(frozen=True)
class Findings:
    """What was found in labelled data and what was done about it, one message for each kind."""

    messages: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Checked:
    """The examples that stay, the near-duplicate cluster of each, and what was found.

    `related` are those that name a source and a target, whatever other pairs of actors their sentences stand for.
    """

    examples: tuple[Example, ...]
    clusters: NDArray[np.int64]
    findings: Findings
    related: tuple[Example, ...]


def check_examples(examples: Iterable[Example], path: str | Path, validation: Sequence[Example] = ()) -> Checked:
    """Drop what cannot be learned from, and say so.

    Dropped are what (nearly) repeats a validation example, see `remove_overlap`, texts that are empty, exact
    duplicates (the first stays, with its event) and texts under two labels (the commonest label stays; on a tie none
    does). Near duplicates stay. An example without a line gets its place in the sequence.

    Raises DataError when nothing is left, for fewer than 2 or more than 50 labels, for a name that cannot be printed,
    for a label or event with fewer than 2 examples, and for an event that is also a label or stands under two labels.
    """
    numbered = _number(examples)
    apart, overlap = remove_overlap(numbered, validation) if validation else (numbered, Findings())
    filled, empty = _split_empty(apart)
    agreed, disputes = _settle_labels(filled)
    kept, repeated = _drop_repeated(agreed)
    dropped = [
        *overlap.messages,
        *_message(len(empty), "empty texts dropped", empty),
        *_message(len(disputes), "texts under two labels (the commonest stays, a tie drops the text)", disputes),
        *_event_disputes(agreed, " (the first stays)"),
        *_message(len(repeated), "exact duplicates dropped", repeated),
        *_odd_labels(kept),
    ]
    if numbered and not kept:
        raise DataError(path, f"nothing left after removing {len(numbered):,} examples: {'; '.join(dropped)}")
    _check_labels(kept, path)
    _check_names(kept, path)
    _check_events(kept, path)
    clusters = cluster_duplicates([example.text for example in kept])
    related = tuple(example for example in filled if example.source and example.target)
    return Checked(tuple(kept), clusters, Findings((*dropped, *_near_duplicates(kept, clusters))), related)


def inspect_examples(examples: Iterable[Example], name: str) -> Findings:
    """Say what is odd in data that is only measured on, called `name`; nothing is dropped."""
    numbered = _number(examples)
    filled, empty = _split_empty(numbered)
    _, disputes = _settle_labels(filled)
    _, repeated = _drop_repeated(filled)
    messages = [
        *_message(len(empty), "empty texts", empty),
        *_message(len(disputes), "texts under two labels", disputes),
        *_event_disputes(filled, ""),
        *_message(len(repeated), "exact duplicates", repeated),
    ]
    return Findings(tuple(f"{name}, nothing dropped: {message}" for message in messages))


def remove_overlap(train: Sequence[Example], validation: Sequence[Example]) -> tuple[list[Example], Findings]:
    """Return the training examples that are not, exactly or nearly, validation examples, and the count of the rest.

    See `cluster_duplicates` for what near means; whatever is in one cluster with a validation example goes, and so does
    what is in the same group.
    """
    clusters = cluster_duplicates([example.text for example in (*validation, *train)]).tolist()
    seen = set(clusters[: len(validation)])
    groups = {example.group for example in validation if example.group is not None}
    kept = [
        example
        for example, cluster in zip(train, clusters[len(validation) :], strict=True)
        if cluster not in seen and example.group not in groups
    ]
    dropped = len(train) - len(kept)
    if not dropped:
        return kept, Findings()
    what = "training examples dropped that (nearly) repeat a validation example or share its group"
    return kept, Findings((f"{dropped:,} {what}",))


def _number(examples: Iterable[Example]) -> list[Example]:
    return [
        example if example.line is not None else replace(example, line=place)
        for place, example in enumerate(examples, start=1)
    ]


def _split_empty(examples: list[Example]) -> tuple[list[Example], list[str]]:
    """Return the examples with a text, and the lines of those without."""
    empty = [str(_line(example)) for example in examples if not example.text.strip()]
    return [example for example in examples if example.text.strip()], empty


def _settle_labels(examples: list[Example]) -> tuple[list[Example], list[str]]:
    """Return the examples whose label wins among those of the same text, and a description of each dispute."""
    losing: dict[int, bool] = {}
    disputes = []
    for same in _group_by_text(examples):
        votes = Counter(example.label for example in same).most_common()
        if len(votes) == 1:
            continue
        tie = votes[0][1] == votes[1][1]
        losing.update({id(example): tie or example.label != votes[0][0] for example in same})
        disputes.append(", ".join(f"{_line(example)} {example.label}" for example in same))
    return [example for example in examples if not losing.get(id(example))], disputes


def _odd_labels(examples: list[Example]) -> list[str]:
    """Say which labels may be meant as one, or as a scale; the model takes each for a class of its own."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        spellings[example.label.casefold()].add(example.label)
    alike = [" and ".join(sorted(names)) for names in spellings.values() if len(names) > 1]
    messages = [f"labels that differ in case only are different classes: {'; '.join(alike)}"] if alike else []
    numbers = sorted(name for name in spellings if _NUMBER.fullmatch(name))
    if len(numbers) > FEWEST_LABELS:
        messages.append(f"labels that are numbers are classes like any other, in no order: {', '.join(numbers)}")
    return messages


def _event_disputes(examples: list[Example], outcome: str) -> list[str]:
    disputes = [
        ", ".join(f"{_line(example)} {example.event or 'no event'}" for example in same)
        for same in _group_by_text(examples)
        if len({example.label for example in same}) == 1 and len({example.event for example in same}) > 1
    ]
    return _message(len(disputes), f"texts under two events of one label{outcome}", disputes)


def _group_by_text(examples: list[Example]) -> list[list[Example]]:
    by_text: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_text[normalise_text(example.text)].append(example)
    return list(by_text.values())


def _drop_repeated(examples: list[Example]) -> tuple[list[Example], list[str]]:
    first: dict[str, Example] = {}
    repeated = []
    for example in examples:
        original = first.setdefault(normalise_text(example.text), example)
        if original is not example:
            repeated.append(f"{_line(example)} repeats {_line(original)}")
    return list(first.values()), repeated


def _check_labels(examples: list[Example], path: str | Path) -> None:
    labels = {example.label for example in examples}
    if not FEWEST_LABELS <= len(labels) <= MOST_LABELS:
        found = ", ".join(sorted(labels)[:LISTED]) or "none"
        problem = f"{len(labels)} different labels, where {FEWEST_LABELS} to {MOST_LABELS} can be learned ({found})"
        raise DataError(path, f"{problem}; is it the right column?")


def _check_names(examples: list[Example], path: str | Path) -> None:
    for example in examples:
        for name in (example.label, example.event or example.label):
            if not name.isprintable():
                problem = f"{name!a} has a character that cannot be printed, such as a tab or a no-break space"
                raise DataError(path, f"{problem}; a label or event is kept as a plain name", example.line)


def _check_events(examples: list[Example], path: str | Path) -> None:
    labels = {example.label for example in examples}
    first: dict[str, Example] = {}
    for example in examples:
        event = example.event
        if event is None:
            continue
        if event in labels:
            raise DataError(path, f"event '{event}' is also a label; rename one, or {NO_EVENTS}", example.line)
        original = first.setdefault(event, example)
        if original.label != example.label:
            other = f"label '{original.label}' on line {original.line}"
            raise DataError(path, f"event '{event}' under label '{example.label}', and under {other}", example.line)
    names = Counter(example.label for example in examples) + Counter(
        example.event or f"{example.label} without an event" for example in examples
    )
    for example in examples:
        for name in (example.label, example.event or f"{example.label} without an event"):
            if names[name] < FEWEST_EXAMPLES:
                problem = f"the only example of '{name}', apart from any that were dropped"
                remedy = "" if name == example.label else f"; {NO_EVENTS}"
                raise DataError(path, f"{problem}; a class needs {FEWEST_EXAMPLES}{remedy}", example.line)


def _near_duplicates(examples: list[Example], clusters: NDArray[np.int64]) -> list[str]:
    members: dict[int, list[str]] = defaultdict(list)
    for example, cluster in zip(examples, clusters.tolist(), strict=True):
        members[cluster].append(str(_line(example)))
    alike = [" and ".join(lines) for lines in members.values() if len(lines) > 1]
    return _message(len(alike), "clusters of near duplicates kept, each within one fold", alike)


def _message(count: int, problem: str, places: list[str]) -> list[str]:
    if not count:
        return []
    rest = f"; and {len(places) - LISTED:,} more" if len(places) > LISTED else ""
    return [f"{count:,} {problem}: line {'; '.join(places[:LISTED])}{rest}"]


def _line(example: Example) -> int:
    return example.line or 0
