from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.actors import Actor
from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation, WordContribution
from stance.labels import LABELS, Label
from stance.page import ScoredFile, documents_page, explanation_page
from stance.prediction import Prediction
from stance.relations import Relation, RelationSentence
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
        self.titles += [value or "" for name, value in attrs if name in ("title", "data-note")]
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


def explain(sentence: str) -> Explanation:
    """Explain a sentence by its first word."""
    word = sentence.split(maxsplit=1)[0] if sentence.split() else ""
    start = sentence.find(word)
    pushes = (0.5, 0.5, -1.0)
    words = (WordContribution(word, start, start + len(word), pushes, LABELS[0]),) if word else ()
    return Explanation(sentence, predict(Label.NEUTRAL, 0.5), LABELS, words, (0.0, 0.0, 0.0))


PARTS = {"html", "head", "meta", "title", "style", "body", "main", "p", "span", "article", "h1", "b", "mark", "u"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "title", "style", "tabindex", "data-note"}


@settings(derandomize=True, deadline=None)
@given(st.text() | st.sampled_from(PAYLOADS), st.text() | st.sampled_from(PAYLOADS))
def test_no_text_or_name_becomes_markup(text: str, name: str) -> None:
    page = Elements(documents_page([scored(name, text, predict(name, 0.8, text)), scored(name, text, None)], explain))
    assert page.tags <= PARTS
    assert page.attributes <= ATTRIBUTES
    assert harmless(text) in page.body
    assert harmless(name) in page.body
    figures = harmless(f"{name} {text} 80%, score +0.50" if text else f"{name} 80%, score +0.50")
    assert any(title.startswith(figures + "\n") for title in page.titles)


@settings(derandomize=True, deadline=None)
@given(st.text() | st.sampled_from(PAYLOADS))
def test_no_explained_sentence_becomes_markup(text: str) -> None:
    page = Elements(explanation_page(Explanation(text, predict(text, 0.8, text), LABELS, (), (0.0, 0.0, 0.0))))
    assert page.tags <= PARTS
    assert page.attributes <= ATTRIBUTES


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_page_of_any_text_is_encodable(text: str) -> None:
    assert documents_page([scored(text, text, None)], explain).encode("utf-8")


def test_explanation_page_spells_control_characters_out() -> None:
    text = "\x00\ud800\u202e"
    page = explanation_page(Explanation(text, predict(text, 0.8, text), LABELS, (), (0.0, 0.0, 0.0)))
    assert page.encode("utf-8").count(rb"\x00\ud800\u202e") == 3


def test_nothing_may_be_loaded_or_run() -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    page = documents_page([], explain)
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert "<script" not in page
    assert "url(" not in page
    assert "http:" not in page
    assert "https:" not in page


@pytest.mark.parametrize(
    ("label", "confidence", "start"),
    [
        (Label.COOPERATIVE, 0.4, ' class="cooperative l2" tabindex="0" data-note="cooperative 40%, score +0.50'),
        (Label.COOPERATIVE, 1.0, ' class="cooperative l4" tabindex="0" data-note="cooperative 100%, score +0.50'),
        (Label.ADVERSARIAL, 0.6, ' class="adversarial l3" tabindex="0" data-note="adversarial 60%, score +0.50'),
        (Label.NEUTRAL, 0.9, ' tabindex="0" data-note="neutral 90%, score +0.50'),
        ("other", 0.9, ' tabindex="0" data-note="other 90%, score +0.50'),
    ],
)
def test_the_tint_follows_label_and_confidence(label: str, confidence: float, start: str) -> None:
    page = documents_page([scored("a.txt", "It happened.", predict(label, confidence))], explain)
    assert f"<span{start}\n" in page


def test_the_words_that_decided_are_underlined() -> None:
    page = documents_page([scored("a.txt", "They met. <b>", predict(Label.COOPERATIVE, 0.9))], explain)
    assert "<u>They</u> met. &lt;b&gt;</span>" in page


def test_note_has_figures_voice_and_dyads() -> None:
    name = "<i>"
    relation = Relation(name, "B", -0.5, 0.7, (RelationSentence("It.", 0, 3, "adversarial", 0.6, ("It",)),))
    sentence = ScoredSentence(
        "It.", 0, 3, predict(Label.NEUTRAL, 0.5), False, "quoted", Actor("RUS", "person", name, 0, 2)
    )
    document = DocumentScore((sentence,), Label.NEUTRAL, 0.0, 0.1, {}, {}, (), (relation,))
    page = Elements(documents_page([ScoredFile("a.txt", "It.", document)], explain))
    (note,) = [title for title in page.titles if title.startswith("neutral")]
    assert note.split("\n")[2:] == ["quoted: <i>", "<i> > B: adversarial 60%"]
    assert "<i> towards B, intensity 70%: It" in page.titles
    assert {"svg", "table", "circle", "path"} <= page.tags
    assert "i" not in page.tags


def test_web_furniture_is_marked() -> None:
    page = documents_page([scored("a.txt", "Share", None)], explain)
    assert '<span class="furniture" title="web furniture, not scored">Share</span>' in page


def test_line_end_between_sentences_begins_paragraph() -> None:
    text = "One. Two.\nThree."
    spans = [(0, 4), (5, 9), (10, 16)]
    sentences = tuple(ScoredSentence(text[a:b], a, b, predict(Label.NEUTRAL, 0.5), furniture=False) for a, b in spans)
    page = documents_page(
        [ScoredFile("a.txt", text, DocumentScore(sentences, Label.NEUTRAL, 0.0, 0.1, {}, {}))], explain
    )
    body = Elements(page).body
    assert "One. Two.\nThree." in body
    assert page.count("<p><span") == 2


def test_every_file_is_an_article() -> None:
    page = documents_page(
        [scored(name, "It.", predict(Label.COOPERATIVE, 0.5)) for name in ("a.txt", "b.txt")], explain
    )
    summary = '<p class="summary"><b>cooperative</b>, score +0.50, intensity 0.75 (1 cooperative)</p>'
    assert page.count(f"<article><h1>a.txt</h1>\n{summary}") == 1
    assert page.count(f"<article><h1>b.txt</h1>\n{summary}") == 1
