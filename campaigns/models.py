"""Damaged and hostile model files: whatever is done to a file, it is refused with a reason or it predicts.

`damage` makes every truncation and every single-bit flip of a small model, `mutations` changes it with knowledge of its
structure and makes the digests right again, `pickles` tries hostile pickles, `memory` says what loading takes whatever
a header claims. `mutations --replay FILE` judges a file once more that was kept because it failed.
"""

import argparse
import math
import os
import random
import sys
import tempfile
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

from campaigns.checks import UNKNOWN, check_of, deep_checks, load_checks
from campaigns.memory import MOST_BYTES_PER_BYTE, measure_claims
from campaigns.model_file import Anatomy, take_apart
from campaigns.model_mutations import mutate
from campaigns.pickles import hostile_files, judge_pickle
from campaigns.small_model import SENTENCES, make_small_model
from campaigns.trials import FAILURES, Report, add_plan, finish, read_plan, replay, run_trials
from stance import ModelFormatError, load
from stance.classifier import Classifier

REFUSED, PREDICTS = "refused", "predicts"
KEPT = "campaigns-kept/models"
EXPLAINED = 4
"""Of so many models that predict and can be taken apart one explains and scores, chosen by its last byte, a digest's.

That takes longer than all the rest, and what it asks of the model besides was checked when that was taken apart.
"""

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: writing one to a disk takes longer than loading it."""


@dataclass(frozen=True)
class Damage:
    """Every truncation of a model file, then every flip of one of its bits; `step` takes only each so manieth."""

    content: bytes
    folder: Path
    step: int = 1
    outcomes: tuple[str, ...] = (REFUSED,)
    suffix: str = ".safetensors"

    @property
    def count(self) -> int:
        """How many trials there are."""
        return math.ceil(len(self.content) * 9 / self.step)

    def make(self, number: int, dice: random.Random) -> bytes:  # noqa: ARG002 (nothing is left to chance)
        """Return the file cut off, or with one bit turned."""
        number *= self.step
        if number < len(self.content):
            return self.content[:number]
        byte, bit = divmod(number - len(self.content), 8)
        flipped = bytearray(self.content)
        flipped[byte] ^= 1 << bit
        return bytes(flipped)

    def judge(self, content: bytes) -> str:
        """Load the file, which must be refused."""
        outcome = judge_model(content, self.folder)
        if outcome != REFUSED:
            raise AssertionError("a damaged model file was loaded")
        return outcome


@dataclass(frozen=True)
class Mutations:
    """Random files that a sound model file becomes by `mutate`; each is refused by one of the checks, or predicts."""

    sound: Anatomy
    folder: Path
    outcomes: tuple[str, ...] = field(default_factory=lambda: (PREDICTS, *load_checks(), UNKNOWN))
    suffix: str = ".safetensors"

    def make(self, number: int, dice: random.Random) -> bytes:  # noqa: ARG002 (each is as random as the next)
        """Return a mutated file."""
        return mutate(self.sound, dice)

    def judge(self, content: bytes) -> str:
        """Load the file and use it; return which check refused it."""
        finding = find_refusal(content, self.folder)
        return check_of(finding) if finding else PREDICTS


def judge_model(content: bytes, folder: Path) -> str:
    """Return whether a file is refused or predicts, raise what a user would not expect."""
    return REFUSED if find_refusal(content, folder) else PREDICTS


def find_refusal(content: bytes, folder: Path) -> str:
    """Write a file, load it and use it; return why it is refused, "" when it predicts."""
    path = folder / f"{os.getpid()}.safetensors"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            use(load(path), explained=content[-1] % EXPLAINED == 0)
        except ModelFormatError as error:  # by `load`, or where a part is first needed that prediction does without
            name, finding = f"{path}: ", str(error)
            if not finding.startswith(name) or finding == name:
                raise AssertionError(f"a refusal that does not name the file: {error}") from error
            return finding.removeprefix(name)
    return ""


def use(classifier: Classifier, *, explained: bool) -> None:
    """Predict, take the model apart and, if so asked, explain and score; raise for probabilities that are none."""
    predictions = classifier.predict(list(SENTENCES))
    for row in predictions.probabilities.tolist():
        if not all(0 <= value <= 1 for value in row) or abs(sum(row) - 1) > 1e-6:
            raise AssertionError(f"probabilities {row}")
    if not explained:
        assert classifier.model
        return
    str(classifier.explain(SENTENCES[0]))
    classifier.score_document(SENTENCES[0]).to_json()


def main() -> int:
    """Run one part of the campaign and return its exit status."""
    arguments = _parse_arguments()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        if arguments.part == "pickles":
            return _run_pickles(folder)
        if arguments.part == "memory":
            return _run_memory(folder)
        content = make_small_model()
        trial = Damage(content, folder) if arguments.part == "damage" else Mutations(take_apart(content), folder)
        if arguments.replay:
            print(replay(trial, arguments.replay))
            return 0
        plan = read_plan(arguments)
        if isinstance(trial, Damage):
            plan = replace(plan, count=trial.count if arguments.count is None else min(arguments.count, trial.count))
        report = run_trials(trial, plan)
        if isinstance(trial, Mutations):
            print(*describe_checks(report), sep="\n")
            report = sum_refusals(report)
        return finish([(arguments.part, report)], arguments.kept)


def describe_checks(report: Report) -> list[str]:
    """Return a line for each check of a report of mutations, and one on those that take a file sound as far as that."""
    refusals = {name: count for name, count in report.counts.items() if name not in (PREDICTS, *FAILURES)}
    deep = sum(count for name, count in refusals.items() if name in deep_checks())
    share = deep / max(1, sum(refusals.values()))
    lines = [f"refused: {count:10,}  {name}" for name, count in refusals.items() if count]
    return [*lines, f"refused: {deep:10,}  of them ({share:.0%}) behind header, digests, types and shapes"]


def sum_refusals(report: Report) -> Report:
    """Return a report of mutations that tells what was refused from what predicts, and no more."""
    apart = {name: report.counts[name] for name in (PREDICTS, *FAILURES)}
    return Report({REFUSED: report.trials - sum(apart.values()), **apart}, report.seconds)


def _run_pickles(folder: Path) -> int:
    files = hostile_files(folder / "marker")
    problems = [f"{file.name}: {problem}" for file in files if (problem := judge_pickle(file, folder))]
    print(f"pickles: {len(files)} hostile files, {len(files) - len(problems)} refused and not run")
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


def _run_memory(folder: Path) -> int:
    found = measure_claims(make_small_model(), folder)
    for each in found:
        print(f"memory: {each.name}: {each.outcome}, {each.ratio:.2f} bytes for each of the file's")
    return 1 if any(each.ratio > MOST_BYTES_PER_BYTE for each in found) else 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaigns.models", description=__doc__)
    parser.add_argument("part", choices=("damage", "mutations", "pickles", "memory"))
    parser.add_argument("--replay", type=Path, metavar="FILE", help="judge one file that was kept")
    add_plan(parser, count=100_000, kept=KEPT)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
