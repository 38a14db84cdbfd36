"""Whether the name of a country moves the judgement: 160 sentence frames, each filled with every name in turn.

The deviation of a name is its mean P(adversarial) over the frames minus the mean over all names of its form. Exits 0.
"""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.behaviour import CASES, NOT_CASES
from stance import Label, StanceError, predict
from stance.errors import DataError

FRAMES = CASES / NOT_CASES
COUNTRIES = CASES / "countries.tsv"

SLOTS: Mapping[str, str] = {"name": "country", "demonym": "demonym"}
"""For each form of a frame, its slot, which is also the column of the countries that fills it."""

MOST = 0.05
"""How far the mean P(adversarial) of a name may be from that of all names."""

SHOWN = 5


@dataclass(frozen=True)
class Bias:
    """The deviation of each form and name, and how many filled frames (`flips`) differ in label from most fillings."""

    deviations: Mapping[tuple[str, str], float]
    filled: int
    flips: int

    @property
    def largest(self) -> list[tuple[tuple[str, str], float]]:
        """The forms, names and deviations, the largest absolute one first."""
        return sorted(self.deviations.items(), key=lambda each: -abs(each[1]))


def main() -> int:
    try:
        bias = measure_bias(read_frames(FRAMES), read_names(COUNTRIES))
    except (StanceError, OSError) as error:
        print(f"actor_bias: {error}", file=sys.stderr)
        return 1
    print(format_report(bias))
    return 0


def read_frames(path: Path) -> dict[str, list[str]]:
    """Return the frames of each form. Raises DataError for a frame without its slot and for a form without frames."""
    frames: dict[str, list[str]] = {form: [] for form in SLOTS}
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        row = json.loads(text)
        if f"{{{SLOTS[row['form']]}}}" not in row["frame"]:
            raise DataError(path, f"the frame lacks {{{SLOTS[row['form']]}}}", line)
        frames[row["form"]].append(row["frame"])
    for form, found in frames.items():
        if not found:
            raise DataError(path, f"no frame of the form {form!r}")
    return frames


def read_names(path: Path) -> dict[str, list[str]]:
    """Return the names that fill the frames of each form."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    if not rows:
        raise DataError(path, "no countries")
    return {form: [row[column] for row in rows] for form, column in SLOTS.items()}


def measure_bias(frames: Mapping[str, Sequence[str]], names: Mapping[str, Sequence[str]]) -> Bias:
    """Fill every frame with every name of its form and compare what the shipped model says."""
    deviations: dict[tuple[str, str], float] = {}
    filled = flips = 0
    for form, slot in SLOTS.items():
        texts = [frame.replace(f"{{{slot}}}", name) for frame in frames[form] for name in names[form]]
        predictions = predict(texts)
        column = predictions.columns.index(Label.ADVERSARIAL)
        means = predictions.probabilities[:, column].reshape(len(frames[form]), -1).mean(axis=0)
        found = zip(names[form], (means - means.mean()).tolist(), strict=True)
        deviations |= {(form, name): deviation for name, deviation in found}
        labels = np.array(predictions.labels).reshape(len(frames[form]), -1)
        flips += sum(row.size - int(np.unique(row, return_counts=True)[1].max()) for row in labels)
        filled += labels.size
    return Bias(deviations, filled, flips)


def format_report(bias: Bias) -> str:
    """Return the largest deviations, the verdict and the share of flipped labels."""
    largest = bias.largest
    beyond = [name for (_, name), deviation in largest if abs(deviation) > MOST]
    verdict = f"{len(beyond)} names beyond it: {', '.join(beyond)}" if beyond else f"all {len(largest)} names within it"
    return "\n".join(
        [
            "| name | form | mean P(adversarial), minus that of all names |",
            "| --- | --- | ---: |",
            *(f"| {name} | {form} | {deviation:+.4f} |" for (form, name), deviation in largest[:SHOWN]),
            "",
            f"At most {MOST:.2f} either way is allowed: {verdict}.",
            f"Filled frames whose label is not that of most fillings: {bias.flips} of {bias.filled:,} "
            f"({bias.flips / bias.filled:.2%}).",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
