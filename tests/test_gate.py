import gzip
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from stance import load
from stance.container import RETRAIN
from stance.errors import DataError, ModelFormatError
from stance.labels import LABELS, Label
from stance.model import read_model
from stance.model_file import METADATA_KEY
from stance.training import Example
from stance.training.__main__ import main
from stance.training.evaluation import (
    classifier_probabilities,
    inspect_sets,
    load_all_sets,
    load_sets,
    measure_sets,
    set_texts,
)
from stance.training.gate import TOLERANCE, compare, format_table, judge, record_figures, ship
from stance.training.published import (
    PublishedLabel,
    SourceSentence,
    apply_labels,
    read_labels,
    read_sentences,
    write_labels,
)
from stance.training.shipped import MODEL, collect_examples

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "fixtures" / "corpus"
RECORD = ROOT / "docs" / "shipped-figures.json"
NO_RECORD = Path("no such record.json")


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder whose evaluation sets are made of the corpus."""
    folder = tmp_path_factory.mktemp("data")
    rows = [json.loads(line) for line in (CORPUS / "contrast.jsonl").read_text().splitlines()]
    news = [{**row, "id": f"{'wce' if n % 2 else 'ag'}:{n}", "clear": n % 3 == 0} for n, row in enumerate(rows[:200])]
    write_rows(folder / "news_dev.jsonl", news)
    write_rows(folder / "plover_dev.jsonl", [row for row in rows if row["label"] != "neutral"][:200])
    council = [{"text": row["text"], "conflict": row["label"] == "adversarial"} for row in rows[:200]]
    write_rows(folder / "unscon_dev.jsonl", council)
    return folder


@pytest.fixture(scope="module")
def worse_model(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small model with most of its knowledge turned round."""
    path = tmp_path_factory.mktemp("worse") / "worse.safetensors"
    model = read_model(small_model)
    path.write_bytes(replace(model, weights=np.ascontiguousarray(-model.weights)).to_bytes())
    return path


def test_model_passes_against_itself_and_none(small_model: Path, data: Path, tmp_path: Path) -> None:
    sets = load_sets(data)
    verdict = judge(small_model, small_model, NO_RECORD, sets)
    assert verdict.refusals == ()
    assert len(verdict.comparisons) == 6
    assert judge(small_model, tmp_path / "none.safetensors", NO_RECORD, sets).refusals == ()


@pytest.fixture
def outdated(small_model: Path, tmp_path: Path) -> Path:
    """Return the small model as a version of other terms would have written it."""
    with safe_open(small_model, framework="numpy") as file:
        header = json.loads(file.metadata()[METADATA_KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    path = tmp_path / "shipped.safetensors"
    save_file(tensors, path, {METADATA_KEY: json.dumps({**header, "terms_version": 0})})
    return path


def test_unusable_shipped_model_leaves_its_record(
    small_model: Path, worse_model: Path, outdated: Path, data: Path, tmp_path: Path
) -> None:
    sets, record, before = load_sets(data), tmp_path / "figures.json", outdated.read_bytes()
    record_figures(small_model, record, sets)
    refused = ship(worse_model.read_bytes(), outdated, outdated, record, sets)
    reason = f"{outdated}: terms version 0, this version knows 1 and 2; {RETRAIN}"
    cause = f"since this version cannot use the shipped model: {reason}"
    assert refused.findings == (f"compared with the figures in {record}, {cause}",)
    assert "unscon_dev AUC" in refused.refusals[-1]
    assert outdated.read_bytes() == before
    assert ship(small_model.read_bytes(), outdated, outdated, record, sets).refusals == ()
    assert outdated.read_bytes() == small_model.read_bytes()


def test_missing_shipped_model_leaves_its_record(
    small_model: Path, worse_model: Path, data: Path, tmp_path: Path
) -> None:
    sets, record, gone = load_sets(data), tmp_path / "figures.json", tmp_path / "none.safetensors"
    record_figures(small_model, record, sets)
    verdict = judge(worse_model, gone, record, sets)
    assert verdict.findings == (f"compared with the figures in {record}, since there is no {gone}",)
    assert verdict.refusals


def test_incomparable_model_is_not_replaced(small_model: Path, outdated: Path, data: Path, tmp_path: Path) -> None:
    before, record = outdated.read_bytes(), tmp_path / "figures.json"
    with pytest.raises(DataError, match="no figures of the shipped model, which cannot be loaded"):
        ship(small_model.read_bytes(), outdated, outdated, record, load_sets(data))
    record.write_text("[]")
    with pytest.raises(DataError, match="not a record of figures"):
        ship(small_model.read_bytes(), outdated, outdated, record, load_sets(data))
    assert outdated.read_bytes() == before


def test_record_of_other_rows_is_ignored(small_model: Path, outdated: Path, data: Path, tmp_path: Path) -> None:
    sets, record = load_sets(data), tmp_path / "figures.json"
    record_figures(small_model, record, {**sets, "news_dev": sets["news_dev"][1:]})
    with pytest.raises(DataError) as caught:
        judge(small_model, outdated, record, sets)
    assert str(caught.value) == f"{record}: its figures are of other rows of news_dev; compare on the same sets"


def test_figure_that_candidate_lacks_is_refused(small_model: Path, data: Path, tmp_path: Path) -> None:
    sets, record = load_sets(data), tmp_path / "figures.json"
    record_figures(small_model, record, sets)
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "figures": {**content["figures"], "more": 0.5}}))
    verdict = judge(small_model, tmp_path / "none.safetensors", record, sets)
    assert verdict.refusals == ("more was not measured, the shipped model has it",)


