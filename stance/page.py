"""Scored documents as one self-contained HTML page: no script, nothing loaded from anywhere."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation
from stance.labels import Label
from stance.page_relations import relations_section, safe
from stance.prediction import Prediction
from stance.terminal import harmless

if TYPE_CHECKING:  # relations read a gazetteer, which a page of another kind does not need
    from stance.relations import Relation

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LEVELS = 4
_DECIDING_WORDS = 3
_CLASSES = {Label.COOPERATIVE: "cooperative", Label.ADVERSARIAL: "adversarial"}

_LEGEND = (
    '<p class="legend"><span class="cooperative l3">cooperative</span> '
    '<span class="adversarial l3">adversarial</span> <span>neutral</span> '
    '<span class="furniture">web furniture, not scored</span> '
    "The stronger the tint, the more certain the label; underlined words decided. Hover or focus a sentence for its "
    "figures, speaker and dyads.</p>"
)


_STYLE = """\
:root { color-scheme: light dark; }
body { background: Canvas; color: CanvasText; font: 1.05rem/1.65 Georgia, serif; margin: 0; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
p { overflow-wrap: anywhere; }
span { unicode-bidi: isolate; padding: 0.1em 0; }
.legend, .summary { font: 0.9rem/1.5 system-ui, sans-serif; }
.cooperative { background: rgb(0 114 178 / var(--strength)); border-bottom: 2px solid rgb(0 114 178); }
.adversarial { background: rgb(230 120 0 / var(--strength)); border-bottom: 2px dashed rgb(213 94 0); }
.l1 { --strength: 0.1; } .l2 { --strength: 0.2; } .l3 { --strength: 0.32; } .l4 { --strength: 0.45; }
[data-note] { position: relative; }
[data-note]:hover::after, [data-note]:focus::after {
  background: CanvasText; border-radius: 0.3rem; color: Canvas; content: attr(data-note);
  font: 0.8rem/1.4 system-ui, sans-serif; left: 0; max-width: 30rem; padding: 0.3rem 0.6rem; position: absolute;
  top: 100%; white-space: pre-line; width: max-content; z-index: 1;
}
u { text-decoration-thickness: 2px; text-underline-offset: 3px; }
.relations { font: 0.9rem/1.5 system-ui, sans-serif; overflow-x: auto; }
.relations h2 { font-size: 1.05rem; }
.relations table { border-collapse: collapse; }
.relations caption { opacity: 0.75; text-align: left; }
.relations th, .relations td { border: 1px solid GrayText; padding: 0.2rem 0.5rem; text-align: right; }
.relations svg { display: block; max-width: 28rem; width: 100%; }
.relations circle, .relations text { fill: CanvasText; }
.relations text { font: 13px system-ui, sans-serif; }
.relations path.toward, .relations path.against { fill: none; }
path.toward { stroke: rgb(0 114 178); } path.against { stroke: rgb(213 94 0); stroke-dasharray: 7 4; }
.furniture { opacity: 0.62; font-size: 0.85em; }
@media print {
  :root { color-scheme: light; }
  main { max-width: none; padding: 0; }
  span, td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  [data-note]::after { display: none; }
}
"""


class ScoredFile(NamedTuple):
    """A document, what it is called and its score."""

    name: str
    text: str
    score: DocumentScore


Explain = Callable[[str], Explanation]


def documents_page(documents: Iterable[ScoredFile], explain: Explain) -> str:
    """Return a page that shows each document with its sentences tinted by label and strength, and its relations.

    `explain` tells the words that decided on a sentence.
    """
    articles = [_article(document, explain) for document in documents]
    return _page("Stance of documents", "\n".join([_LEGEND, *articles]))


def explanation_page(explanation: Explanation) -> str:
    """Return a page that shows one sentence with its deciding words marked."""
    return _page("Stance of a sentence", harmless(explanation.to_html()))


def _page(title: str, body: str) -> str:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{safe(title)}</title>",
            f"<style>\n{_STYLE}</style></head>",
            f"<body><main>\n{body}\n</main></body></html>\n",
        ]
    )


def _article(document: ScoredFile, explain: Explain) -> str:
    return (
        f'<article><h1>{safe(document.name)}</h1>\n<p class="summary">{_summary(document.score)}</p>\n'
        f"{relations_section(document.score.relations)}\n<p>{''.join(_passages(document, explain))}</p></article>"
    )


def _passages(document: ScoredFile, explain: Explain) -> Iterator[str]:
    """Yield the sentences and what stands between them; a line end between two begins a new paragraph."""
    end = 0
    dyads = _dyads_by_place(document.score.relations)
    for sentence in document.score.sentences:
        between = document.text[end : sentence.start]
        yield "</p>\n<p>" if end and "\n" in between else safe(between)
        yield _sentence(sentence, dyads.get(sentence.start, ()), explain)
        end = sentence.end


def _dyads_by_place(relations: "Sequence[Relation]") -> dict[int, list[str]]:
    """Return what each sentence, by its start, says of which dyads."""
    found: dict[int, list[str]] = {}
    for relation in relations:
        for each in relation.sentences:
            note = f"{relation.source} > {relation.target}: {each.label} {each.probability:.0%}"
            found.setdefault(each.start, []).append(note)
    return found


def _sentence(sentence: ScoredSentence, dyads: Sequence[str], explain: Explain) -> str:
    if sentence.prediction is None:
        return f'<span class="furniture" title="web furniture, not scored">{safe(sentence.text)}</span>'
    voice = f"{sentence.voice}: {sentence.speaker.name}" if sentence.speaker else str(sentence.voice)
    chances = ", ".join(f"{label} {value:.0%}" for label, value in sentence.prediction.probabilities.items())
    note = "\n".join(safe(line) for line in (_describe(sentence.prediction), chances, voice, *dyads))
    classes = _tint(sentence.prediction)
    return f'<span{classes} tabindex="0" data-note="{note}">{_underlined(sentence, explain)}</span>'


def _underlined(sentence: ScoredSentence, explain: Explain) -> str:
    """Return the text of a sentence with the words that pushed most towards its label underlined."""
    prediction = sentence.prediction
    if prediction is None or prediction.label not in _CLASSES:
        return safe(sentence.text)
    explanation = explain(sentence.text)
    column = explanation.labels.index(prediction.label)
    words = sorted(
        (word for word in explanation.words if word.contributions[column] > 0), key=lambda w: -w.contributions[column]
    )
    parts, end = [], 0
    for word in sorted(words[:_DECIDING_WORDS], key=lambda each: each.start):
        parts += [safe(sentence.text[end : word.start]), f"<u>{safe(word.text)}</u>"]
        end = word.end
    return "".join([*parts, safe(sentence.text[end:])])


def _tint(prediction: Prediction) -> str:
    name = _CLASSES.get(prediction.label)  # type: ignore[call-overload]
    if name is None:
        return ""
    level = min(int(prediction.confidence * _LEVELS) + 1, _LEVELS)
    return f' class="{name} l{level}"'


def _describe(prediction: Prediction) -> str:
    event = f" {prediction.event}" if prediction.event else ""
    score = "" if prediction.score is None else f", score {prediction.score:+.2f}"
    return f"{prediction.label}{event} {prediction.confidence:.0%}{score}"


def _summary(document: DocumentScore) -> str:
    counts = ", ".join(f"{count} {safe(label)}" for label, count in document.counts.items())
    label = f"<b>{safe(document.label or 'nothing to score')}</b>"
    if document.score is None or document.intensity is None:
        return f"{label} ({counts})"
    return f"{label}, score {document.score:+.2f}, intensity {document.intensity:.2f} ({counts})"
