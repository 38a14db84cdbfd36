import pytest

from stance.clauses import tag_clauses
from stance.terms import split_words

CASES = [
    pytest.param("They met", ["main", "main"], id="plain"),
    pytest.param("After talks, they met", ["side", "side", "main", "main"], id="an opening ends at its comma"),
    pytest.param("After talks they met", ["main"] * 4, id="an opening without a comma is none"),
    pytest.param("After talks; they met", ["main"] * 4, id="a stronger break is no comma"),
    pytest.param(
        "Kane, who fought them, met them",
        ["main", "side", "side", "side", "main", "main"],
        id="a relative clause behind a comma ends at the next",
    ),
    pytest.param(
        "They freed a man who fought them, twice",
        ["main", "main", "main", "main", "side", "side", "side", "side"],
        id="one without a comma lasts",
    ),
    pytest.param(
        "They met after he left, twice",
        ["main", "main", "side", "side", "side", "side"],
        id="a subordinate clause lasts",
    ),
    pytest.param(
        "He thanked them but left early",
        ["before", "before", "before", "main", "main", "main"],
        id="behind a but the news begins anew",
    ),
    pytest.param(
        "They met after years of war but left early",
        ["before", "before", "side", "side", "side", "side", "main", "main", "main"],
        id="a but ends a subordinate clause",
    ),
    pytest.param("But they met", ["main", "main", "main"], id="a but at the beginning turns nothing"),
]


@pytest.mark.parametrize(("sentence", "tags"), CASES)
def test_clauses_are_told_by_their_beginnings(sentence, tags):
    words = split_words(sentence)
    assert tag_clauses([word.text for word in words], [word.gap for word in words]) == tags
