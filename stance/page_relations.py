"""Who stands how towards whom, for a page: a matrix and a graph as inline SVG."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from stance.terminal import harmless

if TYPE_CHECKING:  # relations read a gazetteer
    from stance.relations import Relation

MOST_ACTORS = 12
"""The matrix and the graph show so many actors, those of the most sentences."""

_SIZE, _RADIUS, _DOT = 460, 165, 6


def relations_section(relations: "Sequence[Relation]") -> str:
    """Return the matrix and the graph of a document's relations; nothing when it has none."""
    ids = _frequent(relations)
    shown = [each for each in relations if each.source in ids and each.target in ids]
    if not shown:
        return ""
    return (
        '<section class="relations"><h2>Who stands how towards whom</h2>\n'
        f"{_matrix(ids, shown)}\n{_graph(ids, shown)}</section>"
    )


def _frequent(relations: "Sequence[Relation]") -> list[str]:
    counts: dict[str, int] = {}
    for each in relations:
        for actor in (each.source, each.target):
            counts[actor] = counts.get(actor, 0) + len(each.sentences)
    return sorted(sorted(counts, key=lambda actor: (-counts[actor], actor))[:MOST_ACTORS])


def _matrix(ids: Sequence[str], relations: "Sequence[Relation]") -> str:
    known = {(each.source, each.target): each for each in relations}
    head = "".join(f'<th scope="col">{safe(target)}</th>' for target in ids)
    rows = "\n".join(
        f'<tr><th scope="row">{safe(source)}</th>'
        + "".join(_cell(known.get((source, target))) for target in ids)
        + "</tr>"
        for source in ids
    )
    return (
        f"<table><caption>From the actor of the row to that of the column: score and sentences</caption>\n"
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _cell(relation: "Relation | None") -> str:
    if relation is None:
        return "<td></td>"
    title = (
        f"{relation.source} towards {relation.target}, intensity {relation.intensity:.0%}: {', '.join(relation.words)}"
    )
    figures = f"{relation.score:+.2f} <small>({len(relation.sentences)})</small>"
    return f'<td class="{_tint(relation)}" tabindex="0" title="{safe(title)}">{figures}</td>'


def _graph(ids: Sequence[str], relations: "Sequence[Relation]") -> str:
    middle = _SIZE / 2
    places = {}
    for number, actor in enumerate(ids):
        angle = 2 * math.pi * number / len(ids) - math.pi / 2
        places[actor] = (middle + _RADIUS * math.cos(angle), middle + _RADIUS * math.sin(angle))
    parts = [*(_arrow(each, places) for each in relations), *_dots(places)]
    return (
        f'<svg viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="Graph of the relations">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>\n' + "\n".join(parts) + "\n</svg>"
    )


def _arrow(relation: "Relation", places: dict[str, tuple[float, float]]) -> str:
    """Return a bent arrow, so that the two directions of a dyad lie side by side; the wider the more sentences."""
    (x1, y1), (x2, y2) = places[relation.source], places[relation.target]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    gap = _DOT + 4
    start, end = (x1 + dx * gap, y1 + dy * gap), (x2 - dx * gap, y2 - dy * gap)
    bend = ((x1 + x2) / 2 - dy * length * 0.12, (y1 + y2) / 2 + dx * length * 0.12)
    path = f"M{start[0]:.1f} {start[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    width = min(6.0, 1.2 + 0.7 * len(relation.sentences))
    name = f"{relation.source} towards {relation.target}: {relation.score:+.2f}"
    kind = "toward" if relation.score > 0 else "against"
    return (
        f'<path class="{kind}" d="{path}" stroke-width="{width:.1f}" marker-end="url(#tip)">'
        f"<title>{safe(name)}</title></path>"
    )


def _dots(places: dict[str, tuple[float, float]]) -> Iterator[str]:
    middle = _SIZE / 2
    for actor, (x, y) in places.items():
        anchor = "middle" if abs(x - middle) < 20 else "start" if x > middle else "end"
        side = 0 if anchor == "middle" else 11 if anchor == "start" else -11
        below = (-12 if y < middle else 22) if anchor == "middle" else 4
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}"/>'
            f'<text x="{x + side:.1f}" y="{y + below:.1f}" text-anchor="{anchor}">{safe(_short(actor))}</text>'
        )


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"


def _tint(relation: "Relation") -> str:
    name = "cooperative" if relation.score > 0 else "adversarial"
    return f"{name} l{min(4, int(abs(relation.score) * 4) + 1)}"


def safe(text: str) -> str:
    """Return a text that is inert in HTML, in an element or a quoted attribute."""
    return escape(harmless(text), quote=True)
