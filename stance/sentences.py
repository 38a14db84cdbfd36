"""Where the sentences of a text begin and end.

The library sentencex finds the boundaries inside a line; here is what stands around it. A text is first cut
into paragraphs, the lines are made safe for the library and fed to it in bounded windows, and boundaries that
it sees in newswire where there are none are taken back. Everything is linear in the length of the text.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import sentencex

from stance.furniture import is_furniture
from stance.kernel import native_module


class Span(NamedTuple):
    """A stretch of a text: `text[start:end]`."""

    start: int
    end: int


_span = partial(tuple.__new__, Span)
"""Makes a Span of a pair in half the time."""

WRAP_MIN = 40
"""Text wrapped at a fixed width has no lines shorter than this, but for the last of a paragraph."""

WRAP_MAX = 120
"""A block with a longer line than this is not wrapped at a fixed width."""

WINDOW = 1000
"""How many characters sentencex sees at once; it is quadratic in a row of opening quotes."""

BATCH = 10_000
"""How many bytes of lines sentencex gets at most at once; past 10 KiB it forgets some of the breaks between them."""

_MOST_BYTES = 4
"""Of a character in UTF-8."""

LINES_AT_ONCE = 2**16
"""How many characters of a text are cut into lines at once, more where a line is longer."""

_CONTEXT = 60
"""How many characters on either side of a boundary decide whether it stands."""

_BREAK = "\n\n"
"""What sentencex takes for the end of a paragraph."""

UNSAFE, MAY_MISS = 1, 2
"""What a line may be, for all that a quick look tells."""

_UNSAFE_SPACE = re.compile(r"[^\S ]")
"""White space other than the plain one makes sentencex panic next to a full stop."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Lone surrogates sentencex refuses; they become a character that is neither white space nor part of a word."""

_ENDED = re.compile(r"[.!?…:;][\"'”’»)\]]*$")


def split_sentences(text: str) -> list[Span]:
    """Return the sentences of a text, in order, each without the white space around it.

    The spans do not overlap, and together they cover all that is not white space.

    >>> text = "Mr. Diaz met Gen. Roy at 5 p.m. Friday. They agreed."
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Mr. Diaz met Gen. Roy at 5 p.m. Friday.', 'They agreed.']
    """
    paragraphs = split_paragraphs(text)
    return unpack(b"".join(split_each(paragraphs, [text[start:end] for start, end in paragraphs])))


def unpack(edges: bytes) -> list[Span]:
    """Return the Spans of sentences that are two int64 each."""
    values = memoryview(edges).cast("q").tolist()
    return list(map(_span, zip(values[::2], values[1::2], strict=True)))


def split_paragraphs(text: str) -> list[Span]:
    """Return the paragraphs of a text, in order, each without the white space around it.

    A blank line always separates. A single newline does too, unless the text is hard-wrapped there, which takes a
    block of lines of at most WRAP_MAX characters, a line before it of at least WRAP_MIN and either a next line that
    begins in lower case where no sentence ended, or, in a block that has such a place, a next word that would not
    have fitted into the widest line of the block. A line of web furniture always stands alone.
    """
    paragraphs: list[tuple[int, int]] = []
    for block in _choose(_find_blocks)(text):
        paragraphs += block if len(block) == 1 else _join_wrapped(text, list(map(_span, block)))
    return list(map(_span, paragraphs))


def _find_blocks(text: str) -> list[list[tuple[int, int]]]:
    """Return the blocks of lines between blank ones, each line without the white space around it."""
    blocks: list[list[tuple[int, int]]] = []
    ended = True
    at = 0
    for line in _split_lines(text):
        size = len(line)
        if stripped := line.strip():
            start = at if line.startswith(stripped[0]) else at + size - len(line.lstrip())
            if ended:
                blocks.append([])
            blocks[-1].append((start, start + len(stripped)))
        ended = not stripped
        at += size
    return blocks


