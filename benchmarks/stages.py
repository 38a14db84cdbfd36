"""What the stages of the native kernel cost, above the floor of finding words: python -m benchmarks.stages.

The shipped model is scored as it is, and with parts taken away. Without terms, every look-up fails at once in a table
of one bucket, and nothing is counted or added up. Without its lexicon as well there are no classes, names and
flippers either: what is left is words, clauses and the hashes of their terms. The step from a row to the next is what
the part costs that was taken away. Above them stand what the machine does with the same bytes at best, copying them
and making them lower-case, and Python's own `str.split`. Each row is timed in turns with the whole.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.models import NEVER
from benchmarks.own_rows import predictor
from benchmarks.section import ask_probabilities
from benchmarks.texts import default_texts, draw, read_texts
from benchmarks.timing import alternate, one_core
from stance import StanceError
from stance.kernel import kernel_name
from stance.lexicon import Lexicon
from stance.model import Model
from stance.shipped import shipped_classifier
from stance.terms import TermExtractor, split_words
from stance.training.shipped import DATA

NO_ENTRIES = f'[none]\npolarity = 0\nentries = ["{NEVER}"]\n'


COUNTED = 2000
"""Of so many sentences the terms are counted."""


def main() -> int:
    options = _parse_arguments()
    path = options.texts or default_texts(options.data)
    try:
        texts = draw(read_texts(path), options.sentences)
    except (StanceError, OSError) as error:
        print(f"stages: {error}", file=sys.stderr)
        return 1
    size = sum(len(text.encode()) for text in texts)
    print(
        f"{kernel_name()} kernel; {len(texts):,} sentences of {path.name}, {size / len(texts):.0f} bytes on average\n"
    )
    print(f"{describe_terms(texts[:COUNTED])}\n")
    print("| what | µs a sentence | GB/s | of the whole |")
    print("| --- | ---: | ---: | ---: |")
    with one_core():
        whole = partial(ask_probabilities, predictor(shipped_classifier().model), texts)
        for what, run in _runs(texts):
            timing = alternate(run, whole)
            seconds = timing.our_median
            cells = (what, f"{1e6 * seconds / len(texts):.2f}", f"{size / seconds / 1e9:.3f}")
            print(f"| {' | '.join(cells)} | {seconds / timing.peer_median:.0%} |", flush=True)
    return 0


def describe_terms(texts: list[str]) -> str:
    """Say how many words and terms a sentence has on average, and how many of them the shipped model knows."""
    model = shipped_classifier().model
    extract, plain = TermExtractor(model.lexicon), TermExtractor(Lexicon(NO_ENTRIES))
    found = [extract(text) for text in texts]
    known = [[term for term in terms if term in model.vocabulary] for terms in found]
    counts = {
        "words": sum(len(split_words(text)) for text in texts),
        "terms": sum(map(len, found)),
        "of them without the lexicon": sum(len(plain(text)) for text in texts),
        "known to the model": sum(map(len, known)),
        "different ones": sum(len(set(terms)) for terms in known),
    }
    each = ", ".join(f"{count / len(texts):.0f} {what}" for what, count in counts.items())
    return f"A sentence has on average (first {len(texts):,}): {each}."


def _runs(texts: list[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    content, model = "\n".join(texts).encode(), shipped_classifier().model
    yield "copy the bytes", partial(bytearray, content)
    yield "make them lower-case", content.lower
    yield "`str.split`", lambda: [text.split() for text in texts]
    bare = without_terms(model)
    shapes = {"words, clauses, hashes": without_lexicon(bare), "and the lexicon": bare, "and the terms: all": model}
    for what, each in shapes.items():
        yield what, partial(ask_probabilities, predictor(each), texts)


def without_terms(model: Model) -> Model:
    """Return the model with a single term, which no sentence has."""
    return replace(model, vocabulary={NEVER: 0}, idf=model.idf[:1], weights=model.weights[:1])


def without_lexicon(model: Model) -> Model:
    """Return the model with a lexicon of a single entry, which no sentence has."""
    return replace(model, lexicon=Lexicon(NO_ENTRIES))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stages", description="Measure what the stages of scoring cost.")
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="sentences, one a line or JSON Lines (the news of --data)"
    )
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the folder of the news (%(default)s)")
    parser.add_argument("--sentences", type=int, default=20_000, metavar="N", help="in a batch (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
