"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from stance.classifier import Classifier, load
from stance.dates import read_year
from stance.shipped import shipped_classifier

ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="A model file; by default the model that is shipped.")
]
TrustedOption = Annotated[
    bool,
    typer.Option("--trusted", help="Allow a pickled pipeline as model: reading one can run any code that is in it."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to a file, which appears whole or not at all."),
]

ColumnOption = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="COLUMN", help="Read this column of .csv, .tsv or .jsonl files.", show_default=False
    ),
]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="When the documents were written; it tells who held office."),
]


def check_date(date: str | None) -> str | None:
    """Return a date, or complain about one that is none."""
    try:
        read_year(date)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--date'") from error
    return date


def check_relations(classifier: Classifier, option: str) -> None:
    """Complain about an option for which the model must know relations, if it does not."""
    if classifier.model.pairs is None:
        problem = "the model knows no relations; train one on sentences with columns 'source' and 'target'"
        raise typer.BadParameter(problem, param_hint=option)


def load_model(model: Path | None, trusted: bool) -> Classifier:
    """Return the classifier of a model file, or the shipped one."""
    return shipped_classifier() if model is None else load(model, trusted=trusted)
