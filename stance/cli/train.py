"""`stance train` and `stance evaluate`: a model on your own labels, and a report on any model."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli.options import OutputOption, TrustedOption, load_model
from stance.cli.output import open_output
from stance.errors import DataError
from stance.lexicon import Lexicon
from stance.reading import open_input, read_document
from stance.terminal import harmless

if TYPE_CHECKING:
    from stance.training import Trained

SHIPPED = Path("shipped")

DataArgument = Annotated[
    Path, typer.Argument(metavar="DATA", help="Labelled sentences: .csv, .tsv or .jsonl, in UTF-8.")
]
TextOption = Annotated[str | None, typer.Option("--text", metavar="COLUMN", help="Guessed when not given.")]
LabelOption = Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="Guessed when not given.")]
EventOption = Annotated[
    str | None,
    typer.Option("--event", metavar="COLUMN", help="The class inside the label; 'event' if there is one, '' for none."),
]
GroupOption = Annotated[
    str | None,
    typer.Option(
        "--group", metavar="COLUMN", help="What must not be split between folds; 'group' if there is one, '' for none."
    ),
]


SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="COLUMN", help="Who acts; 'source' if there is one, '' for none.")
]
TargetOption = Annotated[
    str | None, typer.Option("--target", metavar="COLUMN", help="Towards whom; 'target' if there is one, '' for none.")
]


class ReportFormat(StrEnum):
    """How a report is printed."""

    MARKDOWN = "markdown"
    JSON = "json"


def train_model(
    data: DataArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write; the report goes beside it.")
    ],
    text: TextOption = None,
    label: LabelOption = None,
    event: EventOption = None,
    group: GroupOption = None,
    source: SourceOption = None,
    target: TargetOption = None,
    validation: Annotated[
        Path | None, typer.Option("--validation", metavar="FILE", help="Measure on these instead of held-out folds.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="The same seed gives the same file.")] = 0,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Folds of the cross-validation.")] = 5,
    strength: Annotated[
        float, typer.Option("--strength", min=1e-6, help="Inverse of the L2 penalty (scikit-learn's C).")
    ] = 4.0,
    smoothing: Annotated[
        float,
        typer.Option("--smoothing", min=1e-6, help="Examples added to a term's in judging what it says of the labels."),
    ] = 30.0,
    max_terms: Annotated[int, typer.Option("--max-terms", min=1, help="The most terms that are kept.")] = 150_000,
    min_count: Annotated[
        int | None,
        typer.Option(
            "--min-count",
            min=1,
            show_default=False,
            help="Sentences a term must occur in; by default 3, or 1 with fewer than a thousand sentences.",
        ),
    ] = None,
    lexicon: Annotated[
        Path | None, typer.Option("--lexicon", metavar="FILE", help="A lexicon of your own, as stance/lexicon.toml.")
    ] = None,
) -> None:
    """Train a model on your own labels.

    A report on how good it is goes beside it. Any set of 2 to 50 labels will do. The data is checked first, and
    what is found is printed with line numbers. Nothing is written unless all of it succeeds.
    """
    from stance.training import Columns, Settings, train

    try:
        settings = Settings(min_count, max_terms, strength, smoothing, folds, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    trained = train(
        data,
        output,
        columns=Columns(text, label, event, group, source, target),
        validation=validation,
        settings=settings,
        lexicon=None if lexicon is None else _read_lexicon(lexicon),
        progress=sys.stderr is not None and sys.stderr.isatty(),
    )
    with open_output(None) as write:
        write("".join(f"{harmless(line)}\n" for line in _outcome(trained)))


def evaluate_model(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model file, or 'shipped' for the shipped model.")],
    data: DataArgument,
    text: TextOption = None,
    label: LabelOption = None,
    event: EventOption = None,
    group: GroupOption = None,
    report_format: Annotated[
        ReportFormat, typer.Option("--format", help="How to print the report.")
    ] = ReportFormat.MARKDOWN,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    """Report how good a model is on labelled data."""
    from stance.training import Columns, evaluate

    classifier = load_model(None if model == SHIPPED and not model.exists() else model, trusted)
    report = evaluate(classifier, data, Columns(text, label, event, group))
    as_json = report_format is ReportFormat.JSON
    with open_output(output) as write:
        write(json.dumps(report.to_dict(), indent=2) + "\n" if as_json else _harmless_lines(report.to_markdown()))


def _read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon file. Raises DataError when it is not one."""
    with open_input(str(path)) as stream:
        source = read_document(stream, str(path))
    try:
        return Lexicon(source)
    except ValueError as error:
        raise DataError(path, str(error)) from error


def _harmless_lines(text: str) -> str:
    """Return a text of lines without other control characters; a report names its file, whatever that is called."""
    return "\n".join(map(harmless, text.split("\n")))


def _outcome(trained: "Trained") -> Iterator[str]:
    """Yield what was found in the data, the figures that count most and the files that were written."""
    yield from (f"found: {message}" for message in trained.findings.messages)
    metrics = trained.report.metrics
    low, high = metrics.interval
    yield f"macro-F1 {metrics.macro_f1:.3f} (95 % interval {low:.3f} to {high:.3f})"
    yield f"accuracy {metrics.accuracy:.3f} on {metrics.examples:,} sentences: {trained.report.source}"
    yield f"the commonest label alone would have accuracy {metrics.commonest:.3f}"
    yield f"expected calibration error {metrics.calibration_error:.3f}"
    yield from (f"wrote {path}" for path in trained.files)
