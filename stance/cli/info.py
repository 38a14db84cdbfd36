"""`stance info`: what is in a model file."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from stance.classifier import Classifier, load
from stance.cli.options import OutputOption, TrustedOption
from stance.cli.output import open_output
from stance.model_file import read_format_version
from stance.shipped import shipped_model
from stance.terminal import harmless


class InformationFormat(StrEnum):
    """How the content of a model file is printed."""

    TEXT = "text"
    JSON = "json"


ModelArgument = Annotated[
    Path | None, typer.Argument(metavar="MODEL", show_default=False, help="By default the model that is shipped.")
]
FormatOption = Annotated[InformationFormat, typer.Option("--format", help="How to print it.")]


def show_information(
    model: ModelArgument = None,
    information_format: FormatOption = InformationFormat.TEXT,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    """Show what is in a model file.

    Its digest, labels and classes, its size, and how it came to be: data, seed, figures and versions.
    """
    path = shipped_model() if model is None else model
    information = _describe(path, load(path, trusted=trusted))
    with open_output(output) as write:
        if information_format is InformationFormat.JSON:
            write(json.dumps(information, indent=2) + "\n")
        else:
            write("".join(f"{line}\n" for line in _lines(information, "")))


def _describe(path: Path, classifier: Classifier) -> dict[str, Any]:
    """Return what is known about a model; the last entries are those that training wrote into it.

    These cannot take the place of what is found here. A pickled pipeline has no format version.
    """
    model = classifier.model
    classes = Counter(model.classes)
    found = {
        "path": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "format_version": read_format_version(path),
        "kernel": classifier.kernel,
        "labels": [str(label) for label in model.labels],
        "classes": {str(label): [each.name for each in classes if each.label == label] for label in model.labels},
        "faces": {each.name: count for each, count in classes.items() if count > 1},
        "terms": len(model.vocabulary),
        "pair_terms": len(model.pairs.vocabulary) if model.pairs else 0,
        "lexicon_sha256": hashlib.sha256(model.lexicon.source.encode()).hexdigest(),
    }
    return found | {name: value for name, value in model.information.items() if name not in found}


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield nested values as indented lines of name and value."""
    size = max(map(len, value), default=0)
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield f"{indent}{harmless(name)}"
            yield from _lines(inner, indent + "  ")
        else:
            yield f"{indent}{harmless(name):<{size}}  {_show(inner)}"


def _show(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_show(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{harmless(str(name))} {_show(each)}" for name, each in value.items()) or "none"
    if value is None:
        return "none"
    return harmless(f"{value:.4g}" if isinstance(value, float) else str(value))
