"""What the benchmark of speed does beside measuring: reading sentences, reshaping models, counting, writing rows."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks import launcher
from benchmarks.instructions import Count, format_report, read_functions, read_total
from benchmarks.models import hide_rare, keep_frequent, rebuild_pipeline
from benchmarks.section import rate_row, sentence_row, with_threads
from benchmarks.table import Reading, Row, Target, Unit, head, line, skipped_cells, three_digits
from benchmarks.texts import CORPUS, default_texts, draw, read_texts, write_documents
from benchmarks.timing import Timing, calls_for
from stance import load
from stance.classifier import Classifier
from stance.errors import DataError

LISTING = """\
29,042,848 (100.0%)  ???:0x000000000001ab70 [/usr/lib/ld-linux-x86-64.so.2]
   900,175 ( 3.10%)  /src/kernel.c:score_batch
   900,175 ( 3.10%)  kernel.c:score_batch [/package/kernel.so]
       175 ( 0.00%)  tables.h:score_batch [/package/kernel.so]
   900,021 (94.05%)  ???:find terms'2 [/package/kernel.so]
        90 ( 0.00%)  ???:0x00000000000010e0 [/package/kernel.so]
    40,675 ( 0.14%)  ./nptl/lock.c:lock@@GLIBC_2.2.5 [/usr/lib/libc.so.6]
