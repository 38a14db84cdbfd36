"""The plot of a timeline. Needs matplotlib."""

import datetime
from io import BytesIO
from typing import Any

from matplotlib.dates import date2num
from matplotlib.figure import Figure

from stance.terminal import harmless
from stance.timeline import Period, Series, Timeline

_COOPERATIVE, _ADVERSARIAL, _LINE = "#0072b2", "#d55e00", "#333333"
_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 90, Period.YEAR: 360}


def draw(timeline: Timeline, kind: str) -> bytes:
    """Return a picture ("png", "svg", "pdf"): each series with its band, and as bars how many documents it rests on."""
    shown = [each for each in timeline.series if each.points]
    figure = Figure(figsize=(11, 2.4 * len(shown) + 0.6), layout="constrained")
    rows = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, series in zip(rows, shown, strict=True):
        _draw_series(axes, series, timeline.by)
    rows[-1].xaxis_date()
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=130)
    return content.getvalue()


def _draw_series(axes: Any, series: Series, by: Period) -> None:
    x = [date2num(first_day(point.period, by)) for point in series.points]  # type: ignore[no-untyped-call]
    scores = [point.score for point in series.points]
    most = max(point.documents for point in series.points)
    bars = [point.documents / most * 0.5 for point in series.points]
    axes.bar(x, bars, bottom=-1, color="#cccccc", width=_DAYS[by])
    for place, point in zip(x, series.points, strict=True):
        if point.low is not None:
            axes.vlines(place, point.low, point.high, color="#999999", linewidth=0.7)
    axes.plot(x, scores, color=_LINE, linewidth=0.5)
    colours = [_COOPERATIVE if score > 0 else _ADVERSARIAL for score in scores]
    axes.scatter(x, scores, c=colours, s=9, zorder=3)
    axes.axhline(0, color="#bbbbbb", linewidth=0.8)
    axes.set_ylim(-1.05, 1.05)
    axes.set_ylabel("score")
    title = f"{harmless(str(series.dyad))}  (grey bars: documents, at most {most})"
    axes.set_title(title, fontsize=9, loc="left", parse_math=False)  # a name may hold dollar signs


def first_day(period: str, by: Period) -> datetime.date:
    """Return the first day of a period, given its name."""
    if by is Period.WEEK:
        return datetime.date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
    if by is Period.QUARTER:
        return datetime.date(int(period[:4]), int(period[6:]) * 3 - 2, 1)
    parts = [int(part) for part in period.split("-")]
    year, month, day, *_ = [*parts, 1, 1]
    return datetime.date(year, month, day)
