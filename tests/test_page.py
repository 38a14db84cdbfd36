from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation
from stance.labels import LABELS, Label
from stance.page import ScoredFile, documents_page, explanation_page
from stance.prediction import Prediction
from stance.terminal import harmless

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style><svg/onload=alert(1)>",
    "<!--", "]]>", "&lt;script&gt;", "<a href=javascript:alert(1)>",
]  # fmt: skip


class Elements(HTMLParser):
    """What a page is made of: its tags and attributes, and the text of its body."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.titles: list[str] = []
        self.body = ""
        self._in_body = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.titles += [value or "" for name, value in attrs if name == "title"]
        self._in_body = self._in_body or tag == "body"

    def handle_data(self, data: str) -> None:
        self.body += data if self._in_body else ""


def predict(label: str, confidence: float, event: str | None = None) -> Prediction:
    rest = dict.fromkeys((*LABELS, label), (1 - confidence) / 2)
    return Prediction(label, {**rest, label: confidence}, score=0.5, event=event, evidence=4)


def scored(name: str, text: str, prediction: Prediction | None) -> ScoredFile:
    sentences = (ScoredSentence(text, 0, len(text), prediction, furniture=prediction is None),)
    label = None if prediction is None else prediction.label
    return ScoredFile(name, text, DocumentScore(sentences, label, 0.5, 0.75, {}, {label or "a": 1}))


PARTS = {"html", "head", "meta", "title", "style", "body", "main", "p", "span", "article", "h1", "b", "mark"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "title", "style"}


@settings(derandomize=True, deadline=None)
@given(st.text() | st.sampled_from(PAYLOADS), st.text() | st.sampled_from(PAYLOADS))
def test_no_text_name_label_or_event_becomes_markup(text: str, name: str) -> None:
    page = Elements(documents_page([scored(name, text, predict(name, 0.8, text)), scored(name, text, None)]))
    assert page.tags <= PARTS
    assert page.attributes <= ATTRIBUTES
    assert harmless(text) in page.body
    assert harmless(name) in page.body
    assert harmless(f"{name} {text} 80%, score +0.50" if text else f"{name} 80%, score +0.50") in page.titles


@settings(derandomize=True, deadline=None)
@given(st.text() | st.sampled_from(PAYLOADS))
def test_no_explained_sentence_becomes_markup(text: str) -> None:
    page = Elements(explanation_page(Explanation(text, predict(text, 0.8, text), LABELS, (), (0.0, 0.0, 0.0))))
    assert page.tags <= PARTS
    assert page.attributes <= ATTRIBUTES


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_a_page_of_any_text_can_be_encoded(text: str) -> None:
    assert documents_page([scored(text, text, None)]).encode("utf-8")


def test_nothing_may_be_loaded_or_run() -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    page = documents_page([])
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert "<script" not in page
    assert "url(" not in page
    assert "http:" not in page
    assert "https:" not in page


@pytest.mark.parametrize(
    ("label", "confidence", "start"),
    [
        (Label.COOPERATIVE, 0.4, '<span class="cooperative l2" title="cooperative 40%, score +0.50">'),
        (Label.COOPERATIVE, 1.0, '<span class="cooperative l4" title="cooperative 100%, score +0.50">'),
        (Label.ADVERSARIAL, 0.6, '<span class="adversarial l3" title="adversarial 60%, score +0.50">'),
        (Label.NEUTRAL, 0.9, '<span title="neutral 90%, score +0.50">'),
        ("other", 0.9, '<span title="other 90%, score +0.50">'),
    ],
)
def test_the_tint_follows_label_and_confidence(label: str, confidence: float, start: str) -> None:
    page = documents_page([scored("a.txt", "It happened.", predict(label, confidence))])
    assert f"{start}It happened.</span>" in page


def test_web_furniture_is_marked() -> None:
    page = documents_page([scored("a.txt", "Share", None)])
    assert '<span class="furniture" title="web furniture, not scored">Share</span>' in page


def test_a_line_end_between_sentences_begins_a_paragraph() -> None:
    text = "One. Two.\nThree."
    spans = [(0, 4), (5, 9), (10, 16)]
    sentences = tuple(ScoredSentence(text[a:b], a, b, predict(Label.NEUTRAL, 0.5), furniture=False) for a, b in spans)
    page = documents_page([ScoredFile("a.txt", text, DocumentScore(sentences, Label.NEUTRAL, 0.0, 0.1, {}, {}))])
    body = Elements(page).body
    assert "One. Two.\nThree." in body
    assert page.count("<p><span") == 2


def test_every_file_is_an_article_with_its_summary() -> None:
    page = documents_page([scored(name, "It.", predict(Label.COOPERATIVE, 0.5)) for name in ("a.txt", "b.txt")])
    summary = '<p class="summary"><b>cooperative</b>, score +0.50, intensity 0.75 (1 cooperative)</p>'
    assert page.count(f"<article><h1>a.txt</h1>\n{summary}") == 1
    assert page.count(f"<article><h1>b.txt</h1>\n{summary}") == 1
