"""The one place that turns a sentence into terms, for training and for inference alike.

A term is named as it reads:

    accused, accu*, accuse*       a word, and its prefixes of 4 and 6 characters
    accuse* minist*               two stems (words cut to 6 characters) in a row
    side:accuse*                  a stem and its clause: main, side, before (a but) or flip (turned round in the main)
    <accuse>, side:<accuse>       a lexicon class, and with its clause
    <accuse> minist*, of <accuse> a class with the stem next to it
    <reject> <accuse>             two classes in order, within six words
    main:<reject> <accuse>        two classes that follow each other in the main clause
    first:<reject> <accuse>       the first one, two or three classes of the main clause
    main:-, main:<reject> -       the valence of a class, and with the flipper that governs it
    main:=+                       what the two come to
    first:=+-, last:=-            that of the first one, two or three classes of the main clause, and of the last
    sum:-2                        the sum of it over the main clause, between -3 and +3
    acts:<fail> <agree>           the first one, two or three acts (classes with a valence, or that flip one), or none
    then:<fail> <agree>           two acts that follow each other
    act:refuse*                   the stem of the first act, with the class before it and the one behind it:
    subject:<office> <reject>, object:<reject> <consult>
    + beside -                    what the first act comes to, and the first class with a valence in another clause

Names of states, peoples and capitals are masked: they are one word, `@place`, wherever they occur, so that no
label can hang on a name.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from stance.clauses import tag_clauses
from stance.composition import FoundClass, compose
from stance.folding import fold
from stance.lexicon import ClassMatch, Lexicon

SHORT_PREFIX = 4
LONG_PREFIX = 6
CLASS_WINDOW = 6
FIRST_CLASSES = 3
MOST_SUM = 3

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DIGITS = re.compile(r"\d+")
_STRONG_BREAK = re.compile(r"[;:—–()\[\]!?]|--|\s-\s")


class Word(NamedTuple):
    """A word of a sentence, lower-cased, where it stands, `sentence[start:end]`, and the break before it.

    `gap` is ";" for a strong break (semicolon, colon, dash, bracket), "," for a comma, else "".
    """

    text: str
    start: int
    end: int
    gap: str


class Term(NamedTuple):
    """A feature of a sentence and the indices of the words it is made of."""

    name: str
    words: tuple[int, ...]


class _Token(NamedTuple):
    """A word, or a masked name of one or more words, as the terms see it."""

    text: str
    gap: str
    words: tuple[int, ...]


class _Class(NamedTuple):
    """A lexicon class found among the tokens, how it is written in a term, and the words it stands on."""

    mark: str
    found: FoundClass
    words: tuple[int, ...]


def split_words(sentence: str) -> list[Word]:
    """Return the words of a sentence: runs of letters and digits, with apostrophes inside.

    The sentence is folded first (`folding.py`), then digits are written 0, and a possessive 's is left out of the
    word's text.
    """
    folded = fold(sentence)
    words, end = [], 0
    for match in _WORD.finditer(folded.text):
        first, last = match.span()
        gap = _gap(folded.text[end:first])
        words.append(Word(_normalise(match.group()), folded.start(first), folded.end(last), gap))
        end = last
    return words


def _normalise(word: str) -> str:
    return _DIGITS.sub("0", word.lower()).removesuffix("'s")


def _gap(text: str) -> str:
    if text == " ":
        return ""
    return ";" if _STRONG_BREAK.search(text) else "," if "," in text else ""


class TermExtractor:
    """Turns sentences into terms with one lexicon; called on a sentence it returns the names of its terms.

    It is what scikit-learn's `TfidfVectorizer(analyzer=...)` takes.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __call__(self, sentence: str) -> list[str]:
        """Return the names of a sentence's terms, in order, with repeats."""
        return [term.name for term in self.extract(split_words(sentence))]

    def extract(self, words: Sequence[Word]) -> Iterator[Term]:
        """Return the terms of a sentence, in order, with repeats, given its words."""
        tokens, matches = self._mask(words, self.lexicon.find([word.text for word in words]))
        texts, gaps = [token.text for token in tokens], [token.gap for token in tokens]
        clauses, found = compose(texts, gaps, tag_clauses(texts, gaps), matches, self.lexicon)
        stems = [shorten(token.text, LONG_PREFIX) for token in tokens]
        classes = [_Class(f"<{each.name}>", each, _words(tokens[each.first : each.end])) for each in found]
        main = [each for each in classes if each.found.in_main_clause]
        return chain(
            _word_terms(tokens, stems, clauses),
            _class_terms(tokens, stems, classes),
            _sequence_terms("first", "main", main),
            _valence_terms([each for each in classes if each.found.valence]),
            _act_terms(stems, classes, main),
        )

    def _mask(self, words: Sequence[Word], matches: list[ClassMatch]) -> tuple[list[_Token], list[ClassMatch]]:
        """Return the tokens, masked names put together into one, and the matches counted in tokens."""
        tokens: list[_Token] = []
        shifted: list[ClassMatch] = []
        at = 0
        for name, first, end in [*matches, ClassMatch("", len(words), len(words))]:
            tokens += [_Token(words[index].text, words[index].gap, (index,)) for index in range(at, first)]
            start = len(tokens)
            if name in self.lexicon.masked:
                tokens.append(_Token(f"@{name}", words[first].gap, tuple(range(first, end))))
            else:
                tokens += [_Token(words[index].text, words[index].gap, (index,)) for index in range(first, end)]
            shifted.append(ClassMatch(name, start, len(tokens)))
            at = end
        return tokens, shifted[:-1]


