import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.training.duplicates import SIMILAR, cluster_duplicates, normalise_text

PAIRS = tomllib.loads((Path(__file__).parents[1] / "fixtures/training/duplicates.toml").read_text("utf-8"))["pairs"]


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["why"] for pair in PAIRS])
def test_near_duplicates_alone_share_a_cluster(pair: dict[str, str]) -> None:
    one, two = cluster_duplicates([pair["one"], pair["two"]])
    assert (one == two) == pair["near"]


def test_clusters_are_numbered_by_first_occurrence() -> None:
    assert cluster_duplicates(["b b b b", "a a", "c c", "a a", "b b b b"]).tolist() == [0, 1, 2, 1, 0]


def test_likeness_is_passed_on() -> None:
    chain = ["a b c d e f g h", "b c d e f g h i", "c d e f g h i j", "d e f g h i j k"]
    assert cluster_duplicates(chain).tolist() == [0, 0, 0, 0]
    assert cluster_duplicates([chain[0], chain[3]]).tolist() == [0, 1]


def test_no_texts_have_no_clusters() -> None:
    assert cluster_duplicates([]).tolist() == []


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=9).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12))
def test_clusters_are_those_of_all_pairs(texts: list[str]) -> None:
    numbers = list(range(len(texts)))
    for one in range(len(texts)):
        for two in range(one):
            if jaccard(texts[one], texts[two]) >= SIMILAR:
                numbers = [min(numbers[one], numbers[two]) if n in (numbers[one], numbers[two]) else n for n in numbers]
    expected = [numbers.index(number) for number in numbers]
    found = cluster_duplicates(texts).tolist()
    assert [found.index(number) for number in found] == expected


def jaccard(one: str, two: str) -> float:
    first, second = (triples(normalise_text(text).split()) for text in (one, two))
    return len(first & second) / len(first | second)


def triples(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words)} if len(words) < 3 else {tuple(words[n : n + 3]) for n in range(len(words) - 2)}
