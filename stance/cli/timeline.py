"""`stance timeline`: dyads over time."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from stance.cli.options import ModelOption, OutputOption, TrustedOption, check_relations, load_model
from stance.cli.output import note, open_output
from stance.cli.records import text_cell
from stance.dated import read_dated_documents
from stance.timeline import Period, Timeline, check_picture, read_dyad, timeline

_HEADER = ("dyad", "period", "score", "low", "high", "intensity", "documents", "sentences")


def draw_timeline(
    documents: Annotated[Path, typer.Argument(metavar="DOCS", help="Dated documents: .jsonl, .csv or .tsv, in UTF-8.")],
    by: Annotated[Period, typer.Option("--by", help="The length of a period.")] = Period.MONTH,
    dyads: Annotated[
        list[str] | None,
        typer.Option("--dyad", metavar="CHN-RUS", help="CHN>RUS for one direction; may be given several times."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Without --dyad: those of the most documents.")] = 10,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Also draw them, to a .png, .svg or .pdf file.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="COLUMN", help="Guessed when not given.")] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="COLUMN", help="Guessed when not given.")] = None,
    model: ModelOption = None,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    """Show how dyads of actors develop over dated documents, as CSV.

    Per period: score in -1 to 1 with its 95 % band (none for a single document), intensity in 0 to 1, sentences, and
    documents in which the dyad has a relation. Near duplicates of the same days count once.
    """
    try:
        chosen = [read_dyad(each) for each in dyads or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--dyad'") from error
    classifier = load_model(model, trusted)
    check_relations(classifier, "'--model'")
    if plot is not None:
        _check_plot(plot)
    rows = read_dated_documents(documents, text, date)
    found = timeline(rows, by=by, dyads=chosen, top=top, score=classifier.score_document)
    with open_output(output) as write:
        write(to_csv(found))
    nothing = not any(series.points for series in found.series)
    if plot is not None and not nothing:
        found.plot(plot)
    for remark in _remarks(found, plot if nothing else None):
        note(remark)


def _remarks(found: Timeline, not_drawn: Path | None) -> Iterator[str]:
    """Yield what the rows do not show."""
    if found.duplicates:
        nearly = f"{found.duplicates:,} of {found.documents + found.duplicates:,} documents (nearly) repeat"
        yield f"{nearly} another of the same days and do not count"
    missing = [str(series.dyad) for series in found.series if not series.points]
    if missing or not found.series:
        dyads = f" of {', '.join(missing)}; without --dyad the most frequent are shown" if missing else ""
        yield f"no document has a relation{dyads}"
    if not_drawn is not None:
        yield f"{not_drawn}: nothing to draw"


def _check_plot(path: Path) -> None:
    try:
        check_picture(path)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--plot'") from error


def to_csv(found: Timeline) -> str:
    """Return a timeline as CSV, a row for each dyad and period."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(_HEADER)
    for series in found.series:
        for point in series.points:
            figures = (point.score, point.low, point.high, point.intensity)
            cells = ["" if figure is None else f"{figure:.4f}" for figure in figures]
            writer.writerow([text_cell(str(series.dyad)), point.period, *cells, point.documents, point.sentences])
    return content.getvalue()
