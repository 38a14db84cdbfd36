"""How stance behaves on invented cases: plain, negated, failed, denied, reversed … (fixtures/behaviour).

Prints a Markdown table with a row for each group and a column for each kind of case. It exits 0 whatever it finds.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance import Label, StanceError, predict
from stance.errors import DataError
from stance.prediction import Prediction, Predictions

CASES = Path(__file__).parents[1] / "fixtures" / "behaviour"
KNOWN_FAILURES = "known_failures.tsv"
NOT_CASES = "actor_frames.jsonl"

LABEL, INVARIANCE, DIRECTION = KINDS = ("label", "invariance", "direction")

LEAST_OVERALL = 0.85
LEAST_IN_A_GROUP = 0.70
MOST_FLIPS = 0.02
"""The bars: cases passed, overall and in each group, and swapped texts whose label changes."""

_COLUMNS = ("group", "case", "note")
_REMOVE = "remove it with --update-known-failures"
_DIGITS = 12


@dataclass(frozen=True)
class Case:
    """A case of a group: its file and line, and what it asks of `texts`.

    `expected` is the label of the one text of a label case, "same" for the texts of an invariance case,
    and "up" or "down" for where the score goes from the first to the second text of a direction case.
    """

    group: str
    line: int
    kind: str
    texts: tuple[str, ...]
    expected: str

    @property
    def digest(self) -> str:
        """What names the case in the known failures: it changes with the texts and with what is asked of them."""
        asked = json.dumps([self.kind, self.expected, *self.texts], ensure_ascii=False)
        return hashlib.sha256(asked.encode()).hexdigest()[:_DIGITS]

    @property
    def note(self) -> str:
        """What is asked of which text, for people."""
        shown = self.texts[:1] if self.kind == INVARIANCE else self.texts
        return f"{self.expected}: {' >> '.join(shown)}"


@dataclass(frozen=True)
class Outcome:
    """What became of a case: what was predicted, and how many of its `swaps` changed the label (`flips`)."""

    case: Case
    passed: bool
    found: str
    swaps: int = 0
    flips: int = 0


def main() -> int:
    arguments = _parse_arguments()
    known = CASES / KNOWN_FAILURES
    try:
        outcomes = judge_cases(read_cases(CASES), predict)
        if arguments.update_known_failures:
            write_known_failures(known, outcomes)
        problems = find_problems(outcomes, read_known_failures(known)) if arguments.check else []
    except (StanceError, OSError) as error:
        print(f"behaviour: {error}", file=sys.stderr)
        return 1
    print(format_report(outcomes))
    if arguments.failures:
        print("", *(describe_failure(each) for each in outcomes if not each.passed), sep="\n")
    for problem in problems:
        print(f"behaviour: {problem}", file=sys.stderr)
    return 1 if problems else 0


def read_cases(folder: Path) -> list[Case]:
    """Return the cases of every group, a JSON Lines file each. Raises DataError for a broken line or no case at all."""
    paths = sorted(path for path in folder.glob("*.jsonl") if path.name != NOT_CASES)
    cases = [case for path in paths for case in _read_group(path)]
    if not cases:
        raise DataError(folder, "no behavioural cases; the folder must hold a .jsonl file for each group")
    return cases


def judge_cases(cases: Sequence[Case], predictor: Callable[[Sequence[str]], Predictions]) -> list[Outcome]:
    """Return the outcome of each case, in order."""
    predictions = iter(predictor([text for case in cases for text in case.texts]))
    return [judge(case, [next(predictions) for _ in case.texts]) for case in cases]


def judge(case: Case, predictions: Sequence[Prediction]) -> Outcome:
    """Return the outcome of a case, given the prediction for each of its texts."""
    labels = [str(each.label) for each in predictions]
    if case.kind == LABEL:
        return Outcome(case, labels[0] == case.expected, f"{labels[0]} {predictions[0].confidence:.2f}")
    if case.kind == INVARIANCE:
        flipped = [f"{label}: {text}" for label, text in zip(labels, case.texts, strict=True) if label != labels[0]]
        found = "; ".join([labels[0], *flipped])
        return Outcome(case, not flipped, found, swaps=len(labels) - 1, flips=len(flipped))
    before, after = (_score(each) for each in predictions)
    passed = after > before if case.expected == "up" else after < before
    return Outcome(case, passed, f"{before:+.2f} to {after:+.2f}")


def pass_rate(outcomes: Sequence[Outcome]) -> float:
    """Return the share of cases that pass."""
    return sum(each.passed for each in outcomes) / len(outcomes)


def flip_rate(outcomes: Iterable[Outcome]) -> float:
    """Return the share of the swapped texts of the invariance cases whose label is not that of the first text."""
    swapped = [each for each in outcomes if each.swaps]
    return sum(each.flips for each in swapped) / sum(each.swaps for each in swapped)


def by_group(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Return the outcomes of each group, in order."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.group, []).append(outcome)
    return groups


def format_report(outcomes: Sequence[Outcome]) -> str:
    """Return the table of the groups, and below it the overall figures beside their bars."""
    groups = by_group(outcomes)
    lines = [["group", *KINDS, "all"], ["---", *["---:"] * (len(KINDS) + 1)]]
    for name, rows in [*groups.items(), ("all", outcomes)]:
        lines.append([name, *(_count([row for row in rows if row.case.kind == kind]) for kind in KINDS), _count(rows)])
    weakest = min(groups, key=lambda name: pass_rate(groups[name]))
    note = (
        f"Passed: {pass_rate(outcomes):.1%} (bar {LEAST_OVERALL:.0%}); in the weakest group, {weakest}, "
        f"{pass_rate(groups[weakest]):.1%} (bar {LEAST_IN_A_GROUP:.0%}). "
        f"Swapped texts whose label changes: {flip_rate(outcomes):.1%} (at most {MOST_FLIPS:.0%})."
    )
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", note])


def describe_failure(outcome: Outcome) -> str:
    """Return one line: where the case stands, what it asks for, what was predicted."""
    case = outcome.case
    return f"{case.group}.jsonl, line {case.line}: {case.note} -> {outcome.found}"


def find_problems(outcomes: Sequence[Outcome], known: Mapping[str, str]) -> list[str]:
    """Return the bars that are missed and where the known failures (digest to note) are not what fails."""
    cases = {each.case.digest for each in outcomes}
    new = [each for each in outcomes if not each.passed and each.case.digest not in known]
    mended = [each for each in outcomes if each.passed and each.case.digest in known]
    return [
        *missed_bars(outcomes),
        *(f"fails and is no known failure: {describe_failure(each)}" for each in new),
        *(f"passes and is a known failure; {_REMOVE}: {each.case.note}" for each in mended),
        *(f"a known failure without a case; {_REMOVE}: {known[digest]}" for digest in known.keys() - cases),
    ]


def missed_bars(outcomes: Sequence[Outcome]) -> list[str]:
    """Return a sentence for each bar that is missed."""
    rates = [("all cases", pass_rate(outcomes), LEAST_OVERALL)]
    rates += [(name, pass_rate(rows), LEAST_IN_A_GROUP) for name, rows in by_group(outcomes).items()]
    missed = [f"{name}: {rate:.1%} pass, the bar is {bar:.0%}" for name, rate, bar in rates if rate < bar]
    if flip_rate(outcomes) > MOST_FLIPS:
        missed.append(f"{flip_rate(outcomes):.1%} of the swapped texts change the label, at most {MOST_FLIPS:.0%} may")
    return missed


def read_known_failures(path: Path) -> dict[str, str]:
    """Return the note of each known failure under the digest of its case. Raises DataError for a broken line."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    for line, row in enumerate(rows, start=1):
        if len(row) != len(_COLUMNS):
            raise DataError(path, f"expected {', '.join(_COLUMNS)} with tabs between, got {row}", line)
    return {digest: note for _, digest, note in rows[1:]}


