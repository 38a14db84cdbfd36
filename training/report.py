"""The report on a model: how good it is, on what, and what it looks at."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import MissingExtraError
from stance.training.metrics import Metrics
from stance.training.tables import confusion_table, coverage_table, decimal, format_list, format_table, label_table
from stance.writing import write_atomically


@dataclass(frozen=True)
class Report:
    """What is known about a model and how it did on labelled examples.

    `source` says which examples: held-out folds, or a file. `sizes` counts the examples of each label and
    of each event. `strongest_terms` lists, for each class, the terms with the largest weight for it, or for one
    of its faces, against the mean of all. `learning_curve` has pairs of a number of examples and the macro-F1 reached
    with them.
    """

    source: str
    metrics: Metrics
    sizes: Mapping[str, int]
    findings: tuple[str, ...] = ()
    strongest_terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int | None = None
    temperature: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    learning_curve: tuple[tuple[int, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return asdict(self)

    def to_markdown(self) -> str:
        """Return the report as Markdown, without plots."""
        terms = [f"{name}: {' · '.join(f'`{term}`' for term in found)}" for name, found in self.strongest_terms.items()]
        sections = {
            "Labels": label_table(self.metrics),
            "Confusion (rows: true, columns: predicted)": confusion_table(self.metrics),
            "Accuracy when abstaining below a confidence": coverage_table(self.metrics),
            "Learning curve": format_table(
                ("examples", "macro-F1"), [(f"{n:,}", decimal(f)) for n, f in self.learning_curve]
            ),
            "Examples": format_table(("class", "examples"), [(name, f"{n:,}") for name, n in self.sizes.items()]),
            "Strongest terms": format_list(terms),
            "Findings in the data": format_list(self.findings),
            "Made with": format_list([f"seed {self.seed}", *(f"{name} {v}" for name, v in self.versions.items())]),
        }
        parts = [_headline(self), *(f"## {title}\n\n{body}\n" for title, body in sections.items() if body)]
        return "\n".join(parts)


def write_report(report: Report, stem: Path) -> list[Path]:
    """Write `<stem>.report.md`, `<stem>.report.json` and the plots, all or none; return what was written."""
    files = report_files(report, stem)
    write_atomically(files)
    return list(files)


def report_files(report: Report, stem: Path) -> dict[Path, bytes]:
    """Return the content of each file of a report; without matplotlib the Markdown says which plots are missing."""
    plots = {stem.with_name(f"{stem.name}.{name}.png"): content for name, content in _plots(report).items()}
    links = "\n".join(f"![{path.name}]({path.name})" for path in plots) or _missing_plots()
    return {
        stem.with_name(f"{stem.name}.report.md"): f"{report.to_markdown()}\n## Plots\n\n{links}\n".encode(),
        stem.with_name(f"{stem.name}.report.json"): f"{json.dumps(report.to_dict(), indent=1)}\n".encode(),
        **plots,
    }


def _plots(report: Report) -> dict[str, bytes]:
    try:
        from stance.training.plots import draw_plots
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        return {}
    return draw_plots(report.metrics, report.learning_curve)


def _missing_plots() -> str:
    return f"Not drawn: confusion matrix, reliability diagram, learning curve. {MissingExtraError('plots', 'Drawing')}"


def _headline(report: Report) -> str:
    metrics = report.metrics
    low, high = metrics.interval
    figures = [
        f"macro-F1 {decimal(metrics.macro_f1)} (95 % bootstrap interval {decimal(low)} to {decimal(high)})",
        f"accuracy {decimal(metrics.accuracy)} on {metrics.examples:,} examples: {report.source}",
        f"the commonest label alone would have accuracy {decimal(metrics.commonest)}",
        f"expected calibration error {decimal(metrics.calibration_error)}",
    ]
    if report.temperature is not None:
        figures.append(f"temperature {decimal(report.temperature)}")
    return f"# Report\n\n{format_list(figures)}\n"