def test_record_is_of_the_shipped_model() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record["model"] == hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert sorted(record["sets"]) == ["news_dev", "plover_dev", "unscon_dev"]
    assert len(record["figures"]) == 6


def test_unusable_candidate_is_an_error(small_model: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError):
        ship(b"nothing", tmp_path / "my.safetensors", small_model, NO_RECORD, load_sets(data))
    assert list(tmp_path.iterdir()) == []


def test_a_worse_candidate_is_refused(small_model: Path, worse_model: Path, data: Path) -> None:
    verdict = judge(worse_model, small_model, NO_RECORD, load_sets(data))
    assert [refusal.split(" fell")[0] for refusal in verdict.refusals] == [
        each.figure for each in verdict.comparisons if not each.passes
    ]
    assert "unscon_dev AUC" in verdict.refusals[-1]


def test_a_refused_candidate_replaces_nothing(small_model: Path, worse_model: Path, data: Path, tmp_path: Path) -> None:
    output = tmp_path / "shipped.safetensors"
    output.write_bytes(small_model.read_bytes())
    assert ship(worse_model.read_bytes(), output, output, tmp_path / "figures.json", load_sets(data)).refusals
    assert [path.name for path in tmp_path.iterdir()] == ["shipped.safetensors"]
    assert output.read_bytes() == small_model.read_bytes()


def test_passing_candidate_replaces_shipped_model(
    small_model: Path, worse_model: Path, data: Path, tmp_path: Path
) -> None:
    output = tmp_path / "shipped.safetensors"
    output.write_bytes(worse_model.read_bytes())
    assert ship(small_model.read_bytes(), output, output, tmp_path / "figures.json", load_sets(data)).refusals == ()
    assert output.read_bytes() == small_model.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.json", "shipped.safetensors"]
    record_figures(small_model, tmp_path / "again.json", load_sets(data))
    assert (tmp_path / "figures.json").read_bytes() == (tmp_path / "again.json").read_bytes()


def test_unshipped_model_leaves_no_record(small_model: Path, data: Path, tmp_path: Path) -> None:
    ship(small_model.read_bytes(), tmp_path / "a.safetensors", small_model, tmp_path / "figures.json", load_sets(data))
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize(("candidate", "passes"), [(0.8 - TOLERANCE, True), (0.8 - 2 * TOLERANCE, False), (0.9, True)])
def test_the_tolerance_decides(candidate: float, passes: bool) -> None:
    (comparison,) = compare({"figure": candidate}, {"figure": 0.8})
    assert comparison.passes == passes


def test_the_table_marks_what_is_worse() -> None:
    table = format_table(compare({"one": 0.5, "two": 0.7}, {"one": 0.6}))
    assert table.splitlines()[1:] == [f"{'one':<28}    0.5000    0.6000  worse", f"{'two':<28}    0.7000         –"]


