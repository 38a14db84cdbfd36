"""The gate: a model is shipped only if it is not worse than the one it replaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stance.classifier import load
from stance.errors import ModelFormatError
from stance.training.evaluation import Sets, classifier_probabilities, measure_sets
from stance.writing import write_atomically

TOLERANCE = 0.005
"""How much worse any one figure may be: a third of the standard error of macro-F1 on a thousand sentences."""

MOST_BYTES = 8_000_000


@dataclass(frozen=True)
class Comparison:
    """One figure of a candidate and of the shipped model (None when there is no such model)."""

    figure: str
    candidate: float
    shipped: float | None

    @property
    def passes(self) -> bool:
        """Whether the candidate's figure is not worse by more than the tolerance."""
        return self.shipped is None or self.candidate >= self.shipped - TOLERANCE


@dataclass(frozen=True)
class Verdict:
    """What the gate found; `refusals` is empty when the candidate may be shipped.

    `findings` say what could not be compared.
    """

    comparisons: tuple[Comparison, ...]
    refusals: tuple[str, ...]
    findings: tuple[str, ...] = ()


def judge(candidate: Path, shipped: Path, sets: Sets) -> Verdict:
    """Compare two model files on every evaluation set; without a shipped model any figures pass.

    A shipped model that this version cannot use, such as one of outdated terms, is as none, and a finding says so.
    Raises ModelFormatError when the candidate cannot be used, ValueError when there is no figure to compare.
    """
    found = _measure(candidate, sets)
    if not found:
        raise ValueError("the evaluation sets give no figure; nothing can be shipped on their word")
    before, findings = _measure_shipped(shipped, sets)
    comparisons = compare(found, before)
    refusals = [
        f"{each.figure} fell from {each.shipped:.4f} to {each.candidate:.4f}, by more than {TOLERANCE}"
        for each in comparisons
        if not each.passes
    ]
    size = candidate.stat().st_size
    if size > MOST_BYTES:
        refusals.append(f"the file has {size:,} bytes, more than {MOST_BYTES:,}")
    return Verdict(comparisons, tuple(refusals), findings)


def ship(content: bytes, output: Path, shipped: Path, sets: Sets) -> Verdict:
    """Write a model file, `content`, to `output` unless it is worse than the shipped one; return the verdict.

    What is compared is the file as it would be loaded. On a refusal or an error nothing is written.
    """
    with TemporaryDirectory() as folder:
        candidate = Path(folder) / f"candidate{output.suffix}"
        candidate.write_bytes(content)
        verdict = judge(candidate, shipped, sets)
    if not verdict.refusals:
        write_atomically({output: content})
    return verdict


def compare(candidate: Mapping[str, float], shipped: Mapping[str, float]) -> tuple[Comparison, ...]:
    """Set the figures of two models side by side."""
    return tuple(Comparison(figure, value, shipped.get(figure)) for figure, value in candidate.items())


def format_table(comparisons: Sequence[Comparison]) -> str:
    """Return the comparisons as a text table."""
    lines = [f"{'':<28} {'candidate':>9} {'shipped':>9}"]
    for each in comparisons:
        shipped = "–" if each.shipped is None else f"{each.shipped:.4f}"
        lines.append(f"{each.figure:<28} {each.candidate:>9.4f} {shipped:>9}{'' if each.passes else '  worse'}")
    return "\n".join(lines)


def _measure_shipped(path: Path, sets: Sets) -> tuple[dict[str, float], tuple[str, ...]]:
    if not path.exists():
        return {}, ()
    try:
        return _measure(path, sets), ()
    except ModelFormatError as error:
        return {}, (f"compared with no shipped model, since this version cannot use it: {error}",)


def _measure(path: Path, sets: Sets) -> dict[str, float]:
    return measure_sets(sets, classifier_probabilities(load(path)))
