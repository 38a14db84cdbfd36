import re
from itertools import pairwise

import pytest

from campaigns.leaks import Audit, Reading, audit, main
from stance.shipped import shipped_classifier

STEM = r"@?[^\W_](?:[^\W_]|')*\*?"
CLASS = r"<[^\W_]+(?:[-_][^\W_]+)*>"
CLAUSE = r"(?:main|side|before|flip)"
SIGN = r"[-0+]"
GRAMMAR = re.compile(
    "|".join(
        [
            STEM,
            f"{STEM} {STEM}",
            f"{CLAUSE}:{STEM}",
            f"(?:{CLAUSE}:)?{CLASS}",
            f"{CLASS} {STEM}",
            f"{STEM} {CLASS}",
            f"(?:(?:main|then|subject|object):)?{CLASS} {CLASS}",
            f"(?:first|acts):{CLASS}(?: {CLASS}){{0,2}}",
            f"{CLAUSE}:(?:{CLASS} )?{SIGN}",
            f"{CLAUSE}:={SIGN}",
            f"first:={SIGN}{{1,3}}",
            f"last:={SIGN}",
            "sum:[-+][0-3]",
            "acts:none",
            f"act:{STEM}",
            f"{SIGN} beside {SIGN}",
        ]
    )
)
"""The terms that the docstring of `stance.terms` names: at most two stems or three classes."""


def test_every_shipped_term_is_documented() -> None:
    assert [term for term in shipped_classifier().model.vocabulary if not GRAMMAR.fullmatch(term)] == []


def test_no_shipped_term_holds_a_number() -> None:
    terms = [term for term in shipped_classifier().model.vocabulary if not term.startswith("sum:")]
    assert [term for term in terms if re.search(r"[1-9]|\d\d", term)] == []


def test_no_shipped_word_is_masked_name() -> None:
    model = shipped_classifier().model
    words = [term for term in model.vocabulary if re.fullmatch(r"[^\W_@]+", term)]
    found = {word for word in words for match in model.lexicon.find([word]) if match.name in model.lexicon.masked}
    assert "@place" in model.vocabulary
    assert found == {"african", "arab", "european"}  # as in "European Union", whose class is not masked


def test_no_pair_term_has_four_stems() -> None:
    pairs = shipped_classifier().model.pairs
    assert pairs is not None
    stems = {
        term: re.sub(r"<[^>]*>[-+0-9]*|^[\w':+-]*:|[-+=]\S*|\b[12]\b", "", term).split() for term in pairs.vocabulary
    }
    assert {term: found for term, found in stems.items() if len(found) > 3} == {}


def readings(*sentences: str) -> list[Reading]:
    """Return sentences whose terms are their words, and each two in a row."""
    words = [sentence.split() for sentence in sentences]
    return [Reading(" ".join(each), [*each, *map(" ".join, pairwise(each))]) for each in words]


def vocabulary(found: list[Reading]) -> set[str]:
    return {term for reading in found for term in reading.terms}


def test_repeated_term_of_two_sentences_shows() -> None:
    found = readings("a a a", "a b", "a b", "b c", "c b")
    assert audit("x", ["a", "b", "c"], found) == Audit("x", 3, 4, {"a": 2, "c": 2}, 0, 0, 0)


def test_spelled_out_sentence_is_read_off() -> None:
    found = readings(*["a b c d e"] * 3)
    assert audit("x", vocabulary(found), found)[4:] == (1, 1, 5)


def test_four_words_are_too_few() -> None:
    found = readings(*["a b c d"] * 3)
    assert audit("x", vocabulary(found), found)[4:] == (1, 0, 4)


def test_step_in_both_directions_saves_sentence() -> None:
    found = readings("a b c d e", "x b y", "z c w", "b w")
    assert audit("x", vocabulary(found), found[:1])[4:] == (1, 0, 3)


def test_step_that_is_no_term_ends() -> None:
    found = readings("a b c d e")
    assert audit("x", vocabulary(found) - {"b c"}, found)[4:] == (0, 0, 3)


def test_pair_terms_are_steps_too() -> None:
    found = [Reading("s", ["between:a b", "behind:b c", "1+1:a", "between:<a> b", "1 2", "- 1"])]
    assert audit("x", ["between:a b", "before:b c"], found)[4:] == (1, 0, 3)


def test_each_kind_of_leak_fails() -> None:
    assert Audit("x", 9, 9, {}, 9, 0, 7).failures == 0
    assert Audit("x", 9, 9, {"a": 1, "b": 2}, 9, 3, 8).failures == 6


def test_audit_without_texts_is_skipped(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"leaks: skipped, the training texts are not in {tmp_path}\n"
