"""The gate: a model is shipped only if it is not worse than the one it replaces."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stance.classifier import load
from stance.errors import DataError, ModelFormatError
from stance.training.evaluation import Sets, classifier_probabilities, measure_sets
from stance.writing import write_atomically

TOLERANCE = 0.005
"""How much worse any one figure may be: a third of the standard error of macro-F1 on a thousand sentences."""

MOST_BYTES = 12_000_000


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


def judge(candidate: Path, shipped: Path, record: Path, sets: Sets) -> Verdict:
    """Compare two model files on every evaluation set.

    A shipped model that is not there, or that this version cannot use, such as one of outdated terms, is compared by
    the figures in `record`, see `record_figures`, and a finding says so. Any figures pass when there is neither a
    shipped model nor a record.

    Raises ModelFormatError when the candidate cannot be used, DataError when the record cannot be compared with,
    ValueError when there is no figure to compare.
    """
    found = _measure(candidate, sets)
    if not found:
        raise ValueError("the evaluation sets give no figure; nothing can be shipped on their word")
    before, findings = _measure_shipped(shipped, record, sets)
    comparisons = compare(found, before)
    refusals = [f"{figure} was not measured, the shipped model has it" for figure in before if figure not in found]
    refusals += [
        f"{each.figure} fell from {each.shipped:.4f} to {each.candidate:.4f}, by more than {TOLERANCE}"
        for each in comparisons
        if not each.passes
    ]
    size = candidate.stat().st_size
    if size > MOST_BYTES:
        refusals.append(f"the file has {size:,} bytes, more than {MOST_BYTES:,}")
    return Verdict(comparisons, tuple(refusals), findings)


def ship(content: bytes, output: Path, shipped: Path, record: Path, sets: Sets) -> Verdict:
    """Write a model file, `content`, to `output` unless it is worse than the shipped one; return the verdict.

    A model that takes the shipped one's place has its figures written to `record` with it. What is compared is the
    file as it would be loaded. On a refusal or an error nothing is written.
    """
    with TemporaryDirectory() as folder:
        candidate = Path(folder) / f"candidate{output.suffix}"
        candidate.write_bytes(content)
        verdict = judge(candidate, shipped, record, sets)
    if verdict.refusals:
        return verdict
    files = {output: content}
    if output.resolve() == shipped.resolve():
        figures = {each.figure: each.candidate for each in verdict.comparisons}
        files[record] = _format_record(content, figures, sets)
    write_atomically(files)
    return verdict


def record_figures(model: Path, record: Path, sets: Sets) -> None:
    """Write a model's figures, and the digests of it and of the sets, for when a later version cannot use it."""
    write_atomically({record: _format_record(model.read_bytes(), _measure(model, sets), sets)})


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


def _measure_shipped(path: Path, record: Path, sets: Sets) -> tuple[dict[str, float], tuple[str, ...]]:
    if not path.exists() and not record.exists():
        return {}, ()
    if not path.exists():
        return _read_record(record, sets), (f"compared with the figures in {record}, since there is no {path}",)
    try:
        return _measure(path, sets), ()
    except ModelFormatError as error:
        reason = f"since this version cannot use the shipped model: {error}"
        return _read_record(record, sets), (f"compared with the figures in {record}, {reason}",)


def _read_record(path: Path, sets: Sets) -> dict[str, float]:
    try:
        content = json.loads(path.read_bytes())
        figures = {str(name): float(value) for name, value in content["figures"].items()}
        digests = dict(content["sets"])
    except OSError as error:
        remedy = "bring it back, or record them with the version that made the model"
        raise DataError(path, f"no figures of the shipped model, which cannot be loaded ({error}); {remedy}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(path, f"not a record of figures ({error!r}); bring it back") from error
    others = ", ".join(sorted(name for name, digest in _digest_sets(sets).items() if digests.get(name) != digest))
    if others or not figures:
        raise DataError(path, f"its figures are of other rows of {others or 'no set'}; compare on the same sets")
    return figures


def _format_record(model: bytes, figures: Mapping[str, float], sets: Sets) -> bytes:
    content = {"model": hashlib.sha256(model).hexdigest(), "sets": _digest_sets(sets), "figures": figures}
    return (json.dumps(content, indent=2) + "\n").encode()


def _digest_sets(sets: Sets) -> dict[str, str]:
    return {name: hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest() for name, rows in sets.items()}


def _measure(path: Path, sets: Sets) -> dict[str, float]:
    return measure_sets(sets, classifier_probabilities(load(path)))
