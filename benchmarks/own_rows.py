"""The rows that set stance beside itself: threads, Arrow, whole documents, larger vocabularies and batches."""

import inspect
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import stance
from benchmarks.models import hide_rare, keep_frequent
from benchmarks.section import Section, Setup, ask_labels, ask_probabilities, rate_row, sentence_row, with_threads
from benchmarks.table import Reading, Row, Skip, Target, Unit
from benchmarks.texts import write_documents
from benchmarks.timing import alternate, one_core, warm_up
from stance import load
from stance.model import Model
from stance.shipped import shipped_classifier

DOCUMENTS = {"8 KB": 8_000, "64 KB": 64_000, "1 MB": 1_000_000}
DOCUMENTS_TOGETHER = 1_000_000
"""So many characters of documents are scored in turn: a short one over and over is learnt by heart by a processor."""

SMALL_BATCH = 1000
MIX = 100_000
"""How many different sentences the largest batch repeats, at most."""

LONGEST = 30.0
"""The largest batch is cut down to what takes about so many seconds."""

FLAT = Target(Reading.SHARE, 1.5, 1.1)


def _measure_threads(setup: Setup) -> Iterator[Row]:
    if "threads" not in inspect.signature(stance.predict).parameters:
        raise Skip("predict takes no number of threads")
    two, one = (partial(ask_probabilities, with_threads(stance.predict, number), setup.texts) for number in (2, 1))
    timing = alternate(two, one, time.perf_counter)
    yield rate_row("2 threads against 1", timing, len(setup.texts), Unit.PER_SECOND, Target(Reading.TIMES, 1.7, 1.95))


def _measure_arrow(setup: Setup) -> Iterator[Row]:
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise Skip("pyarrow is not installed (.venv/bin/pip install -e '.[bench]')") from error
    predict, column = with_threads(stance.predict, 1), pyarrow.array(setup.texts)
    try:
        predict(column[:1])
    except TypeError as error:
        raise Skip(f"predict takes no Arrow array ({error})") from error
    with one_core():
        timing = alternate(
            partial(ask_probabilities, predict, column), partial(ask_probabilities, predict, setup.texts)
        )
    target = Target(Reading.TIMES, 1.0, 1.3)
    yield rate_row("Arrow array against list of str", timing, len(setup.texts), Unit.PER_SECOND, target)


def _measure_documents(setup: Setup) -> Iterator[Row]:
    score, predict = with_threads(stance.score_document, 1), with_threads(stance.predict, 1)
    for name, size in DOCUMENTS.items():
        documents = write_documents(setup.texts, size, DOCUMENTS_TOGETHER)
        alone = [[each.text for each in score(one).sentences if not each.furniture] for one in documents]
        with one_core():
            timing = alternate(partial(_each, score, documents), partial(_each, partial(ask_labels, predict), alone))
        what, megabytes = f"document of {name} against its sentences", len("".join(documents).encode()) / 1e6
        yield rate_row(what, timing, megabytes, Unit.MEGABYTES_PER_SECOND, Target(Reading.TIMES, 0.5, 0.8))


def _each(call: Callable[[Any], object], items: Iterable[Any]) -> None:
    for item in items:
        call(item)


def _measure_vocabulary(setup: Setup) -> Iterator[Row]:
    whole, count = shipped_classifier().model, len(setup.texts)
    few = len(whole.vocabulary) // 10
    small = partial(ask_probabilities, predictor(keep_frequent(whole, few)), setup.texts)
    for name, model in {"as many found": hide_rare(whole, few), "more of them found": whole}.items():
        large = partial(ask_probabilities, predictor(model), setup.texts)
        with one_core():
            timing = alternate(large, small)
        what = f"time per sentence, {len(model.vocabulary):,} terms ({name}) against {few:,}"
        yield sentence_row(what, timing, (count, count), FLAT)


def _measure_growth(setup: Setup) -> Iterator[Row]:
    predict = with_threads(stance.predict, 1)
    with one_core():
        seconds = warm_up(partial(predict, setup.sentences[:SMALL_BATCH]))
        count = max(SMALL_BATCH, min(setup.largest, int(LONGEST / seconds) * SMALL_BATCH))
        mix = setup.sentences[: min(count, MIX)]
        large = list(islice(cycle(mix), count))
        batches = [mix[start : start + SMALL_BATCH] for start in range(0, len(mix), SMALL_BATCH)]
        timing = alternate(
            partial(ask_probabilities, predict, large),
            lambda: [ask_probabilities(predict, each) for each in batches],
        )
    what = f"time per sentence, batch of {count:,} against {SMALL_BATCH:,}"
    yield sentence_row(what, timing, (count, len(mix)), FLAT)


def predictor(model: Model) -> Callable[..., Any]:
    """Return `predict` of a model that has been through a file, as every model that is used has."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(model.to_bytes())
        return with_threads(load(path).predict, 1)


OWN_SECTIONS = (
    Section("threads", "2 threads against 1", _measure_threads),
    Section("arrow", "Arrow array against list of str", _measure_arrow),
    Section("document", "document against its sentences", _measure_documents),
    Section("vocabulary", "time per sentence as the vocabulary grows", _measure_vocabulary),
    Section("growth", "time per sentence as the batch grows", _measure_growth),
)