def _split_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, not all at once: one of nothing but line ends could need gigabytes."""
    at, size = 0, LINES_AT_ONCE
    while at + size < len(text):
        lines = text[at : at + size].splitlines(keepends=True)
        cut = lines.pop()  # perhaps in its middle
        yield from lines
        at, size = at + size - len(cut), LINES_AT_ONCE if lines else 2 * size
    yield from text[at:].splitlines(keepends=True)


def split_each(paragraphs: Sequence[Span], lines: Sequence[str]) -> list[bytes]:
    """Return the sentences of each paragraph of a text, given what the paragraphs say.

    A sentence is two int64, where it starts and ends in the text; `unpack` makes Spans of them.
    """
    looks = list(map(_choose(_inspect_line), lines))
    safe = [_make_safe(line) if look & UNSAFE else line for line, look in zip(lines, looks, strict=True)]
    starts = _find_starts(safe)
    for index, look in enumerate(looks):
        if look & MAY_MISS:
            starts[index] = sorted({*starts[index], *(missed.end() for missed in _MISSED.finditer(safe[index]))})
    return list(map(_choose(_cut_line), paragraphs, safe, starts, repeat(_continues)))


@cache
def _choose(twin: Callable[..., Any]) -> Callable[..., Any]:
    """Return the native function that does what one of this module does, or that one where it is not to be had.

    The environment is asked once: that takes as long as a sentence.
    """
    chosen: Callable[..., Any] = getattr(native_module(), twin.__name__.removeprefix("_"), twin)
    return chosen


def _inspect_line(line: str) -> int:
    """Tell whether a line may hold what sentencex cannot take (UNSAFE) or an end that it misses (MAY_MISS).

    Both twins say yes of some other lines, not of the same ones, which are only read more slowly.
    """
    return UNSAFE * (not line.isprintable()) | MAY_MISS * (".)" in line or "May." in line)


def _make_safe(line: str) -> str:
    return _SURROGATE.sub("\ufffd", _UNSAFE_SPACE.sub(" ", line))


def _cut_line(paragraph: Span, line: str, starts: Sequence[int], continues: Callable[[str, int, int], bool]) -> bytes:
    """Return the sentences of a paragraph of which the library and `_MISSED` say where they start.

    `continues`, which is `_continues`, takes boundaries back, and must take those in front of the sentence or behind
    the line; the native one does not ask it where the answer is plain.
    """
    offset, end = paragraph
    edges = array("q")
    sentence = 0
    for start in starts[1:]:
        if not continues(line, sentence, start):
            edges.extend((offset + sentence, offset + sentence + len(line[sentence:start].rstrip())))
            sentence = start
            while line[sentence] == " ":
                sentence += 1
    edges.extend((offset + sentence, end))
    return edges.tobytes()


def _join_wrapped(text: str, block: list[Span]) -> list[Span]:
    """Join those lines of a block that are one paragraph wrapped at a fixed width."""
    width = max((end - start for start, end in block), default=0)
    if len(block) < 2 or width < WRAP_MIN or width > WRAP_MAX:
        return block
    pairs = list(pairwise(block))
    run_on = [_runs_on(text, line, after) for line, after in pairs]
    if not any(run_on):
        return block
    furniture = [is_furniture(text[start:end]) for start, end in block]
    joined = [block[0]]
    for index, (line, after) in enumerate(pairs):
        goes_on = run_on[index] or _is_full(text, line, after, width)
        if goes_on and not furniture[index] and not furniture[index + 1]:
            joined[-1] = Span(joined[-1].start, after.end)
        else:
            joined.append(after)
    return joined


def _runs_on(text: str, line: Span, after: Span) -> bool:
    """Whether a long line ends no sentence and the next begins in lower case."""
    if line.end - line.start < WRAP_MIN or not text[after.start].islower():
        return False
    return _ENDED.search(text[max(line.start, line.end - 4) : line.end]) is None


def _is_full(text: str, line: Span, after: Span, width: int) -> bool:
    """Whether the first word of the next line would not have fitted into this one."""
    word = text[after.start : after.end].split(maxsplit=1)[0]
    return line.end - line.start >= WRAP_MIN and line.end - line.start + 1 + len(word) > width


def _find_starts(lines: Sequence[str]) -> list[list[int]]:
    """Return where the sentences of each line start, the first of them at 0."""
    starts: list[list[int]] = []
    batch: list[str] = []
    size = 0
    for line in lines:
        length = len(line)
        room = (length if line.isascii() else _MOST_BYTES * length) + len(_BREAK)
        if batch and (length > WINDOW or size + room > BATCH):
            starts += _ask_sentencex(batch)
            batch, size = [], 0
        if length <= WINDOW:
            batch.append(line)
            size += room
        else:
            starts.append(_find_in_windows(line))
    return starts + _ask_sentencex(batch)


def _find_in_windows(line: str) -> list[int]:
    """Return where the sentences of a line start, looking at one window of it at a time.

    A window starts where the last sentence of the window before it did, or, when that one is longer than
    half of the window, where the window ended; so each character is looked at twice at most.
    """
    starts = {0}
    at = 0
    while at < len(line):
        window = _cut_window(line, at)
        (found,) = _ask_sentencex([window])
        starts.update(at + start for start in found[1:])
        overlaps = found[-1] > WINDOW // 2 and at + len(window) < len(line)
        at += found[-1] if overlaps else len(window)
    return sorted(starts)


def _cut_window(line: str, at: int) -> str:
    """Return the next WINDOW characters of a line, or a little less in order to end before a white space."""
    window = line[at : at + WINDOW]
    blank = window.rfind(" ", WINDOW // 2)
    return window if at + WINDOW >= len(line) or blank < 0 else window[:blank]


def _ask_sentencex(lines: Sequence[str]) -> list[list[int]]:
    """Return where sentencex sees the sentences of each line start, the first of them at 0.

    All lines are one text for it, with its own mark between paragraphs, which takes a third of the time. When it panics
    or its answer does not add up to the lines, it is asked about each, and sees one sentence where it fails again.
    """
    try:
        pieces = sentencex.segment("en", _BREAK.join(lines))
    except BaseException as error:  # PanicException derives from it directly, and pyo3 does not export it
        if type(error).__name__ != "PanicException":
            raise
        pieces = []
    starts: list[list[int]] | None = _choose(_add_up)(pieces, lines)
    if starts is not None:
        return starts
    return [[0]] if len(lines) == 1 else [row for line in lines for row in _ask_sentencex([line])]


def _add_up(pieces: Sequence[str], lines: Sequence[str]) -> list[list[int]] | None:
    """Return where the pieces of each line start in it, None when they do not add up to the lines."""
    starts: list[list[int]] = [[]]
    sizes = [0]
    for piece in pieces:
        if piece == _BREAK:
            starts.append([])
            sizes.append(0)
        else:
            starts[-1].append(sizes[-1])
            sizes[-1] += len(piece)
    return starts if sizes == list(map(len, lines)) else None


_MISSED = re.compile(r"(?:\bMay\.|[a-z]\.\)) (?=[\"'“‘]?[A-Z])")
"""Ends that sentencex 1.0 misses: the month of May, which has no abbreviation, and a sentence in parentheses."""

_TITLE = re.compile(
    r"(?<!\w)(?:Amb|Atty|Brig|Cmdr|Ft|Gens|Gov|Lts|Mlle|Mme|Mohd|Ms|Mt|Mx|Retd|Sgts|Shri|Smt|Spc|Supt)\.$"
)
"""Abbreviations that stand before a name and that sentencex 1.0 takes for the end of a sentence."""

_CLOCK = re.compile(r"(?<!\w)[ap]\.m\.$")
_AFTER_CLOCK = re.compile(
    r"\(|(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4}T|GMT|UTC|ET|PT|Eastern|Pacific|Central|Moscow|Beijing"
    r"|Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)\b"
)
_LONGEST_END = 8
"""Titles, times and shortened words are no longer than this, with the character in front of them."""

_QUESTION_OR_CRY = re.compile(r"[!?][\"'”’)\]]*$")
_SHORTENED = re.compile(r"(?:(?<!\w)[A-Z]\w{0,4}|(?<!\w)(?:approx|est|ca|incl|al|etc|vs))\.$")
_QUOTED_CRY = re.compile(r"[!?][\"'”’]$")
_ATTRIBUTION = re.compile(
    r"(?:[A-Z][\w.'’-]{0,20} ){1,4}(?:asked|said|says|told|wrote|writes|added|replied|shouted|cried|tweeted)\b"
    r"(?:[.,:]| (?:on|in|at|of|to|after|during|when|as|reporters|him|her|them)\b)"
)
_DATELINE = re.compile(r"[A-Z][A-Z .'’,/-]{1,40}, [A-Z][a-z]{2,8}\.? [0-9]{1,2}\.$|.{0,40}/[A-Z-]{2,12}/\.$")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]$")
_WORD = re.compile(r"\w")


def _continues(line: str, sentence: int, boundary: int) -> bool:
    """Whether the sentence that starts at `sentence` goes on behind a boundary that sentencex found."""
    before = line[max(sentence, boundary - _CONTEXT) : boundary].rstrip()
    after = line[boundary : boundary + _CONTEXT].lstrip()
    if not _WORD.search(before) or not _WORD.search(after):
        return True
    end = before[-_LONGEST_END:]
    if after[0].islower() and (_QUESTION_OR_CRY.search(before) or _SHORTENED.search(end)):
        return True
    if _TITLE.search(end) or (_CLOCK.search(end) and _AFTER_CLOCK.match(after)):
        return True
    if _QUOTED_CRY.search(end) and _ATTRIBUTION.match(after):
        return True
    if boundary - sentence > _CONTEXT:
        return False
    return bool(_ENUMERATOR.match(before) or (sentence == 0 and _DATELINE.match(before)))
