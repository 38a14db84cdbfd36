"""`stance predict`: sentences in, one line for each out."""

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from stance.cli.options import ColumnOption, ModelOption, OutputOption, TrustedOption, load_model
from stance.cli.output import choose_paint, choose_width, note, open_output, writes_to_terminal
from stance.cli.records import json_line, tab_line
from stance.prediction import Predictions
from stance.reading import STANDARD_INPUT, input_name, names_a_file, open_input, read_lines
from stance.rows import SUFFIXES, read_column
from stance.terminal import Paint, show_predictions


class LineFormat(StrEnum):
    """How predictions are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    TSV = "tsv"


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TEXT|FILE|-",
        show_default=False,
        help="Sentences, files of one sentence a line, or - for standard input.",
    ),
]
FormatOption = Annotated[
    LineFormat | None,
    typer.Option("--format", help="By default a table in a terminal and JSON Lines elsewhere.", show_default=False),
]


def predict_sentences(
    sources: Sources = None,
    column: ColumnOption = None,
    line_format: FormatOption = None,
    model: ModelOption = None,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    r"""Label sentences, one line for each.

    An argument that names a file is read, one sentence a line or, with --text, one a row; any other is a sentence. As
    many lines come out as go in, in the same order; an empty one is neutral with evidence 0. Text is UTF-8 and
    only a line feed ends a line.

    The columns of tsv, which has no header line, are label, event, score, confidence, evidence, the probability
    of each label in the model's order ('stance info') and the text. In a text, backslash, tab, line ends
    and other control characters are escaped (\\ \t \n \r \x1b), and one that begins with = + - @, a quotation
    mark, tab or line end gets a leading apostrophe, so that no spreadsheet takes it for a formula or for a quoted
    cell. Figures are never changed.
    """
    arguments = sources or _piped_input()
    classifier = load_model(model, trusted)
    chosen = line_format or (LineFormat.TABLE if writes_to_terminal(output) else LineFormat.JSONL)
    paint, width = choose_paint(output), choose_width(output)
    with open_output(output) as write:
        for sentences in _read(arguments, column):
            write(_show(chosen, sentences, classifier.predict(sentences), paint, width))


def _piped_input() -> list[str]:
    """Return the arguments that stand for no arguments: standard input, unless a person sits at it."""
    if sys.stdin is None or sys.stdin.isatty():
        raise typer.BadParameter("give a sentence, a file or - (standard input)", param_hint="'TEXT'")
    return [STANDARD_INPUT]


def _read(arguments: Sequence[str], column: str | None) -> Iterator[list[str]]:
    """Yield the sentences of the arguments in lists, a sentence that is an argument alone in its list."""
    for argument in arguments:
        if column is not None:
            yield from read_column(Path(argument), column)
        elif names_a_file(argument):
            if Path(argument).suffix.lower() in SUFFIXES:
                note(f"{argument}: read as one sentence a line; --text COLUMN reads a column")
            with open_input(argument) as stream:
                yield from read_lines(stream, input_name(argument))
        else:
            yield [argument]


def _show(
    line_format: LineFormat, sentences: list[str], predictions: Predictions, paint: Paint, width: int | None
) -> str:
    if line_format is LineFormat.TABLE:
        return show_predictions(sentences, predictions, paint, width)
    line = json_line if line_format is LineFormat.JSONL else tab_line
    return "".join(map(line, sentences, predictions))
