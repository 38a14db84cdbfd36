"""`stance score`: documents in, their sentences and scores out."""

import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from stance.classifier import Classifier
from stance.cli.options import (
    ColumnOption,
    DateOption,
    ModelOption,
    OutputOption,
    TrustedOption,
    check_date,
    check_relations,
    load_model,
)
from stance.cli.output import Write, choose_paint, choose_width, note, open_output
from stance.page import ScoredFile, documents_page
from stance.reading import STANDARD_INPUT, input_name, open_input, read_document
from stance.rows import SUFFIXES, read_column
from stance.terminal import show_document, show_relations


class DocumentFormat(StrEnum):
    """How scored documents are printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    HTML = "html"


Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE|-", show_default=False, help="Documents as text files, or - for standard input."),
]
RelationsOption = Annotated[
    bool, typer.Option("--relations", help="In text: who stands how towards whom, instead of the sentences.")
]
FormatOption = Annotated[
    DocumentFormat,
    typer.Option("--format", help="json is one object for one file and a list for several; html is one page."),
]


def score_documents(
    files: Files = None,
    column: ColumnOption = None,
    document_format: FormatOption = DocumentFormat.TEXT,
    relations: RelationsOption = False,
    date: DateOption = None,
    model: ModelOption = None,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    """Score documents and show their sentences.

    A document is a text file or, with --text, a row of a table.

    Each gets a label, a score in -1 to 1 (how it leans) and an intensity in 0 to 1 (how much of it takes a
    direction at all). --relations, json and html also say who stands how towards whom. Web furniture such as share
    buttons and bylines is marked and left out of the score. Colour in a terminal shows the labels; it is off elsewhere
    and where NO_COLOR is set.
    """
    names = files or _piped_input()
    classifier = load_model(model, trusted)
    if relations:
        check_relations(classifier, "'--relations'")
    documents = _score(_read(names, column), classifier, check_date(date))
    with open_output(output) as write:
        if document_format is DocumentFormat.TEXT and relations:
            _write_relations(documents, output, write)
        elif document_format is DocumentFormat.TEXT:
            _write_text(documents, output, write)
        elif document_format is DocumentFormat.HTML:
            write(documents_page(documents, classifier.explain))
        elif document_format is DocumentFormat.JSONL:
            _write_lines(documents, write)
        else:
            _write_json(documents, write)


def _piped_input() -> list[str]:
    if sys.stdin is None or sys.stdin.isatty():
        raise typer.BadParameter("give a file or - (standard input)", param_hint="'FILE'")
    return [STANDARD_INPUT]


def _read(names: Sequence[str], column: str | None) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each document."""
    for name in names:
        if column is not None:
            texts = chain.from_iterable(read_column(Path(name), column))
            yield from ((f"{name}, row {number}", text) for number, text in enumerate(texts, start=1))
            continue
        if Path(name).suffix.lower() in SUFFIXES:
            note(f"{name}: read as one document; --text COLUMN reads a column")
        with open_input(name) as stream:
            text = read_document(stream, input_name(name))
        yield input_name(name), text


def _score(documents: Iterator[tuple[str, str]], classifier: Classifier, date: str | None) -> Iterator[ScoredFile]:
    return (ScoredFile(name, text, classifier.score_document(text, date)) for name, text in documents)


def _write_text(documents: Iterator[ScoredFile], output: Path | None, write: Write) -> None:
    paint, width = choose_paint(output), choose_width(output)
    for number, document in enumerate(documents):
        write("\n" * bool(number) + show_document(document.name, document.score, paint, width))


def _write_relations(documents: Iterator[ScoredFile], output: Path | None, write: Write) -> None:
    paint = choose_paint(output)
    for number, document in enumerate(documents):
        write("\n" * bool(number) + show_relations(document.name, document.score, paint))


def _write_lines(documents: Iterator[ScoredFile], write: Write) -> None:
    for document in documents:
        write(_to_json(document, None) + "\n")


def _write_json(documents: Iterator[ScoredFile], write: Write) -> None:
    """Write one object, or a list of several; nothing at all when one of them cannot be read."""
    objects = [_to_json(document, 2) for document in documents]
    write((objects[0] if len(objects) == 1 else "[\n" + ",\n".join(objects) + "\n]") + "\n")


def _to_json(document: ScoredFile, indent: int | None) -> str:
    return json.dumps({"file": document.name, **document.score.to_dict()}, indent=indent, allow_nan=False)