def _word_terms(tokens: list[_Token], stems: list[str], clauses: list[str]) -> Iterator[Term]:
    for index, token in enumerate(tokens):
        yield Term(token.text, token.words)
        yield Term(f"{clauses[index]}:{stems[index]}", token.words)
        if len(token.text) > SHORT_PREFIX:
            yield Term(shorten(token.text, SHORT_PREFIX), token.words)
        if len(token.text) > LONG_PREFIX:
            yield Term(stems[index], token.words)
        if index:
            yield Term(f"{stems[index - 1]} {stems[index]}", _words(tokens[index - 1 : index + 1]))


def _class_terms(tokens: list[_Token], stems: list[str], classes: list[_Class]) -> Iterator[Term]:
    for position, (mark, found, words) in enumerate(classes):
        yield Term(mark, words)
        yield Term(f"{found.clause}:{mark}", words)
        if found.end < len(tokens):
            yield Term(f"{mark} {stems[found.end]}", (*words, *tokens[found.end].words))
        if found.first:
            yield Term(f"{stems[found.first - 1]} {mark}", (*tokens[found.first - 1].words, *words))
        for index in range(position + 1, len(classes)):
            later = classes[index]
            if later.found.first - found.end >= CLASS_WINDOW:
                break
            yield Term(f"{mark} {later.mark}", (*words, *later.words))


def _sequence_terms(first: str, pair: str, classes: list[_Class]) -> Iterator[Term]:
    """Yield the first one to FIRST_CLASSES classes, under one name, and each two neighbours, under another."""
    for one, next_one in pairwise(classes):
        yield Term(f"{pair}:{one.mark} {next_one.mark}", (*one.words, *next_one.words))
    for count in range(1, min(FIRST_CLASSES, len(classes)) + 1):
        yield Term(f"{first}:{' '.join(each.mark for each in classes[:count])}", _words(classes[:count]))


def _valence_terms(classes: list[_Class]) -> Iterator[Term]:
    for _, found, words in classes:
        flipper = f"<{found.flipper}> " if found.flipper else ""
        yield Term(f"{found.clause}:{flipper}{_sign(found.valence)}", words)
        yield Term(f"{found.clause}:={_sign(found.composed)}", words)
    main = [each for each in classes if each.found.in_main_clause]
    for count in range(1, min(FIRST_CLASSES, len(main)) + 1):
        signs = "".join(_sign(each.found.composed) for each in main[:count])
        yield Term(f"first:={signs}", _words(main[:count]))
    if main:
        yield Term(f"last:={_sign(main[-1].found.composed)}", main[-1].words)


def _act_terms(stems: list[str], classes: list[_Class], main: list[_Class]) -> Iterator[Term]:
    acts = [each for each in main if each.found.act]
    if main and not acts:
        yield Term("acts:none", _words(main))
    if not acts:
        return
    yield from _sequence_terms("acts", "then", acts)
    total = sum(each.found.composed for each in acts)
    yield Term(f"sum:{max(-MOST_SUM, min(MOST_SUM, total)):+d}", _words(acts))
    act = acts[0]
    yield Term(f"act:{stems[act.found.first]}", act.words)
    others = [each for each in main if not each.found.light]
    ahead = (index for index, each in enumerate(others) if each.found.first >= act.found.first)
    at = next(ahead, len(others))
    if at:
        yield Term(f"subject:{others[at - 1].mark} {act.mark}", (*others[at - 1].words, *act.words))
    if at + 1 < len(others):
        yield Term(f"object:{act.mark} {others[at + 1].mark}", (*act.words, *others[at + 1].words))
    aside = next((each for each in classes if each.found.valence and not each.found.in_main_clause), None)
    if aside:
        signs = f"{_sign(act.found.composed)} beside {_sign(aside.found.composed)}"
        yield Term(signs, (*act.words, *aside.words))


def _sign(valence: int) -> str:
    return "-0+"[valence + 1]


def _words(parts: Sequence[_Token | _Class]) -> tuple[int, ...]:
    return tuple(index for part in parts for index in part.words)


def shorten(word: str, length: int) -> str:
    """Return a word, cut to `length` characters and marked with * when it is longer."""
    return word if len(word) <= length else word[:length] + "*"
