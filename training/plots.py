"""The plots of a report, as PNG. Importing this needs matplotlib; no window and no global figure is used."""

from collections.abc import Sequence
from io import BytesIO

from matplotlib.figure import Figure

from stance.training.metrics import Metrics

RESOLUTION = 120
COLOUR = "#0072b2"
MOST_WRITTEN = 12
"""With more labels than this the confusion matrix shows colours but no counts."""


def draw_plots(metrics: Metrics, learning_curve: Sequence[tuple[int, float]]) -> dict[str, bytes]:
    """Return the PNG of each plot by its name; without a learning curve its plot is left out."""
    plots = {"confusion": draw_confusion(metrics), "reliability": draw_reliability(metrics)}
    return plots | ({"learning_curve": draw_learning_curve(learning_curve)} if learning_curve else {})


def draw_confusion(metrics: Metrics) -> bytes:
    """Draw the confusion matrix, coloured by the share of each true label."""
    names = [score.label for score in metrics.labels]
    side = 2.5 + 0.5 * len(names)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot(xlabel="predicted", ylabel="true", title="Confusion matrix")
    shares = [[count / max(1, sum(row)) for count in row] for row in metrics.confusion]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", parse_math=False)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    for y, row in enumerate(metrics.confusion if len(names) <= MOST_WRITTEN else ()):
        for x, count in enumerate(row):
            axes.text(x, y, f"{count:,}", ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    return _to_png(figure)


def draw_reliability(metrics: Metrics) -> bytes:
    """Draw the accuracy in each bin of confidence against the confidence."""
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    title = f"Reliability (ECE {metrics.calibration_error:.3f})"
    axes = figure.add_subplot(xlabel="confidence", ylabel="accuracy", title=title, xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    axes.plot([b.confidence for b in metrics.bins], [b.accuracy for b in metrics.bins], "o-", color=COLOUR)
    return _to_png(figure)


def draw_learning_curve(points: Sequence[tuple[int, float]]) -> bytes:
    """Draw macro-F1 against the number of examples."""
    figure = Figure(figsize=(4.5, 3.5), layout="constrained")
    axes = figure.add_subplot(xlabel="examples", ylabel="macro-F1", title="Learning curve")
    axes.plot([examples for examples, _ in points], [score for _, score in points], "o-", color=COLOUR)
    axes.set_ylim(0, 1)
    return _to_png(figure)


def _to_png(figure: Figure) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png", dpi=RESOLUTION, metadata={"Software": None})
    return content.getvalue()
