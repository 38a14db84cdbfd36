"""Explanations: their arithmetic is exact, their spans are exact, and their HTML is inert."""

import json
import math
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance import Explanation, Label, load
from stance.classifier import Classifier
from stance.explanation import DECIDING_WORDS
from stance.terminal import harmless

CORPUS = Path(__file__).parents[1] / "fixtures" / "corpus"
SENTENCE = "The envoy thanked his hosts but refused to discuss the border."


@pytest.fixture(scope="module")
def classifier(small_model) -> Classifier:
    return load(small_model)


@pytest.fixture(scope="module")
def explanations(classifier) -> list[Explanation]:
    """Return an explanation of every other sentence in the corpus."""
    paths = sorted(CORPUS.glob("*.jsonl"))
    sentences = [json.loads(line)["text"] for path in paths for line in path.read_text("utf-8").splitlines()]
    assert len(sentences) >= 5700
    return [classifier.explain(sentence) for sentence in sentences[::2]]


def test_contributions_add_up_to_log_ratios(explanations):
    assert all(each.prediction.evidence for each in explanations)
    for each in explanations:
        logs = np.log([each.prediction.probabilities[label] for label in each.labels])
        words = np.array([word.contributions for word in each.words])
        total = words.sum(axis=0) + np.array(each.intercepts)
        np.testing.assert_allclose(total, logs - logs.mean(), rtol=0, atol=1e-9, err_msg=each.sentence)
        np.testing.assert_allclose(each.log_ratios, total, rtol=0, atol=1e-9)


def test_difference_of_log_ratios_is_odds(classifier):
    found = classifier.explain(SENTENCE)
    toward, against = (found.prediction.probabilities[label] for label in (Label.COOPERATIVE, Label.ADVERSARIAL))
    assert found.log_ratios[0] - found.log_ratios[1] == pytest.approx(math.log(toward / against), abs=1e-9)


def test_spans_are_exact_and_in_order(explanations):
    for each in explanations:
        assert [each.sentence[word.start : word.end] for word in each.words] == [word.text for word in each.words]
        edges = [edge for word in each.words for edge in (word.start, word.end)]
        assert edges == sorted(edges)


def test_word_names_its_most_pushed_label(explanations):
    for word in (word for each in explanations[:500] for word in each.words):
        assert word.contribution == max(word.contributions) >= 0
        assert word.contributions[explanations[0].labels.index(word.label)] == word.contribution


def test_prediction_is_that_of_predict(classifier, explanations):
    assert [each.prediction for each in explanations] == list(
        classifier.predict(each.sentence for each in explanations)
    )


def test_deciding_words_stand_in_order(explanations):
    for each in explanations[:500]:
        deciding = each.deciding_words
        assert len(deciding) == min(DECIDING_WORDS, len(each.words))
        assert [word.start for word in deciding] == sorted(word.start for word in deciding)
        rest = [word.contribution for word in each.words if word not in deciding]
        assert min(word.contribution for word in deciding) >= max(rest, default=0)


def test_sentence_without_terms_has_no_words(classifier):
    found = classifier.explain("Президент встретился с министром.")
    assert (found.words, found.deciding_words, found.prediction.evidence) == ((), (), 0)
    assert found.log_ratios == found.intercepts
    assert str(found) == "neutral  100%  score +0.00\nПрезидент встретился с министром."


def test_printed_explanation_marks_deciding_words(classifier):
    found = classifier.explain(SENTENCE)
    headline, marked, *rest = str(found).split("\n")
    said = found.prediction
    assert headline == f"{said.label}  {said.confidence:.0%}  score {said.score:+.2f}  {said.event}"
    assert re.sub(r"[\[\]]", "", marked) == SENTENCE
    assert re.findall(r"\[(.+?)\]", marked) == [word.text for word in found.deciding_words]
    assert [line.split() for line in rest] == [
        [word.text, f"{word.contribution:+.2f}", word.label]
        for word in sorted(found.deciding_words, key=lambda word: -word.contribution)
    ]


class Recorder(HTMLParser):
    """Notes the tags of a fragment and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.closed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens, and check that it brings no attribute of its own."""
        assert {name for name, _ in attrs} <= {"class", "style", "title"}
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        self.closed.append(tag)


hostile = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["<script>", "</mark>", "<img src=x onerror=y>", '"', "'", "&amp;", "&lt;", "]]>", "<!--"]),
        st.sampled_from(["accused", " refused ", " signed ", " talks ", " war"]),
    )
).map("".join)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(hostile)
def test_html_holds_only_our_tags(classifier, sentence):
    found = classifier.explain(sentence)
    html = found.to_html()
    recorder = Recorder()
    recorder.feed(html)
    recorder.close()
    marks = ["mark"] * len(found.deciding_words)
    assert recorder.opened == ["p", "b", *marks]
    assert recorder.closed == ["b", *marks, "p"]
    body = html.split("</b> ", 1)[1].removesuffix("</p>")
    assert unescape(re.sub(r"<[^>]*>", "", body)) == harmless(sentence)


def test_html_marks_the_deciding_words(classifier):
    found = classifier.explain(SENTENCE)
    assert re.findall(r"<mark [^>]*>(.+?)</mark>", found.to_html()) == [word.text for word in found.deciding_words]
