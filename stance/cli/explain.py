"""`stance explain`: one sentence in, the words that decided out."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from stance.cli.options import ModelOption, OutputOption, TrustedOption, load_model
from stance.cli.output import choose_paint, open_output
from stance.explanation import Explanation
from stance.page import explanation_page
from stance.reading import STANDARD_INPUT, input_name, names_a_file, open_input, read_document
from stance.terminal import Paint, show_explanation


class ExplanationFormat(StrEnum):
    """How an explanation is printed."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


FormatOption = Annotated[ExplanationFormat, typer.Option("--format", help="html is a page of its own.")]


def explain_sentence(
    sentence: Annotated[str, typer.Argument(metavar="TEXT|-", help="The sentence, or - for standard input.")],
    explanation_format: FormatOption = ExplanationFormat.TEXT,
    model: ModelOption = None,
    trusted: TrustedOption = False,
    output: OutputOption = None,
) -> None:
    """Show which words of a sentence decided.

    Each comes with the label it pushed towards most and how much, in natural-log units.
    """
    if sentence == STANDARD_INPUT:
        sentence = _read_sentence()
    elif names_a_file(sentence):
        problem = f"{sentence} names a file; for the sentence that is in it: stance explain - < FILE"
        raise typer.BadParameter(problem, param_hint="'TEXT'")
    explanation = load_model(model, trusted).explain(sentence)
    with open_output(output) as write:
        write(_show(explanation, explanation_format, choose_paint(output)))


def _read_sentence() -> str:
    with open_input(STANDARD_INPUT) as stream:
        return read_document(stream, input_name(STANDARD_INPUT)).strip()


def _show(explanation: Explanation, explanation_format: ExplanationFormat, paint: Paint) -> str:
    if explanation_format is ExplanationFormat.JSON:
        return json.dumps(_to_dict(explanation), indent=2, allow_nan=False) + "\n"
    if explanation_format is ExplanationFormat.HTML:
        return explanation_page(explanation)
    return show_explanation(explanation, paint)


def _to_dict(explanation: Explanation) -> dict[str, Any]:
    labels = [str(label) for label in explanation.labels]
    return {
        "text": explanation.sentence,
        "prediction": explanation.prediction.to_dict(),
        "intercepts": dict(zip(labels, explanation.intercepts, strict=True)),
        "log_ratios": dict(zip(labels, explanation.log_ratios, strict=True)),
        "words": [
            {
                "text": word.text,
                "start": word.start,
                "end": word.end,
                "label": str(word.label),
                "contributions": dict(zip(labels, word.contributions, strict=True)),
            }
            for word in explanation.words
        ],
    }
