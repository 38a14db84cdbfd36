"""The sentences of fixtures/evaluation, which are only measured on, and the benchmark on them."""

import json
from collections import Counter

import numpy as np

from benchmarks.systems import System
from benchmarks.written import WRITTEN, format_table, measure, training_rows
from stance import LABELS, predict
from stance.training.duplicates import cluster_duplicates

ROWS = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]


def test_each_kind_has_forty_sentences():
    assert set(Counter(row["kind"] for row in ROWS).values()) == {40}
    assert {row["label"] for row in ROWS} == set(LABELS)
    assert len(set(cluster_duplicates([row["text"] for row in ROWS]).tolist())) == len(ROWS)


def test_no_training_row_repeats_one(tmp_path):
    texts = [row["text"] for row in ROWS]
    examples = training_rows(tmp_path / "none", ROWS)
    assert len(examples) > 10_000
    clusters = cluster_duplicates([*texts, *(each.text for each in examples)]).tolist()
    assert set(clusters[: len(texts)]).isdisjoint(clusters[len(texts) :])


def test_shipped_model_reads_most_of_them():
    labels = predict(row["text"] for row in ROWS).labels
    assert np.mean([label == row["label"] for label, row in zip(labels, ROWS, strict=True)]) > 0.8


def test_table_has_a_row_for_each_kind():
    always = System("always", lambda _: lambda texts: np.tile([1.0, 0.0, 0.0], (len(texts), 1)))
    figures = measure(always, [], ROWS)
    table = format_table({"always": figures}).splitlines()
    assert len(table) == 2 + 1 + 10
    assert table[0] == "|  | always |"
    assert table[2].startswith("| all | 0.168 (")
