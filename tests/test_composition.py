import pytest

from stance.clauses import tag_clauses
from stance.composition import compose
from stance.lexicon import Lexicon
from stance.terms import split_words

LEXICON = Lexicon(
    """
# Acts of agreeing.
[agree]
polarity = 1
entries = ["agree*", "talks"]

# Hostile objects.
[barrier]
polarity = 0
valence = -1
entries = ["ban"]

# Turns round what is ahead.
[negator]
polarity = 0
flips = "ahead"
entries = ["not"]

# Turns round what is ahead or, in the passive, what stands before.
[lift]
polarity = 0
flips = "either"
entries = ["lift*"]
"""
)


def composed(sentence):
    words = split_words(sentence)
    texts, gaps = [word.text for word in words], [word.gap for word in words]
    tags, found = compose(texts, gaps, tag_clauses(texts, gaps), LEXICON.find(texts), LEXICON)
    return tags, {each.name: (each.clause, each.composed) for each in found}


def test_flipper_turns_what_it_governs():
    tags, found = composed("They lifted the ban")
    assert tags == ["main", "main", "flip", "flip"]
    assert found["barrier"] == ("flip", 1)


def test_passive_flipper_governs_what_stands_before():
    _, found = composed("The ban was lifted")
    assert found["barrier"] == ("flip", 1)


def test_flipper_ahead_stays_so_in_passive():
    _, found = composed("The talks were not agreed")
    assert found["agree"] == ("flip", -1)
    tags, _ = composed("The talks were not")
    assert tags == ["main"] * 4


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("They did not, the ban", id="a comma ends the scope"),
        pytest.param("They did not who ban", id="another clause ends the scope"),
        pytest.param("They did not a b c d e f ban", id="the scope is six words long"),
    ],
)
def test_the_scope_of_a_flipper_ends(sentence):
    assert composed(sentence)[1]["barrier"][1] == -1


def test_class_without_valence_has_its_polarity():
    assert LEXICON.valence == {"agree": 1, "barrier": -1, "negator": 0, "lift": 0}
