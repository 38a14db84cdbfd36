"""The table of terms: every term is found by its hash, and terms that no table can tell apart are refused."""

import numpy as np
import pytest

from stance.packing import BUCKET_TERMS, build_term_table, fingerprints, hash_terms

THUE_MORSE = "".join("ab"[number.bit_count() % 2] for number in range(1024))
"""This and the same with a and b exchanged have one hash, whatever its base: the classical anti-hash string."""

OF_ONE_FINGERPRINT = ("gggrc", "glmoy")
"""Found by trying all words of five letters: they are told apart by their bucket alone, where there are two."""

ALIKE_TO_MANY_BUCKETS = ("berph", "fjioz")
"""Found in the same way: they share their bucket too, whether there is one of them or a hundred."""


def assert_complete(terms: list[str]) -> None:
    """Check that a table has each term once, and that the rows of its buckets follow each other."""
    table = build_term_table(terms, np.arange(len(terms), dtype=np.float32))
    assert sorted(table.order.tolist()) == list(range(len(terms)))
    used = table.buckets["fingerprints"] != 0
    np.testing.assert_array_equal(table.buckets["fingerprints"][used], fingerprints(hash_terms(terms))[table.order])
    sizes = used.sum(axis=1)
    np.testing.assert_array_equal(table.buckets["first_and_mark"] >> 1, np.cumsum(sizes) - sizes)


@pytest.mark.parametrize("count", [0, 1, BUCKET_TERMS, BUCKET_TERMS + 1, 10, 100, 3000])
def test_table_has_every_term(count):
    assert_complete([f"term {number}" for number in range(count)])


def test_frequent_terms_are_at_home():
    terms = [f"term {number}" for number in range(3000)]
    idf = np.linspace(1, 9, len(terms), dtype=np.float32)
    buckets, order = build_term_table(terms, idf)
    homes = (hash_terms(terms) >> np.uint64(32)) * np.uint64(len(buckets)) >> np.uint64(32)
    places = np.repeat(np.arange(len(buckets)), (buckets["fingerprints"] != 0).sum(axis=1))
    away = places != homes[order]
    assert 0 < away.sum() < 300
    assert idf[order[away]].min() > 2
    assert set((places[away] - 1) % len(buckets)) <= set(np.flatnonzero(buckets["first_and_mark"] & 1))


def test_fingerprint_may_be_shared():
    one, other = hash_terms(OF_ONE_FINGERPRINT)
    assert one != other
    assert len(set(fingerprints(hash_terms(OF_ONE_FINGERPRINT)))) == 1
    assert len(build_term_table(OF_ONE_FINGERPRINT, np.ones(2, np.float32)).buckets) == 2
    assert_complete(list(OF_ONE_FINGERPRINT))


def test_terms_alike_in_all_are_refused():
    with pytest.raises(ValueError, match=r"^the terms fit no table$"):
        build_term_table(ALIKE_TO_MANY_BUCKETS, np.ones(2, np.float32))


def test_terms_of_one_hash_are_refused():
    other = THUE_MORSE.translate(str.maketrans("ab", "ba"))
    with pytest.raises(ValueError, match=r"^two terms have the same hash$"):
        build_term_table(["a", THUE_MORSE, other], np.ones(3, np.float32))
