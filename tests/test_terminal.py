import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation, WordContribution
from stance.labels import LABELS, Label
from stance.prediction import Prediction, Predictions
from stance.terminal import harmless, in_colour, plain, show_document, show_explanation, show_predictions

ACCUSED = Prediction(
    Label.ADVERSARIAL, dict(zip(LABELS, (0.1, 0.8, 0.1), strict=True)), score=-0.7, event="ACCUSE", evidence=9
)
BLUE, ORANGE, DIM, BOLD, END = "\x1b[38;5;33m", "\x1b[38;5;208m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


def predictions() -> Predictions:
    return Predictions(
        columns=LABELS,
        labels=(Label.COOPERATIVE, Label.NEUTRAL),
        events=("YIELD", None),
        probabilities=np.array([[0.9, 0.05, 0.05], [0.0, 0.0, 1.0]]),
        evidence=np.array([8, 0]),
    )


def document(text: str = "He accused them.", name: str = "Share") -> DocumentScore:
    return DocumentScore(
        sentences=(
            ScoredSentence(name, 0, len(name), None, furniture=True),
            ScoredSentence(text, len(name) + 1, len(name) + 1 + len(text), ACCUSED, furniture=False),
        ),
        label=Label.ADVERSARIAL,
        score=-0.78,
        intensity=0.9,
        probabilities=ACCUSED.probabilities,
        counts={Label.COOPERATIVE: 0, Label.ADVERSARIAL: 1, Label.NEUTRAL: 0},
    )


def explanation(sentence: str = "He accused them.") -> Explanation:
    words = (
        WordContribution(sentence[0:2], 0, 2, (0.1, 0.2, -0.3), Label.ADVERSARIAL),
        WordContribution(sentence[3:10], 3, 10, (-0.75, 1.25, -0.5), Label.ADVERSARIAL),
    )
    return Explanation(sentence, ACCUSED, LABELS, words, (0.1, 0.25, -0.35))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\tb\nc\r\nd", "a b c  d", id="tabs and line ends are spaces"),
        pytest.param("a\u2028b\x85c", "a b c", id="so are the rarer separators"),
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="an escape sequence is spelt out"),
        pytest.param("\x9b31m\x07\x00\x7f", "\\x9b31m\\x07\\x00\\x7f", id="C1, bell, NUL and delete"),
        pytest.param("\u202egnol\u2066", "\\u202egnol\\u2066", id="direction overrides"),
        pytest.param("\ud800", "\\ud800", id="a lone surrogate"),
        pytest.param("Zoë – 東京 👩\u200d🚀", "Zoë – 東京 👩\u200d🚀", id="all else stays"),
    ],
)
def test_harmless(text: str, shown: str) -> None:
    assert harmless(text) == shown


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_no_text_leaves_a_control_character(text: str) -> None:
    shown = harmless(text)
    assert not [each for each in shown if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_only_our_escapes_reach_terminal(text: str) -> None:
    outputs = [
        show_predictions([text, text], predictions(), in_colour, 40),
        show_document(text, document(text, text), in_colour, None),
        show_explanation(explanation(text), in_colour),
    ]
    for output in outputs:
        rest = re.sub("\x1b\\[(?:0|1|2|38;5;33|38;5;208)m", "", output).replace("\n", "")
        assert harmless(rest) == rest


def test_predictions_without_colour() -> None:
    shown = show_predictions(["They freed him.", ""], predictions(), plain, None)
    assert shown == ("cooperative   90%  +0.85  YIELD      They freed him.\nneutral      100%  +0.00\n")


def test_predictions_in_colour() -> None:
    shown = show_predictions(["They freed him.", "x"], predictions(), in_colour, None)
    assert shown == (
        f"{BLUE}cooperative   90%  +0.85  YIELD    {END}  {BLUE}They freed him.{END}\n"
        "neutral      100%  +0.00             x\n"
    )


def test_long_sentence_is_folded_under_itself() -> None:
    shown = show_predictions(["They freed all of the prisoners.", ""], predictions(), plain, 60)
    assert shown.splitlines()[:2] == [
        "cooperative   90%  +0.85  YIELD      They freed all of the",
        "                                     prisoners.",
    ]


def test_model_without_directions_has_no_score() -> None:
    found = Predictions(("a", "b"), ("b",), (None,), np.array([[0.25, 0.75]]), np.array([3]))
    assert show_predictions(["x"], found, plain, None) == "b   75%                    x\n"


def test_a_document_without_colour() -> None:
    assert show_document("news.txt", document(), plain, None) == (
        "news.txt\n"
        "web furniture                        Share\n"
        "adversarial   80%  -0.70  ACCUSE     He accused them.\n"
        "= adversarial  score -0.78  intensity 0.90  (0 cooperative, 1 adversarial, 0 neutral, 1 web furniture)\n"
    )


def test_a_document_in_colour() -> None:
    lines = show_document("news.txt", document(), in_colour, None).splitlines()
    assert lines[0] == f"{BOLD}news.txt{END}"
    assert lines[1] == f"{DIM}web furniture                      {END}  {DIM}Share{END}"
    assert lines[2] == f"{ORANGE}adversarial   80%  -0.70  ACCUSE   {END}  {ORANGE}He accused them.{END}"


def test_a_document_with_nothing_to_score() -> None:
    empty = DocumentScore((), None, None, None, {"a": 0.0, "b": 0.0}, {"a": 0, "b": 0})
    assert show_document("empty.txt", empty, plain, None) == "empty.txt\n= nothing to score  (0 a, 0 b)\n"


def test_an_explanation_without_colour() -> None:
    assert show_explanation(explanation(), plain) == (
        "adversarial  80%  score -0.70  ACCUSE\n"
        "[He] [accused] them.\n"
        "  accused  +1.25  adversarial\n"
        "  He       +0.20  adversarial\n"
        "  before any word: cooperative +0.10, adversarial +0.25, neutral -0.35\n"
    )


def test_coloured_explanation_marks_deciding_words() -> None:
    lines = show_explanation(explanation(), in_colour).splitlines()
    assert lines[1] == f"{ORANGE}[He]{END} {ORANGE}[accused]{END} them."


def test_printed_explanation_lacks_the_last_line() -> None:
    assert str(explanation()) == show_explanation(explanation(), plain).rsplit("\n", 2)[0]