"""


@pytest.fixture(scope="module")
def small(small_model) -> Classifier:
    return load(small_model)


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return draw(read_texts(CORPUS), 200)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1234567.8, "1,234,568"),
        (100, "100"),
        (99.96, "100"),
        (12.345, "12.3"),
        (1.0, "1.00"),
        (0.012345, "0.0123"),
        (0, "0.00"),
    ],
)
def test_value_has_three_digits_or_more(value, written):
    assert three_digits(value) == written


@pytest.mark.parametrize(
    ("reading", "ratio"), [(Reading.TIMES, "0.500×"), (Reading.FASTER, "2.00×"), (Reading.SHARE, "0.500×")]
)
def test_ratio_is_read_as_target_says(reading, ratio):
    assert Row("any", 2.0, 4.0, Unit.MILLISECONDS, Target(reading)).cells()[3] == ratio


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        (Target(Reading.TIMES, 3, 8), 2.99, "no"),
        (Target(Reading.TIMES, 3, 8), 3.0, "yes"),
        (Target(Reading.FASTER, 3, 8), 8.0, "aim"),
        (Target(Reading.SHARE, 1.5, 1.1), 1.51, "no"),
        (Target(Reading.SHARE, 1.5, 1.1), 1.5, "yes"),
        (Target(Reading.SHARE, 1.5, 1.1), 0.9, "aim"),
        (Target(Reading.TIMES), 1.0, "–"),
    ],
)
def test_verdict_follows_direction_of_target(target, ratio, verdict):
    assert target.verdict(ratio) == verdict


def test_row_has_units_and_bounds():
    row = Row("peak memory", 39.25, 26.1, Unit.MEGABYTES, Target(Reading.SHARE, 1.3, 0.8))
    assert line(row.cells()) == "| peak memory | 39.2 MB | 26.1 MB | 1.50× | ≤ 1.3× | ≤ 0.8× | no |"


def test_skipped_row_has_its_reason():
    cells = skipped_cells("batch against fastText", "fasttext is not installed")
    assert line(cells) == "| batch against fastText | – | – | – | – | – | skipped: fasttext is not installed |"
    assert head().splitlines()[0] == "| what | stance | peer | ratio | at least | aim | met |"


def test_value_of_side_is_median_round():
    timing = Timing(ours=(0.1, 9.0, 0.2), peer=(0.4, 0.3, 0.5))
    row = rate_row("batch", timing, 100, Unit.PER_SECOND, Target(Reading.TIMES))
    assert (row.ours, row.peer) == (500.0, 250.0)


def test_sides_are_compared_by_the_sentence():
    row = sentence_row("growth", Timing(ours=(2.0,), peer=(1.0,)), (1_000_000, 500_000), Target(Reading.SHARE))
    assert (row.ours, row.peer, row.ratio) == (2.0, 2.0, 1.0)


@pytest.mark.parametrize(("seconds", "calls"), [(0.001, 200), (0.15, 2), (0.2, 1), (60.0, 1)])
def test_short_side_is_called_long_enough(seconds, calls):
    assert calls_for(seconds) == calls


def test_threads_are_set_only_where_taken():
    assert with_threads(lambda text, threads=0: (text, threads), 2)("a") == ("a", 2)
    assert with_threads(str.upper, 2)("a") == "A"


def test_empty_lines_are_no_sentences(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("One  sentence.\n\n \tAnother\u00a0one.\n", encoding="utf-8")
    assert read_texts(path) == ["One sentence.", "Another one."]


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz"])
def test_json_lines_give_their_texts(tmp_path, name):
    content = "".join(json.dumps({"text": text}) + "\n" for text in ("One\nsentence.", "", "Another."))
    path = tmp_path / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    assert read_texts(path) == ["One sentence.", "Another."]


def test_file_without_a_sentence_is_refused(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.txt: no sentence in it"):
        read_texts(path)


def test_corpus_replaces_missing_news(tmp_path):
    assert default_texts(tmp_path) == CORPUS
    (tmp_path / "news_unlabelled.jsonl.gz").touch()
    assert default_texts(tmp_path) == tmp_path / "news_unlabelled.jsonl.gz"


def test_sentences_are_drawn_alike_each_time():
    assert draw("abcdef", 3) == draw("abcdef", 3)
    assert draw("abcdef", 3) != list("abc")
    assert sorted(draw("abcdef", 9)) == list("abcdef")


def test_documents_repeat_sentences_until_long_enough():
    documents = write_documents(["One.", "Two.", "Three."], 20, together=40, per_paragraph=2)
    assert documents == ["One. Two.\n\nThree. One.", "Two. Three.\n\nOne. Two."]


def test_rebuilt_pipeline_agrees_with_its_model(small, sentences):
    members = np.array([[each.label == label for label in small.labels] for each in small.model.classes])
    found = rebuild_pipeline(small.model).predict_proba(sentences) @ members
    predictions = small.predict(sentences)
    known = predictions.evidence > 0
    assert known.sum() > 190
    assert_allclose(found[known], predictions.probabilities[known], rtol=0, atol=1e-6)


def test_hidden_terms_change_the_size_only(small, sentences):
    few, hidden = keep_frequent(small.model, 400), hide_rare(small.model, 400)
    assert (len(few.vocabulary), len(hidden.vocabulary)) == (400, len(small.model.vocabulary))
    one, other = Classifier(few).predict(sentences), Classifier(hidden).predict(sentences)
    assert one.labels == other.labels
    np.testing.assert_array_equal(one.evidence, other.evidence)
    assert one.evidence.sum() < small.predict(sentences).evidence.sum()


def test_launcher_prints_seconds_memory_and_status():
    command = [sys.executable, "-S", launcher.__file__, sys.executable, "-S", "-c", "raise SystemExit(3)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, kibibytes, status = done.stdout.split()
    assert float(seconds) > 0
    assert int(kibibytes) > 1000
    assert status == "3"


def test_total_is_read_from_callgrind_file():
    assert read_total("events: Ir\nsummary: 123\n\nfn=(1)\n1 5\ntotals: 123\n") == 123
    with pytest.raises(ValueError, match="no total in the file of callgrind"):
        read_total("events: Ir\n")


def test_named_native_functions_are_read():
    assert read_functions(LISTING, [Path("/package/kernel.so")]) == {"score_batch": 900_175, "find terms'2": 900_021}


def test_report_is_about_the_added_sentences():
    once = Count(1_000_000, {"score": 5_000, "load": 900_000})
    twice = Count(1_040_000, {"score": 35_000, "load": 900_000, "split": 10_000})
    assert format_report(once, twice, sentences=10, size=100).splitlines() == [
        "4,000 instructions per sentence, 40.0 per byte (10 sentences)",
        "",
        "| native function, with what it calls | per sentence | share |",
        "| --- | ---: | ---: |",
        "| score | 3,000 | 75.0% |",
        "| split | 1,000 | 25.0% |",
    ]


def test_report_says_why_shares_lack():
    lines = format_report(Count(100, {}), Count(300, {}), sentences=2, size=50).splitlines()
    assert lines == [
        "100 instructions per sentence, 2.0 per byte (2 sentences)",
        "shares skipped: stance ran without a native module, or it has no symbols",
    ]
