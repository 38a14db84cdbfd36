"""The commands put together, and what a mistake, an interruption or a closed pipe comes to."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from typing import NoReturn

import typer

from stance.cli.actors import list_actors
from stance.cli.explain import explain_sentence
from stance.cli.info import show_information
from stance.cli.output import note
from stance.cli.predict import predict_sentences
from stance.cli.score import score_documents
from stance.cli.timeline import draw_timeline
from stance.cli.train import evaluate_model, train_model
from stance.errors import StanceError

_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""The base of a wrong option or argument; the module it lives in depends on the version of typer."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status, as `stance.cli.main` says; an interruption is left to it.

    Run for the process's own arguments, it ends at a SIGTERM as at any other error, with nothing half-written.
    """
    if arguments is None:
        signal.signal(signal.SIGTERM, _end)
        arguments = sys.argv[1:]
    try:
        status = _invoke(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        _discard_output()
        return 0
    except (StanceError, OSError, UnicodeError, MemoryError) as error:
        return _complain(_message(error), 1)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _invoke(arguments: Sequence[str]) -> int:
    command = typer.main.get_command(_make_application())
    try:
        with command.make_context("stance", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as error:
        return error.exit_code
    except _USAGE_ERROR as error:
        return _complain(error.format_message(), 2)  # type: ignore[attr-defined]
    return 0


def _make_application() -> typer.Typer:
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    application.callback(invoke_without_command=True)(_describe)
    application.command("predict")(predict_sentences)
    application.command("score")(score_documents)
    application.command("actors")(list_actors)
    application.command("timeline")(draw_timeline)
    application.command("explain")(explain_sentence)
    application.command("train")(train_model)
    application.command("evaluate")(evaluate_model)
    application.command("info")(show_information)
    return application


def _describe(
    context: typer.Context,
    show_version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """Label news sentences cooperative, adversarial or neutral, and score articles."""
    if show_version:
        typer.echo(f"stance {_version()}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
    else:
        return
    raise typer.Exit


def _version() -> str:
    try:
        return version("stance-classifier")
    except PackageNotFoundError:
        return "(not installed)"


def _message(error: BaseException) -> str:
    """Return what went wrong in one line; an error of the system names its file first, as ours do."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}" if str(error) else "not enough memory"
    return str(error) or type(error).__name__


def _complain(message: str, status: int) -> int:
    note(message)
    return status


def _discard_output() -> None:
    """Let what is still buffered for the closed pipe go nowhere, so that Python's exit stays quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
