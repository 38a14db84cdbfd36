"""Scored documents as one self-contained HTML page: no script, nothing loaded from anywhere."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation
from stance.labels import Label
from stance.prediction import Prediction
from stance.terminal import harmless

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LEVELS = 4
_CLASSES = {Label.COOPERATIVE: "cooperative", Label.ADVERSARIAL: "adversarial"}

_LEGEND = (
    '<p class="legend"><span class="cooperative l3">cooperative</span> '
    '<span class="adversarial l3">adversarial</span> <span>neutral</span> '
    '<span class="furniture">web furniture, not scored</span> '
    "The stronger the tint, the more certain the label.</p>"
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
.furniture { opacity: 0.62; font-size: 0.85em; }
@media print {
  :root { color-scheme: light; }
  main { max-width: none; padding: 0; }
  span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


class ScoredFile(NamedTuple):
    """A document, what it is called and its score."""

    name: str
    text: str
    score: DocumentScore


def documents_page(documents: Iterable[ScoredFile]) -> str:
    """Return a page that shows each document with its sentences tinted by label and strength."""
    articles = [_article(document) for document in documents]
    return _page("Stance of documents", "\n".join([_LEGEND, *articles]))


def explanation_page(explanation: Explanation) -> str:
    """Return a page that shows one sentence with its deciding words marked."""
    return _page("Stance of a sentence", explanation.to_html())


def _page(title: str, body: str) -> str:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_safe(title)}</title>",
            f"<style>\n{_STYLE}</style></head>",
            f"<body><main>\n{body}\n</main></body></html>\n",
        ]
    )


def _article(document: ScoredFile) -> str:
    return (
        f'<article><h1>{_safe(document.name)}</h1>\n<p class="summary">{_summary(document.score)}</p>\n'
        f"<p>{''.join(_passages(document))}</p></article>"
    )


def _passages(document: ScoredFile) -> Iterator[str]:
    """Yield the sentences and what stands between them; a line end between two begins a new paragraph."""
    end = 0
    for sentence in document.score.sentences:
        between = document.text[end : sentence.start]
        yield "</p>\n<p>" if end and "\n" in between else _safe(between)
        yield _sentence(sentence)
        end = sentence.end


def _sentence(sentence: ScoredSentence) -> str:
    if sentence.prediction is None:
        return f'<span class="furniture" title="web furniture, not scored">{_safe(sentence.text)}</span>'
    classes = _tint(sentence.prediction)
    return f'<span{classes} title="{_safe(_describe(sentence.prediction))}">{_safe(sentence.text)}</span>'


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
    counts = ", ".join(f"{count} {_safe(label)}" for label, count in document.counts.items())
    label = f"<b>{_safe(document.label or 'nothing to score')}</b>"
    if document.score is None or document.intensity is None:
        return f"{label} ({counts})"
    return f"{label}, score {document.score:+.2f}, intensity {document.intensity:.2f} ({counts})"


def _safe(text: str) -> str:
    """Return a text that is inert in HTML, in an element or a quoted attribute."""
    return escape(harmless(text), quote=True)
