"""What a published model gives away: python -m campaigns.leaks [--model FILE] [--data ../shared/data].

A model file lists its terms in the clear. Two things are promised of them. No term occurs in fewer than three of the
training sentences, so that no secret of one sentence is a term (the leak of CVE-2024-5206). And no training sentence
can be put together from them: terms hold at most two neighbouring stems (the pair model's also three between two
actors), which anyone can lay end to end, `mutual*` to `mutual* defenc*` to `defenc* treaty`. So a step from one stem to
the next counts as forced when the two are a term and the vocabulary knows no other stem behind the first, or none other
before the second. A sentence of five words or more whose every step is forced can be read off the vocabulary, and so
can a long run of such steps. Weights and idf are left out of account: they may tell which of several steps is likelier,
not which was made.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from stance.classifier import Classifier, load
from stance.errors import StanceError
from stance.terms import TermExtractor
from stance.training import shipped
from stance.training.evaluation import load_all_sets
from stance.training.pairs import extract_pairs

FEWEST_SENTENCES = 3
FEWEST_WORDS = 5
"""A sentence of fewer words says nothing of its own when each of its terms stands in three sentences."""

MOST_FORCED_WORDS = 7
"""A run of more words, each forced by the one beside it, counts as a leak though the sentence goes on."""

_SHOWN = 10
_STEM = r"(?:@[12]|@?[^\s<>:=@1-9]+)"
"""All digits of words are written 0; in the terms of pairs 1 and 2 stand for the actors, and @1 and @2 in stems."""

_STEP = re.compile(rf"(?:(?:before|between|behind):)?({_STEM} {_STEM})")


class Reading(NamedTuple):
    """A training sentence, and its terms in order."""

    text: str
    terms: Sequence[str]


class Audit(NamedTuple):
    """What the terms of a vocabulary give away of the sentences that it was learnt from.

    `rare` maps terms to the too few sentences that hold them. Of the sentences, `covered` have every two neighbouring
    stems among the terms and `read_off` could be read off; `longest` is the longest forced run, in words.
    """

    name: str
    terms: int
    sentences: int
    rare: dict[str, int]
    covered: int
    read_off: int
    longest: int

    @property
    def failures(self) -> int:
        """How many terms and sentences break the promise."""
        return len(self.rare) + self.read_off + (self.longest > MOST_FORCED_WORDS)


def audit(name: str, vocabulary: Collection[str], readings: Iterable[Reading]) -> Audit:
    """Compare a vocabulary with the sentences that it was learnt from."""
    forced = _forced_steps(vocabulary)
    known = {step for term in vocabulary for step in _steps([term])}
    holders: defaultdict[str, set[int]] = defaultdict(set)
    covered, read_off, longest = set(), set(), 0
    numbers: dict[str, int] = {}
    for text, terms in readings:
        number = numbers.setdefault(text, len(numbers))
        for term in terms:
            if len(holders[term]) < FEWEST_SENTENCES:
                holders[term].add(number)
        steps = list(_steps(terms))
        covered |= {number} if steps and known.issuperset(steps) else set()
        read_off |= {number} if len(steps) >= FEWEST_WORDS - 1 and forced.issuperset(steps) else set()
        longest = max(longest, _longest_run(steps, forced))
    rare = {term: len(holders[term]) for term in vocabulary if len(holders[term]) < FEWEST_SENTENCES}
    return Audit(name, len(vocabulary), len(numbers), rare, len(covered), len(read_off), longest)


def _steps(terms: Iterable[str]) -> Iterator[str]:
    """Yield those of the terms that are two stems in a row."""
    for term in terms:
        if match := _STEP.fullmatch(term):
            yield match.group(1)


def _forced_steps(vocabulary: Iterable[str]) -> frozenset[str]:
    """Return the steps whose first stem has no other behind it, or whose second has no other before it."""
    steps = set(_steps(vocabulary))
    behind = Counter(step.split(" ")[0] for step in steps)
    before = Counter(step.split(" ")[1] for step in steps)
    return frozenset(step for step in steps if behind[step.split(" ")[0]] == 1 or before[step.split(" ")[1]] == 1)


def _longest_run(steps: Sequence[str], forced: Collection[str]) -> int:
    """Return how many words the longest run of forced steps has; 0 for no such step."""
    longest = run = 0
    for step in steps:
        run = run + 1 if step in forced else 0
        longest = max(longest, run)
    return longest + 1 if longest else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit a model; return 0 when nothing leaks or there are no training texts here, else 1."""
    options = _parse(arguments)
    if not (options.data / shipped.NEWS).is_file():
        print(f"leaks: skipped, the training texts are not in {options.data}")
        return 0
    try:
        audits = list(_audit_shipped(load(options.model), options.data))
    except StanceError as error:
        print(f"leaks: {error}", file=sys.stderr)
        return 1
    print(*(line for each in audits for line in _lines(each)), sep="\n")
    failures = sum(each.failures for each in audits)
    print(f"leaks: {sum(each.terms for each in audits):,} terms, {failures:,} failures")
    return 1 if failures else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m campaigns.leaks", description="What a published model gives away.")
    parser.add_argument("--model", type=Path, default=shipped.MODEL, help="a model trained on these texts")
    parser.add_argument("--data", type=Path, default=shipped.DATA, help="folder of news and evaluation sets")
    return parser.parse_args(arguments)


def _audit_shipped(classifier: Classifier, data: Path) -> Iterator[Audit]:
    model = classifier.model
    extract = TermExtractor(model.lexicon)
    examples = shipped.collect_examples(data, load_all_sets(data)).examples
    yield audit("sentences", model.vocabulary, (Reading(each.text, extract(each.text)) for each in examples))
    if model.pairs:
        pairs = shipped.collect_pairs(data)
        terms = extract_pairs(pairs, model.lexicon, classifier.predict)
        readings = (Reading(pair.text, found) for pair, found in zip(pairs, terms, strict=True))
        yield audit("pairs", model.pairs.vocabulary, readings)


def _lines(found: Audit) -> Iterator[str]:
    shown = ", ".join(f"{term!r} ({count})" for term, count in list(found.rare.items())[:_SHOWN])
    yield (
        f"{found.name}: {found.terms:,} terms, {len(found.rare):,} of them in fewer than {FEWEST_SENTENCES} of "
        f"{found.sentences:,} training sentences{': ' * bool(shown)}{shown}"
    )
    yield (
        f"{found.name}: {found.covered:,} sentences have all neighbours among the terms, {found.read_off:,} can be "
        f"read off; the longest forced run has {found.longest} words"
    )


if __name__ == "__main__":
    sys.exit(main())
