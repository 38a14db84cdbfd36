"""Whose words a sentence gives: quotations, paraphrases, speakers."""

import json
from pathlib import Path

import pytest

from stance import score_document
from stance.quotes import find_quotes
from stance.sentences import split_paragraphs

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "actors" / "quotes.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
FAILING = pytest.mark.xfail(strict=True, reason="known failure")
CASES = [
    pytest.param(
        row["text"], number, id=f"{row['note']} {number}", marks=[FAILING] if each.get("known_failure") else []
    )
    for row in ROWS
    for number, each in enumerate(row["sentences"])
]


@pytest.mark.parametrize(("text", "number"), CASES)
def test_sentence_has_its_voice_and_speaker(text, number):
    row = next(each for each in ROWS if each["text"] == text)
    at = 0
    for each in row["sentences"][:number]:
        at = text.index(each["text"], at) + len(each["text"])
    wanted = row["sentences"][number]
    start = text.index(wanted["text"], at)
    found = next(each for each in score_document(text).sentences if each.start <= start < each.end)
    assert found.voice == wanted["voice"]
    named = wanted["speaker"]
    if named is None:
        assert found.speaker is None
    else:
        assert found.speaker is not None
        written = text[found.speaker.start : found.speaker.end]
        surname = named.split()[-1]
        assert (
            named in (found.speaker.name, written)
            or found.speaker.name.endswith(surname)
            or written in named
            or (named in found.speaker.name)
        )


def test_cases_are_many_and_failures_few():
    sentences = [each for row in ROWS for each in row["sentences"]]
    assert len(ROWS) >= 60
    assert sum("known_failure" in each for each in sentences) <= 0.1 * len(sentences)


def quotes(text: str) -> list[str]:
    return [text[start:end] for start, end in find_quotes(text, split_paragraphs(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('He said "we are ready" twice.', ['"we are ready"']),
        ("He said ‘we are ready’ to the ministers’ aides.", ["‘we are ready’"]),
        ("The ministers' plan isn't Russia's.", []),
        ("“One.\n\n“Two,” he said.", ["“One.", "“Two,”"]),
        ('"Left open', ['"Left open']),
    ],
)
def test_quotations_are_found(text, found):
    assert quotes(text) == found
