"""Hostile strings: whatever is read, predicting, explaining and scoring it raise nothing and say where words stand.

`strings` makes them at random, `huge` takes a few that are very large. `--replay FILE` tries a list of strings once
more that was kept because one of them failed; the file is a list as Python writes it, in ASCII.
"""

import argparse
import ast
import json
import math
import os
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from campaigns.hostile_text import make_text
from campaigns.trials import add_plan, finish, read_plan, replay, run_trials
from stance import DocumentScore, Explanation, Prediction, explain, find_actors, predict, score_document

TOGETHER = 16
"""How many strings make one trial: they are predicted alone, together, and together in another order."""

WRITTEN = 4
"""Of so many strings one explanation and score is also written down, which takes as long as finding them."""

SOUND = "sound"
VOICES = ("quoted", "paraphrased", "narrated")
KEPT = "campaigns-kept/text"
KERNEL = "STANCE_KERNEL"
"""The variable of the environment that chooses the kernel before stance is imported."""

MOST_SECONDS = 300.0
"""How much processor time each call may take with one of the huge strings."""


_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""Lone surrogates, but such as JSON takes for one character."""


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Strings:
    """Random hostile strings, TOGETHER of them to a trial."""

    outcomes: tuple[str, ...] = (SOUND,)
    suffix: str = ".list"

    def make(self, number: int, dice: random.Random) -> bytes:  # noqa: ARG002 (each is as random as the next)
        """Return a list of strings as Python writes it in ASCII; JSON would join surrogates that stand side by side."""
        return ascii([make_text(dice) for _ in range(TOGETHER)]).encode()

    def judge(self, content: bytes) -> str:
        """Try each of the strings alone, and all together."""
        texts: list[str] = ast.literal_eval(content.decode("ascii"))
        alone = [check_text(text, written=not place % WRITTEN) for place, text in enumerate(texts)]
        check_batch(texts, alone)
        return SOUND


def check_text(text: str, *, written: bool = True) -> Prediction:
    """Predict, explain and score a text and return the prediction; raise AssertionError where one breaks its word.

    Where `written` says so, what was found is also written as text, HTML and JSON.
    """
    try:
        prediction, explanation, document = predict(text), explain(text), score_document(text)
        check_prediction(prediction)
        check_explanation(text, prediction, explanation)
        check_document(text, document)
        if written:
            str(explanation)
            explanation.to_html()
            check_json(text, document)
            require(find_actors(text) == document.actors, "find_actors finds others")
    except BaseException as error:
        error.add_note(f"the text was {text[:2000]!a}")
        raise
    return prediction


def check_batch(texts: Sequence[str], alone: Sequence[Prediction]) -> None:
    """Check that the texts get the same predictions together as alone, in either order."""
    require(list(predict(texts)) == list(alone), "a prediction differs alone and in a batch")
    require(list(predict(texts[::-1])) == list(alone[::-1]), "a prediction differs in another order")


def check_prediction(prediction: Prediction) -> None:
    """Check that the probabilities are some."""
    values = prediction.probabilities.values()
    require(all(0 <= value <= 1 for value in values), "probabilities {}", values)
    require(abs(sum(values) - 1) < 1e-9, "probabilities {} whose sum is not 1", values)
    require(prediction.confidence == max(values), "a label that is not the likeliest")
    require(prediction.score is not None and -1 <= prediction.score <= 1, "score {}", prediction.score)


def check_explanation(text: str, prediction: Prediction, explanation: Explanation) -> None:
    """Check that the words of an explanation stand where they say and that it explains this prediction."""
    require(explanation.prediction == prediction, "an explanation of another prediction")
    for word in explanation.words:
        require(text[word.start : word.end] == word.text != "", "a word {!r} that does not stand there", word.text)
        require(all(map(math.isfinite, word.contributions)), "contributions {}", word.contributions)
    check_apart(explanation.words, "words")
    require(explanation.sentence == text, "an explanation of another sentence")


def check_document(text: str, document: DocumentScore) -> None:
    """Check that sentences, actors and relations of a document stand where they say."""
    check_sentences(text, document)
    for actor in document.actors:
        surface = text[actor.start : actor.end]
        require(bool(surface) and surface == surface.strip(), "an actor {!r} at {!r}", actor.name, surface)
    check_apart(document.actors, "actors")
    for relation in document.relations:
        require(-1 <= relation.score <= 1 and 0 <= relation.intensity <= 1, "relation of {}", relation.score)
        require(
            all(text[each.start : each.end] == each.text for each in relation.sentences),
            "a relation's sentence elsewhere",
        )
    require(document.score is not None and -1 <= document.score <= 1, "score {}", document.score)
    require(document.intensity is not None and 0 <= document.intensity <= 1, "intensity {}", document.intensity)


def check_json(text: str, document: DocumentScore) -> None:
    """Check that a document reads back from JSON as it is, but for surrogates that stand side by side."""
    written = document.to_json()
    read = json.loads(written)
    same = json.dumps(read) == written if _HALVES.search(text) else read == document.to_dict()
    require(same, "JSON that reads back as something else")


def check_sentences(text: str, document: DocumentScore) -> None:
    """Check that the sentences are in order and apart and that nothing but white space is between them."""
    sentences = document.sentences
    for sentence in sentences:
        require(text[sentence.start : sentence.end] == sentence.text, "a sentence that does not stand there")
        require(sentence.text == sentence.text.strip() != "", "white space around a sentence {!r}", sentence.text)
        require(sentence.voice in VOICES, "voice {!r}", sentence.voice)
        if sentence.prediction:
            check_prediction(sentence.prediction)
    check_apart(sentences, "sentences")
    edges = [0, *(edge for each in sentences for edge in (each.start, each.end)), len(text)]
    between = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    require(not between.strip(), "no sentence has {!r}", between.strip())


def check_apart(spans: Sequence[_Span], name: str) -> None:
    """Check that spans are in order, not empty, and do not overlap."""
    require(all(span.start < span.end for span in spans), "{} without a character", name)
    require(all(one.end <= after.start for one, after in pairwise(spans)), "{} that overlap", name)


def require(holds: bool, otherwise: str, *values: object) -> None:
    """Raise AssertionError, also where Python runs without assertions, unless something holds.

    The values are put into the message only then, which is most of the time of a check.
    """
    if not holds:
        raise AssertionError(otherwise.format(*values))


def huge_texts(size: int = 1_000_000) -> Iterator[tuple[str, str]]:
    """Yield a few very large texts by their names; `size` is the number of characters of most of them."""
    words = "Iran accused Iraq of sending troops over the border at night, officials said and "
    yield "line without an end", words * (10 * size // len(words))
    yield "emoji", "\U0001f600" * (size // 10)
    yield "opening quotes", "“" * size
    yield "straight quotes", '"' * size
    yield "opening brackets", "(" * size
    yield "brackets in pairs", "()" * (size // 2)
    yield "one word", "a" * size
    yield "NUL", "\0" * size
    yield "lone surrogates", "\ud800" * size
    yield "blanks", " " * size
    yield "line separators", "\u2028" * size
    yield "combining marks", "e" + "\u0301" * size


def check_huge(size: int = 1_000_000) -> Iterator[tuple[str, float]]:
    """Check each huge text and yield its name with the seconds of its slowest call; raise when that is too slow."""
    for name, text in huge_texts(size):
        slowest = 0.0
        for call in (predict, explain, score_document):
            started = time.process_time()
            result = call(text)
            slowest = max(slowest, time.process_time() - started)
            if isinstance(result, DocumentScore):
                check_sentences(text, result)
        require(slowest <= MOST_SECONDS, "{}: {:.0f} s", name, slowest)
        yield name, slowest


def main() -> int:
    """Run one part of the campaign and return its exit status."""
    arguments = _parse_arguments()
    if arguments.replay:
        print(replay(Strings(), arguments.replay))
        return 0
    if arguments.part == "huge":
        for name, seconds in check_huge(arguments.size):
            print(f"huge: {name}: {seconds:.1f} s", flush=True)
        return 0
    report = run_trials(Strings(), read_plan(arguments))
    name = f"strings: {report.trials * TOGETHER:,}, kernel {os.environ.get(KERNEL, 'by default')}"
    return finish([(name, report)], arguments.kept)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaigns.text", description=__doc__)
    parser.add_argument("part", choices=("strings", "huge"))
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try the strings of a file that was kept")
    parser.add_argument("--size", type=int, default=1_000_000, help="characters of most huge strings (%(default)s)")
    parser.add_argument("--kernel", help=f"what {KERNEL} is set to, such as pure")
    add_plan(parser, count=2000, kept=KEPT)
    arguments = parser.parse_args()
    if arguments.kernel and os.environ.get(KERNEL) != arguments.kernel:
        os.environ[KERNEL] = arguments.kernel
        os.execv(sys.executable, [sys.executable, "-m", "campaigns.text", *sys.argv[1:]])  # stance is imported already
    return arguments


if __name__ == "__main__":
    sys.exit(main())
