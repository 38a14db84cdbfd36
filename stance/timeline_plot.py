"""The plot of a timeline. Needs matplotlib."""

from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

from stance.timeline import Series, Timeline

_COOPERATIVE, _ADVERSARIAL, _LINE = "#0072b2", "#d55e00", "#333333"


def draw(timeline: Timeline, kind: str) -> bytes:
    """Return a picture ("png", "svg", "pdf"): each series with its band, and as bars how many documents it rests on."""
    shown = [each for each in timeline.series if each.points]
    periods = sorted({point.period for each in shown for point in each.points})
    figure = Figure(figsize=(11, 2.4 * len(shown) + 0.6), layout="constrained")
    rows = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, series in zip(rows, shown, strict=True):
        _draw_series(axes, series, {period: place for place, period in enumerate(periods)})
    step = max(1, len(periods) // 24)
    rows[-1].set_xticks(range(0, len(periods), step), periods[::step], rotation=60, fontsize=8)
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=130)
    return content.getvalue()


def _draw_series(axes: Any, series: Series, places: dict[str, int]) -> None:
    x = [places[point.period] for point in series.points]
    scores = [point.score for point in series.points]
    most = max(point.documents for point in series.points)
    axes.bar(x, [point.documents / most * 0.5 for point in series.points], bottom=-1, color="#dddddd", width=1.0)
    axes.vlines(x, [p.low for p in series.points], [p.high for p in series.points], color="#999999", linewidth=0.7)
    axes.plot(x, scores, color=_LINE, linewidth=0.7)
    colours = [_COOPERATIVE if score > 0 else _ADVERSARIAL for score in scores]
    axes.scatter(x, scores, c=colours, s=9, zorder=3)
    axes.axhline(0, color="#bbbbbb", linewidth=0.8)
    axes.set_ylim(-1.05, 1.05)
    axes.set_ylabel("score")
    axes.set_title(f"{series.dyad}  (grey bars: documents, at most {most})", fontsize=9, loc="left")