def test_missing_evaluation_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_sets(tmp_path)
    names = "news_dev.jsonl, plover_dev.jsonl, unscon_dev.jsonl"
    assert str(caught.value) == f"{tmp_path}: no evaluation set found there; at least one of {names} is needed"


@pytest.mark.parametrize("empty", [True, False])
def test_a_ship_needs_every_evaluation_set(
    empty: bool, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("news_dev.jsonl", "plover_dev.jsonl"):
        (tmp_path / name).write_bytes((data / name).read_bytes())
    if empty:
        (tmp_path / "unscon_dev.jsonl").touch()
    assert sorted(load_sets(tmp_path)) == ["news_dev", "plover_dev"]
    with pytest.raises(DataError) as caught:
        load_all_sets(tmp_path)
    absent = "evaluation sets missing or empty: unscon_dev.jsonl"
    assert str(caught.value) == f"{tmp_path}: {absent}; a model is shipped on the word of all"
    assert main(["--data", str(tmp_path), "--output", str(tmp_path / "my.safetensors")]) == 2
    assert capsys.readouterr().err == f"error: {caught.value}\n"


def test_command_says_what_card_lacks(
    small_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news_dev.jsonl").write_bytes((data / "news_dev.jsonl").read_bytes())
    card = str(tmp_path / "card.md")
    assert main(["--data", str(tmp_path), "--output", str(small_model), "--card", card]) == 0
    assert capsys.readouterr().err == "not there or empty, so without figures: plover_dev, unscon_dev\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('{"label": "neutral"}', "no 'text' in the row"),
        ('{"text": "They met"}', "no 'label' in the row"),
        ('{"text": 3, "label": "neutral"}', "'text' is a JSON int, not a str"),
        ('{"text": "They met", "label": "good"}', "label 'good', where there are cooperative, adversarial, neutral"),
        ("[]", "a JSON list, not an object"),
    ],
)
def test_broken_evaluation_row_is_named(row: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "plover_dev.jsonl"
    path.write_text('{"text": "They left", "label": "adversarial"}\n' + row + "\n")
    with pytest.raises(DataError) as caught:
        load_sets(tmp_path)
    assert str(caught.value) == f"{path}, line 2: {problem}"


def test_the_evaluation_sets_are_inspected() -> None:
    rows = [{"text": "They met", "label": "cooperative"}, {"text": "they met", "label": "neutral"}]
    assert inspect_sets({"plover_dev": rows, "unscon_dev": [{"text": " ", "conflict": True}]}) == (
        "plover_dev, nothing dropped: 1 texts under two labels: line 1 cooperative, 2 neutral",
        "plover_dev, nothing dropped: 1 exact duplicates: line 2 repeats 1",
        "unscon_dev, nothing dropped: 1 empty texts: line 1",
    )


def test_outside_clone_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stance.training.shipped.CORPUS", tmp_path)
    assert main(["--data", "no such folder"]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: no corpus there; run this in a clone of the repository\n"


@pytest.mark.parametrize("package", ["sklearn", "threadpoolctl"])
def test_missing_extra_is_one_line(package: str, tmp_path: Path) -> None:
    # An interpreter imports sitecustomize first; None in sys.modules is how a package that is not installed looks.
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-m", "stance.training"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == "error: training needs the extra 'train': pip install 'stance-classifier[train]'\n"
    assert done.returncode == 1


def test_command_fails_without_evaluation_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "my.safetensors"
    assert main(["--data", str(tmp_path), "--output", str(output)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}: no evaluation set found there")
    assert not output.exists()


def test_the_figures_of_known_probabilities(data: Path) -> None:
    sets = load_sets(data)
    truth = {row["text"]: row["label"] for name in ("news_dev", "plover_dev") for row in sets[name]}
    perfect = measure_sets(
        sets, lambda texts: np.array([[float(truth[t] == label) for label in LABELS] for t in texts])
    )
    assert perfect == {
        "news_dev macro-F1 all": 1.0,
        "news_dev macro-F1 wce": 1.0,
        "news_dev macro-F1 other": 1.0,
        "news_dev macro-F1 clear": 1.0,
        "plover_dev macro-F1": 1.0,
        "unscon_dev AUC": 1.0,
    }
    ignorant = measure_sets(sets, lambda texts: np.full((len(texts), len(LABELS)), 1 / 3))
    assert ignorant["unscon_dev AUC"] == 0.5


def test_columns_are_in_label_order(small_model: Path) -> None:
    classifier = load(small_model)
    (row,) = classifier_probabilities(classifier)(["Rebels attacked the town."])
    assert row.argmax() == LABELS.index(Label.ADVERSARIAL)


def test_examples_leave_out_the_evaluation_sets(data: Path) -> None:
    rows = [("wce:2020-10-01/Law/1#0", "One"), ("wce:2020-10-01/Law/2#1", "Two"), ("mtsc_train:7", "Three")]
    news = [{"id": each, "text": f"{text} is said", "label": "neutral", "event": "NONE"} for each, text in rows]
    write_rows(data / "news_train.jsonl", news)
    examples, findings = collect_examples(data, load_sets(data), labels=data)
    assert [each.group for each in examples[-3:]] == ["wce:2020-10-01", "wce:2020-10-01", "mtsc_train:7"]
    assert not {each.text for each in examples}.intersection(set_texts(load_sets(data)))
    what = "training examples dropped that (nearly) repeat a validation example or share its group"
    assert findings.messages[0].endswith(what)


def test_extra_labels_add_unlabelled_sentences(data: Path, tmp_path: Path) -> None:
    write_rows(data / "news_train.jsonl", [{"id": "a:1", "text": "One is said", "label": "neutral", "event": "NONE"}])
    pool = b'{"id": "wce:2020-10-01/Law/9#0", "text": "Four is said"}\n'
    (data / "news_unlabelled.jsonl.gz").write_bytes(gzip.compress(pool))
    extra = SourceSentence("wce:2020-10-01/Law/9#0", "Four is said", "cooperative", "CONSULT")
    write_labels([extra], tmp_path / "extra_1.tsv")
    examples, _ = collect_examples(data, load_sets(data), labels=tmp_path)
    assert examples[-1] == Example("Four is said", "cooperative", "CONSULT", "wce:2020-10-01", sampled=False)
    assert [each.text for each in examples if each.sampled] == ["One is said"]


SENTENCES = [SourceSentence("a:1", "They met", "cooperative", "CONSULT"), SourceSentence("a:2", "They left", "neutral")]


def test_published_labels_hold_no_text(tmp_path: Path) -> None:
    path = tmp_path / "news.tsv"
    write_labels(reversed(SENTENCES), path)
    assert "They" not in path.read_text()
    labels = read_labels(path)
    assert [(each.id, each.label, each.event, each.line) for each in labels] == [
        ("a:1", "cooperative", "CONSULT", 2),
        ("a:2", "neutral", "NONE", 3),
    ]
    bare = [SourceSentence(each.id, each.text) for each in SENTENCES]
    assert apply_labels([], labels, bare) == SENTENCES


def test_later_label_corrects_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "extra.tsv"
    write_labels([replace(SENTENCES[0], label="neutral", event="NONE")], path)
    first, second = apply_labels(SENTENCES, read_labels(path), [])
    assert (first.text, first.label, first.event) == ("They met", "neutral", "NONE")
    assert second == SENTENCES[1]


def test_label_for_another_text_is_error(tmp_path: Path) -> None:
    label = PublishedLabel("a:1", "0" * 16, "neutral", "NONE", tmp_path, 2)
    with pytest.raises(DataError) as caught:
        apply_labels(SENTENCES, [label], [])
    assert str(caught.value) == f"{tmp_path}, line 2: the text of a:1 is not the one that was labelled"


def test_label_for_no_sentence_is_error(tmp_path: Path) -> None:
    label = PublishedLabel("b:1", "0" * 16, "neutral", "NONE", tmp_path, 2)
    with pytest.raises(DataError) as caught:
        apply_labels(SENTENCES, [label], [])
    assert str(caught.value) == f"{tmp_path}, line 2: no sentence has the id b:1; get the sources again"


def test_gzipped_sentences_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a:1", "text": "They met", "date": "2020-01-01"}\n'))
    assert list(read_sentences(path)) == [SourceSentence("a:1", "They met")]
