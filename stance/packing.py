"""The tables that the native kernel reads: terms by their hash, words and phrases of the lexicon as trees.

They are made once, when a model is written, and are checked when it is read (`stance/native/`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.clauses import clause_words
from stance.composition import PASSIVES
from stance.lexicon import STEM, Lexicon, Node

HASH_BASE = 0x9E3779B97F4A7C15
HASH_MIXER = 0xD6E8FEB86659FD93

BUCKET_TERMS = 7
TERMS_A_BUCKET = 4.75
"""How many terms a bucket holds on average: two thirds of its room, so that few terms spill into the next one."""

LONGEST_SPILL = 64

BUCKET = np.dtype([("fingerprints", "<u4", BUCKET_TERMS), ("first_and_mark", "<u4")])
"""`first_and_mark` is twice the row of a bucket's first term, plus 1 where a term has spilled into the next one."""

BYTES = 256

MASKED, LIGHT, FLIPPER, PASSIVE_FLIPPER = 1, 2, 4, 8
CONTRAST, OPENER, RELATIVE, SUBORDINATOR, PASSIVE = 1, 2, 4, 8, 16


def hash_terms(terms: Sequence[str]) -> NDArray[np.uint64]:
    """Return the mixed hash of each term's name: a polynomial in its characters (modulo 2^64), spread over all bits."""
    lengths = np.array([len(term) for term in terms], dtype=np.int64)
    codes = np.frombuffer("".join(terms).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    starts = np.cumsum(lengths) - lengths
    hashes = np.zeros(len(terms), dtype=np.uint64)
    for place in range(int(lengths.max(initial=0))):
        longer = lengths > place
        hashes[longer] = hashes[longer] * np.uint64(HASH_BASE) + codes[starts[longer] + place]
    for _ in range(2):
        hashes = (hashes ^ hashes >> np.uint64(32)) * np.uint64(HASH_MIXER)
    return hashes ^ hashes >> np.uint64(32)


class TermTable(NamedTuple):
    """The buckets of a table of terms, and the order in which their rows must stand."""

    buckets: NDArray[Any]
    order: NDArray[np.int64]


def build_term_table(terms: Sequence[str], idf: NDArray[np.floating[Any]]) -> TermTable:
    """Return the table of n different terms; those of the smallest idf (n), the most frequent, are found first."""
    hashes = hash_terms(terms)
    if len(np.unique(hashes)) != len(terms):
        raise ValueError("two terms have the same hash")
    fewest = max(1, int(len(terms) / TERMS_A_BUCKET))
    for count in range(fewest, 2 * fewest + 100):
        placed = _place(hashes, idf, count)
        if placed is not None:
            return _fill(hashes, *placed)
    raise ValueError("the terms fit no table")


def fingerprints(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return by what a bucket tells its terms apart; never 0, which marks an empty slot."""
    return hashes.astype(np.uint32) | np.uint32(1)


def _place(
    hashes: NDArray[np.uint64], idf: NDArray[np.floating[Any]], count: int
) -> tuple[list[list[int]], list[bool]] | None:
    """Return the terms in each of `count` buckets and which were passed; None when two could not be told apart.

    The most frequent terms are placed first, so that those that spill are rare.
    """
    homes = ((hashes >> np.uint64(32)) * np.uint64(count) >> np.uint64(32)).astype(np.int64)
    prints = fingerprints(hashes)
    buckets: list[list[int]] = [[] for _ in range(count)]
    spilled = [False] * count
    for term in np.lexsort((hashes, idf)).tolist():
        at, distance = int(homes[term]), 0
        while True:
            if any(prints[other] == prints[term] for other in buckets[at]) or distance > LONGEST_SPILL // 2:
                return None
            if len(buckets[at]) < BUCKET_TERMS:
                break
            spilled[at] = True
            at, distance = (at + 1) % count, distance + 1
        buckets[at].append(term)
    return None if all(spilled) else (buckets, spilled)


def _fill(hashes: NDArray[np.uint64], placed: list[list[int]], spilled: list[bool]) -> TermTable:
    buckets = np.zeros(len(placed), dtype=BUCKET)
    prints = fingerprints(hashes)
    first = 0
    for at, terms in enumerate(placed):
        buckets[at]["first_and_mark"] = 2 * first + spilled[at]
        buckets[at]["fingerprints"][: len(terms)] = prints[terms]
        first += len(terms)
    return TermTable(buckets, np.array([term for terms in placed for term in terms], dtype=np.int64))


class LexiconTables(NamedTuple):
    """The lexicon and the clause words as trees: see `stance/native/lexicon.h`.

    `classes` are name, valence and traits of each lexicon class.
    """

    nodes: NDArray[np.int32]
    phrases: NDArray[np.int32]
    edges: NDArray[np.int32]
    roots: NDArray[np.int32]
    traits: NDArray[np.uint8]
    classes: tuple[tuple[str, int, int], ...]


def compile_lexicon(lexicon: Lexicon) -> LexiconTables:
    """Return the tables of a lexicon and of the closed-class words."""
    traits = _word_traits()
    names = {name: index for index, name in enumerate(lexicon.valence)}
    elements = ["", *sorted(set(_elements(lexicon.root)).union(traits))]
    number = {element: index for index, element in enumerate(elements)}
    phrases, edges, roots = _number_phrases(lexicon.root, number, names)
    return LexiconTables(
        nodes=_double_array(elements),
        phrases=np.array(phrases, dtype=np.int32).reshape(-1, 4),
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
        roots=np.array([roots.get(element, 0) for element in elements], dtype=np.int32),
        traits=np.array([traits.get(element, 0) for element in elements], dtype=np.uint8),
        classes=tuple((name, valence, _class_traits(lexicon, name)) for name, valence in lexicon.valence.items()),
    )


def _word_traits() -> dict[str, int]:
    known = clause_words()
    sets = (
        (known.contrasts, CONTRAST),
        (known.openers, OPENER),
        (known.relatives, RELATIVE),
        (known.subordinators, SUBORDINATOR),
        (PASSIVES, PASSIVE),
    )
    traits: dict[str, int] = {}
    for words, bit in sets:
        for word in words:
            traits[word] = traits.get(word, 0) | bit
    return traits


def _class_traits(lexicon: Lexicon, name: str) -> int:
    return (
        MASKED * (name in lexicon.masked)
        + LIGHT * (name in lexicon.light)
        + FLIPPER * (name in lexicon.flippers)
        + PASSIVE_FLIPPER * (name in lexicon.passive_flippers)
    )


def _elements(node: Node) -> Iterator[str]:
    for element, child in node.children.items():
        yield element
        yield from _elements(child)


def _number_phrases(
    root: Node, number: dict[str, int], names: dict[str, int]
) -> tuple[list[tuple[int, int, int, int]], list[tuple[int, int]], dict[str, int]]:
    """Return the phrases, parents first; their edges; and the phrase that each first element begins."""
    queue = [root]
    phrases: list[tuple[int, int, int, int]] = []
    edges: list[tuple[int, int]] = []
    roots: dict[str, int] = {}
    for at, node in enumerate(queue):  # which grows on the way
        children = sorted(node.children.items())
        numbered = {element: len(queue) + index for index, (element, _) in enumerate(children)}
        queue += [child for _, child in children]
        found = names[node.name[0]] if node.name else -1
        if at == 0:
            roots = numbered
            phrases.append((-1, 0, 0, 0))
            continue
        phrases.append((found, len(edges), len(children), 0))
        edges += [(number[element], child) for element, child in numbered.items()]
    return phrases, edges, roots


def _double_array(elements: Sequence[str]) -> NDArray[np.int32]:
    """Return the tree of the elements' bytes: base, check, exact element and stem of each node (Aoe 1989)."""
    tree: dict[bytes, dict[int, bytes]] = {b"": {}}
    exact: dict[bytes, int] = {}
    stems: dict[bytes, int] = {}
    for index, element in enumerate(elements):
        if not element:
            continue
        stem = element.endswith(STEM)
        word = element.removesuffix(STEM).encode()
        (stems if stem else exact)[word] = index
        for end in range(len(word)):
            tree.setdefault(word[: end + 1], {})
            tree[word[:end]][word[end]] = word[: end + 1]
    return _lay_out(tree, exact, stems)


def _lay_out(
    tree: dict[bytes, dict[int, bytes]], exact: dict[bytes, int], stems: dict[bytes, int]
) -> NDArray[np.int32]:
    places = {b"": 0}
    rows = [[0, -1, 0, 0] for _ in range(BYTES)]
    free = BYTES
    for beginning in sorted(tree, key=lambda each: (len(each), each)):
        here, children = places[beginning], sorted(tree[beginning])
        rows[here][2:] = exact.get(beginning, 0), stems.get(beginning, 0)
        if not children:
            continue
        while free < len(rows) and rows[free][1] >= 0:
            free += 1
        base = free - children[0]
        while not _is_free(rows, [base + byte for byte in children]):
            base += 1
        rows += [[0, -1, 0, 0] for _ in range(base + children[-1] + 1 - len(rows))]
        rows[here][0] = base
        for byte in children:
            rows[base + byte][1] = here
            places[tree[beginning][byte]] = base + byte
    rows += [[0, -1, 0, 0] for _ in range(BYTES)]
    return np.array(rows, dtype=np.int32)


def _is_free(rows: list[list[int]], places: Iterable[int]) -> bool:
    return all(place >= len(rows) or rows[place][1] < 0 for place in places)
