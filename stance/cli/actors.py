"""`stance actors`: who is named in documents."""

import json
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli.options import DateOption, OutputOption, check_date
from stance.cli.output import open_output
from stance.cli.records import text_cell
from stance.document import find_actors
from stance.reading import STANDARD_INPUT, input_name, open_input, read_document
from stance.terminal import harmless

if TYPE_CHECKING:  # actors read a gazetteer, which other commands do not need
    from stance.actors import Actor


class ActorFormat(StrEnum):
    """How actors are printed."""

    TABLE = "table"
    TSV = "tsv"
    JSONL = "jsonl"


def list_actors(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A document as a text file, or - for standard input.")
    ] = STANDARD_INPUT,
    actor_format: Annotated[
        ActorFormat, typer.Option("--format", help="table counts; tsv and jsonl give every mention.")
    ] = ActorFormat.TABLE,
    date: DateOption = None,
    output: OutputOption = None,
) -> None:
    """List the actors that a document names: states, organisations, armed groups, persons.

    States go by their ISO 3166 code, also for their leaders in office, capitals and ministries.
    """
    date = check_date(date)
    with open_input(file) as stream:
        text = read_document(stream, input_name(file))
    actors = find_actors(text, date)
    with open_output(output) as write:
        if actor_format is ActorFormat.TABLE:
            write("".join(_count(actors)))
        elif actor_format is ActorFormat.TSV:
            write("".join(_cells(actor, text) for actor in actors))
        else:
            write("".join(json.dumps(actor.to_dict()) + "\n" for actor in actors))


def _count(actors: "tuple[Actor, ...]") -> list[str]:
    """Return a line for each id: how often it is mentioned, its kind, and the names of those who stand for it."""
    names: dict[str, Counter[str]] = {}
    for actor in actors:
        names.setdefault(actor.id, Counter())[actor.name] += 1
    ordered = sorted(names.items(), key=lambda each: (-each[1].total(), each[0]))
    width = max((len(harmless(name)) for name in names), default=0)
    lines = []
    for name, counts in ordered:
        called = harmless(", ".join(each for each, _ in counts.most_common()))
        lines.append(f"{counts.total():>5}  {harmless(name):<{width}}  {called}\n")
    return lines


def _cells(actor: "Actor", text: str) -> str:
    cells = (actor.id, actor.kind, actor.name, text[actor.start : actor.end])
    return "\t".join([*map(text_cell, cells), str(actor.start), str(actor.end), actor.how]) + "\n"
