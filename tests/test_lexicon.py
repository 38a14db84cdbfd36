"""The lexicon: how entries are matched, what a bad lexicon is told, and the rules of the shipped one."""

import itertools
import pickle
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.labels import EVENTS
from stance.lexicon import ClassMatch, Lexicon, shipped_lexicon

SOURCE = """
[agree]
polarity = 1
entries = ["sign", "sign* off on", "reach* a deal"]
[plain]
polarity = 0
entries = ["signal*", "deal"]
[refuse]
polarity = -1
entries = ["sig*", "reach* a"]
"""
WORDS = ["sign", "signs", "signal", "signals", "off", "on", "reached", "a", "deal", "dealt", "sig"]
SHIPPED = (Path(__file__).parents[1] / "stance" / "lexicon.toml").read_text(encoding="utf-8")
SHIPPED_CLASSES = tomllib.loads(SHIPPED)


def found(sentence: str) -> list[ClassMatch]:
    return Lexicon(SOURCE).find(sentence.split())


def test_longest_phrase_wins():
    assert found("reached a deal") == [ClassMatch("agree", 0, 3)]


def test_shorter_phrase_stands_when_longer_fails():
    assert found("reached a verdict") == [ClassMatch("refuse", 0, 2)]


def test_exact_word_beats_a_stem():
    assert found("sign") == [ClassMatch("agree", 0, 1)]


def test_longer_stem_beats_a_shorter_one():
    assert found("signals") == [ClassMatch("plain", 0, 1)]


def test_stem_in_phrase_fits_any_ending():
    assert found("he signed off on it") == [ClassMatch("agree", 1, 4)]


def test_word_without_star_fits_itself_only():
    assert found("dealt deals") == []


def reference(words: list[str]) -> list[ClassMatch]:
    """Match the slow way: try every entry at every place."""
    entries = [(e.split(), name) for name, table in tomllib.loads(SOURCE).items() for e in table["entries"]]
    matches, start = [], 0
    while start < len(words):
        fitting = [
            (len(elements), [(not e.endswith("*"), len(e)) for e in elements], name)
            for elements, name in entries
            if len(words) - start >= len(elements) and all(map(fits, elements, words[start:]))
        ]
        length, _, name = max(fitting, default=(1, [], ""))
        if name:
            matches.append(ClassMatch(name, start, start + length))
        start += length
    return matches


def fits(element: str, word: str) -> bool:
    return word.startswith(element[:-1]) if element.endswith("*") else word == element


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_tree_agrees_with_trying_every_entry(words):
    assert Lexicon(SOURCE).find(words) == reference(words)


def test_pickled_lexicon_finds_the_same():
    lexicon = pickle.loads(pickle.dumps(Lexicon(SOURCE)))
    assert lexicon.source == SOURCE
    assert lexicon.find(["signs", "off", "on"]) == [ClassMatch("agree", 0, 3)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            '[a]\npolarity = 0\nentries = ["x"]\n[b]\npolarity = 0\nentries = ["x"]\n',
            "lexicon entry 'x' stands in [a] and in [b]; keep one",
        ),
        ('[a]\npolarity = 2\nentries = ["x"]\n', "lexicon class [a]: polarity is 2; write -1, 0 or 1"),
        ('[a]\nentries = ["x"]\n', "lexicon class [a]: polarity is None; write -1, 0 or 1"),
        ("[a]\npolarity = 1\n", "lexicon class [a]: entries must be a list of words and phrases"),
        ('[a]\npolarity = 1\nentries = ["x", ""]\n', "lexicon class [a]: entries must be a list of words and phrases"),
    ],
    ids=["in two classes", "wrong polarity", "no polarity", "no entries", "empty entry"],
)
def test_bad_lexicon_names_its_class(source, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Lexicon(source)


def test_no_entry_is_in_two_classes():
    entries = [entry for table in SHIPPED_CLASSES.values() for entry in table["entries"]]
    assert len(entries) > 1000
    assert len(set(entries)) == len(entries)


def test_shipped_classes_are_sorted_by_name():
    assert list(SHIPPED_CLASSES) == sorted(SHIPPED_CLASSES)


@pytest.mark.parametrize("name", SHIPPED_CLASSES)
def test_shipped_class_has_a_comment(name):
    assert re.search(rf"^# .+\n\[{re.escape(name)}\]$", SHIPPED, re.MULTILINE)


@pytest.mark.parametrize("name", SHIPPED_CLASSES)
def test_shipped_entries_are_sorted(name):
    entries = SHIPPED_CLASSES[name]["entries"]
    assert entries == sorted(entries)


@pytest.mark.parametrize("name", SHIPPED_CLASSES)
def test_shipped_entry_can_match_a_sentence(name):
    word = r"[^\W_A-Z1-9]+(?:'[^\W_A-Z1-9]+)*\*?"
    assert [e for e in SHIPPED_CLASSES[name]["entries"] if not re.fullmatch(rf"{word}(?: {word})*", e)] == []


@pytest.mark.parametrize("name", SHIPPED_CLASSES)
def test_shipped_class_names_existing_events(name):
    assert SHIPPED_CLASSES[name].get("event") in {None, *itertools.chain(*EVENTS.values())}


def test_shipped_lexicon_is_the_file():
    assert shipped_lexicon().source == SHIPPED