def write_known_failures(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write the cases that fail, in the order of their files."""
    failed = [each.case for each in outcomes if not each.passed]
    rows = [_COLUMNS, *((case.group, case.digest, case.note) for case in failed)]
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _read_group(path: Path) -> Iterator[Case]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row: dict[str, Any] = json.loads(text)
            texts, expected = _what_is_asked(row)
        except (ValueError, KeyError) as error:
            raise DataError(path, f"not a behavioural case ({error}); see README.md beside it", line) from error
        yield Case(path.stem, line, row["kind"], texts, expected)


def _what_is_asked(row: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    kind = row["kind"]
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not label, invariance or direction")
    if kind == LABEL:
        return (row["text"],), Label(row["label"])
    if kind == DIRECTION:
        if row["direction"] not in ("up", "down"):
            raise ValueError(f"direction is {row['direction']!r}, not up or down")
        return (row["text"], row["changed"]), row["direction"]
    if not row["variants"]:
        raise ValueError("variants is empty")
    return (row["text"], *row["variants"]), "same"


def _score(prediction: Prediction) -> float:
    if prediction.score is None:
        raise StanceError(
            "the model lacks the label cooperative or adversarial, so it has no score; test one that has both"
        )
    return prediction.score


def _count(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "–"
    return f"{sum(each.passed for each in outcomes)} of {len(outcomes)} ({pass_rate(outcomes):.0%})"


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="behaviour", description=__doc__)
    parser.add_argument("--failures", action="store_true", help="list the cases that fail and what was predicted")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed or a failure is not known")
    parser.add_argument("--update-known-failures", action="store_true", help="tolerate what fails now, and only that")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
