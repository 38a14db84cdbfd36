"""The rows that set stance beside other tools: batches, single calls and fresh processes."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import joblib

import stance
from benchmarks import peers
from benchmarks.cold_start import NOTHING, NUMPY, STANCE, measure_starts, pipeline_code
from benchmarks.models import rebuild_pipeline
from benchmarks.section import Section, Setup, ask_labels, rate_row, sentence_row, with_threads
from benchmarks.table import Reading, Row, Target, Unit
from benchmarks.timing import Run, alternate, one_core
from stance.shipped import shipped_classifier

SINGLE_CALLS = 1000

Call = Callable[[str], object]


def _batch(peer: peers.Peer, name: str, target: Target) -> Section:
    """Return the section of a peer's throughput."""
    title = f"batch against {name}"

    def measure(setup: Setup) -> Iterator[Row]:
        with one_core():
            score = partial(ask_labels, with_threads(stance.predict, 1), setup.texts)
            timing = alternate(score, peer(setup.texts, setup.lessons))
        yield rate_row(title, timing, len(setup.texts), Unit.PER_SECOND, target)

    return Section("batch", title, measure)


def _single(prepare: Callable[[peers.Lessons], Call], name: str, target: Target) -> Section:
    """Return the section of a peer's calls with one sentence each."""
    title = f"single call against {name}"

    def measure(setup: Setup) -> Iterator[Row]:
        sentences = setup.texts[:SINGLE_CALLS]
        with one_core():
            call = prepare(setup.lessons)
            timing = alternate(
                lambda: [stance.predict(sentence).label for sentence in sentences],
                lambda: [call(sentence) for sentence in sentences],
            )
        yield sentence_row(title, timing, (len(sentences), len(sentences)), target)

    return Section("single", title, measure)


def _shipped_pipeline(sentences: Sequence[str], lessons: peers.Lessons) -> Run:
    return peers.full_pipeline(shipped_classifier())(sentences, lessons)


def _vader_call(_: peers.Lessons) -> Call:
    return peers.vader_call()


def _measure_fresh_processes(setup: Setup) -> Iterator[Row]:
    folder = setup.lessons.folder
    joblib.dump(rebuild_pipeline(shipped_classifier().model), folder / "pipeline.joblib")
    codes = {
        "stance": STANCE,
        "import numpy": NUMPY,
        "scikit-learn and joblib": pipeline_code(folder / "pipeline.joblib"),
        "an empty program": NOTHING,
    }
    starts = measure_starts(codes, folder, setup.starts)
    ours = starts.pop("stance")
    for name, start in starts.items():
        values = ours.milliseconds, start.milliseconds, Unit.MILLISECONDS
        yield Row(f"cold start against {name}", *values, START_TARGETS.get(name, Target(Reading.SHARE)))
    for name, start in starts.items():
        values = ours.megabytes, start.megabytes, Unit.MEGABYTES
        yield Row(f"its peak memory against {name}", *values, MEMORY_TARGETS.get(name, Target(Reading.SHARE)))


START_TARGETS = {
    "import numpy": Target(Reading.SHARE, 1.0, 0.4),
    "scikit-learn and joblib": Target(Reading.FASTER, 10, 25),
}
MEMORY_TARGETS = {"import numpy": Target(Reading.SHARE, 1.3, 0.8)}

PEER_SECTIONS = (
    _batch(_shipped_pipeline, "the same pipeline in scikit-learn", Target(Reading.TIMES, 100, 300)),
    _batch(peers.plain_pipeline, "word 1–2-grams + LR in scikit-learn", Target(Reading.TIMES, 8, 20)),
    _batch(peers.fasttext, "fastText", Target(Reading.TIMES, 3, 8)),
    _batch(peers.vowpal_wabbit, "Vowpal Wabbit", Target(Reading.TIMES)),
    _batch(peers.vader, "VADER", Target(Reading.TIMES, 20, 50)),
    _batch(peers.textblob, "TextBlob", Target(Reading.TIMES)),
    _single(peers.fasttext_call, "fastText", Target(Reading.FASTER, 1.5, 4)),
    _single(_vader_call, "VADER", Target(Reading.FASTER)),
    Section("start", "cold start", _measure_fresh_processes),
)
