"""Results as text for a terminal, in colour or plain; whatever the text holds, it cannot steer the terminal."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from stance.labels import Label

if TYPE_CHECKING:
    from stance.document import DocumentScore, ScoredSentence
    from stance.explanation import Explanation
    from stance.prediction import Prediction, Predictions

Paint = Callable[[str, str | None], str]
"""Takes a text and a label (or DIM, BOLD) and returns the text dressed for it."""

DIM = "dim"
BOLD = "bold"

_ANSI = {Label.COOPERATIVE: "38;5;33", Label.ADVERSARIAL: "38;5;208", DIM: "2", BOLD: "1"}

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACES = "\t\n\v\f\r\x85\u2028\u2029"
_MARGIN = 2
_MOST_WORDS = 6
_FIGURES = len("  100%  +0.00  COOPERATE")


def harmless(text: str) -> str:
    r"""Return a text with its line ends and tabs as spaces and other control characters spelt out (`\x1b`).

    Control characters are those of Unicode's C0 and C1 ranges, those that change the direction of
    writing, and lone surrogates.
    """
    return _UNSAFE.sub(_spell, text)


def plain(text: str, _style: str | None) -> str:
    """Leave a text without colour."""
    return text


def in_colour(text: str, style: str | None) -> str:
    """Colour a text: blue for cooperative, orange for adversarial, which colour-blind readers can tell apart."""
    code = _ANSI.get(style) if style is not None else None
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def show_predictions(sentences: Sequence[str], predictions: "Predictions", paint: Paint, width: int | None) -> str:
    """Return a line for each sentence, longer ones folded at `width`: label, probability, score, event and text."""
    rows = zip(sentences, predictions, strict=True)
    return "".join(_row(sentence, prediction, predictions.columns, paint, width) for sentence, prediction in rows)


def show_document(name: str, document: "DocumentScore", paint: Paint, width: int | None) -> str:
    """Return a document's sentences, a line for each as in `show_predictions`, and a summary as the last line."""
    columns = tuple(document.counts)
    rows = [_document_row(sentence, columns, paint, width) for sentence in document.sentences]
    return "".join([paint(harmless(name), BOLD) + "\n", *rows, _summary(document, paint) + "\n"])


def show_relations(name: str, document: "DocumentScore", paint: Paint) -> str:
    """Return a line for each relation: source, target, score, intensity, sentences and the words that decided."""
    rows = [(harmless(each.source), harmless(each.target), each) for each in document.relations]
    wide = (
        max((len(source) for source, _, _ in rows), default=0),
        max((len(target) for _, target, _ in rows), default=0),
    )
    lines = [paint(harmless(name), BOLD)]
    for source, target, each in rows:
        style = Label.COOPERATIVE if each.score > 0 else Label.ADVERSARIAL
        words = harmless(", ".join(each.words[:_MOST_WORDS]))
        figures = f"{each.score:+.2f}  {each.intensity:4.0%}  {len(each.sentences):>3}"
        lines.append(f"{source:<{wide[0]}} > {target:<{wide[1]}}  {paint(figures, style)}  {words}".rstrip())
    lines += [] if rows else ["no relations found"]
    speakers = dict.fromkeys(harmless(each.speaker.name) for each in document.sentences if each.speaker)
    lines += [f"speakers: {', '.join(speakers)}"] if speakers else []
    return "\n".join(lines) + "\n"


def show_explanation(explanation: "Explanation", paint: Paint) -> str:
    """Return an explanation as it prints itself, and below it what each label had before any word."""
    shown = explanation.to_text(lambda text, style: paint(harmless(text), style))
    before = ", ".join(
        f"{harmless(label)} {value:+.2f}"
        for label, value in zip(explanation.labels, explanation.intercepts, strict=True)
    )
    return f"{shown}\n{paint(f'  before any word: {before}', DIM)}\n"


def _document_row(sentence: "ScoredSentence", columns: Sequence[str], paint: Paint, width: int | None) -> str:
    if sentence.prediction is not None:
        return _row(sentence.text, sentence.prediction, columns, paint, width)
    return _fold(f"{'web furniture':<{_label_size(columns) + _FIGURES}}", sentence.text, DIM, paint, width)


def _row(sentence: str, prediction: "Prediction", columns: Sequence[str], paint: Paint, width: int | None) -> str:
    label = f"{harmless(prediction.label):<{_label_size(columns)}}"
    score = "" if prediction.score is None else f"{prediction.score:+.2f}"
    head = f"{label}  {prediction.confidence:>4.0%}  {score:>5}  {harmless(prediction.event or ''):<9}"
    return _fold(head, sentence, prediction.label, paint, width)


def _label_size(columns: Sequence[str]) -> int:
    return max(len(harmless(label)) for label in columns)


def _fold(head: str, text: str, style: str, paint: Paint, width: int | None) -> str:
    """Return a head and a text beside it; with a width the text continues below itself."""
    indent = len(head) + _MARGIN
    lines = [harmless(text)] if width is None else list(_wrap(harmless(text), max(width - indent, 20))) or [""]
    first = paint(head, style) + " " * _MARGIN + _tint(lines[0], style, paint)
    return "\n".join([first.rstrip(" "), *(" " * indent + _tint(line, style, paint) for line in lines[1:]), ""])


def _tint(text: str, style: str, paint: Paint) -> str:
    return paint(text, style) if text else text


def _wrap(text: str, width: int) -> Iterator[str]:
    """Yield lines of whole words, at most `width` long unless one word is longer.

    In linear time, which textwrap does not promise for a very long word.
    """
    line: list[str] = []
    length = 0
    for word in text.split():
        if line and length + len(word) > width:
            yield " ".join(line)
            line, length = [], 0
        line.append(word)
        length += len(word) + 1
    if line:
        yield " ".join(line)


def _summary(document: "DocumentScore", paint: Paint) -> str:
    furniture = sum(sentence.furniture for sentence in document.sentences)
    counts = [f"{count} {harmless(label)}" for label, count in document.counts.items()]
    counts += [f"{furniture} web furniture"] if furniture else []
    label = document.label or "nothing to score"
    lean = ""
    if document.score is not None and document.intensity is not None:
        lean = f"  score {document.score:+.2f}  intensity {document.intensity:.2f}"
    return f"{paint('= ' + harmless(label), document.label)}{paint(lean, BOLD)}  ({', '.join(counts)})"


def _spell(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SPACES:
        return " "
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
