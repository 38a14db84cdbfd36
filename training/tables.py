"""Figures as Markdown tables and lists, for the report and the model card."""

from collections.abc import Iterable, Sequence

from stance.training.metrics import Metrics


def label_table(metrics: Metrics) -> str:
    """Return precision, recall, F1, AUC and support of each label."""
    header = ("label", "precision", "recall", "F1", "AUC", "support")
    rows = [
        (
            s.label,
            decimal(s.precision),
            decimal(s.recall if s.support else None),
            decimal(s.f1 if s.support else None),
            decimal(s.auc),
            f"{s.support:,}",
        )
        for s in metrics.labels
    ]
    return format_table(header, rows)


def confusion_table(metrics: Metrics) -> str:
    """Return the confusion matrix, true labels down, predicted ones across."""
    names = [score.label for score in metrics.labels]
    rows = [(name, *map(str, counts)) for name, counts in zip(names, metrics.confusion, strict=True)]
    return format_table(("", *names), rows)


def coverage_table(metrics: Metrics) -> str:
    """Return the accuracy that is left when abstaining below a confidence."""
    rows = [(f"{p.coverage:.0%}", decimal(p.threshold), decimal(p.accuracy)) for p in metrics.coverage]
    return format_table(("of the examples", "confidence at least", "accuracy"), rows)


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, or an empty text when it has no rows."""
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def format_list(items: Iterable[str]) -> str:
    """Return a Markdown list."""
    return "\n".join(f"- {item}" for item in items)


def decimal(value: float | None) -> str:
    """Return a figure with three decimals, or a dash for none."""
    return "–" if value is None else f"{value:.3f}"
