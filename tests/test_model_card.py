import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance import load
from stance.errors import DataError
from stance.labels import LABELS
from stance.training import shipped
from stance.training.__main__ import _ship, main
from stance.training.data import read_examples
from stance.training.evaluation import classifier_probabilities, load_sets, set_texts
from stance.training.model_card import CARD, CardFacts, count_labels, evaluate_sets, format_card, write_card
from stance.training.published import SourceSentence, write_labels
from stance.training.shipped import CORPUS, LABELS_FOLDER, MODEL

TITLES = [
    "What it is",
    "Intended use",
    "Data",
    "Labels",
    "Figures on the evaluation sets",
    "Calibration",
    "Accuracy when abstaining",
    "Held-out folds of the training data",
    "Known failures and limits",
    "How to reproduce",
]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder whose evaluation sets are made of the corpus."""
    folder = tmp_path_factory.mktemp("data")
    rows = [json.loads(line) for line in (CORPUS / "contrast.jsonl").read_text().splitlines()]
    news = [
        {**row, "id": f"{'wce' if n % 2 else 'ag'}:{n // 2}#{n}", "clear": n % 3 == 0} for n, row in enumerate(rows)
    ]
    write_rows(folder / "news_dev.jsonl", news[:200])
    write_rows(folder / "plover_dev.jsonl", [row for row in rows if row["label"] != "neutral"][:200])
    council = [{"text": row["text"], "conflict": row["label"] == "adversarial"} for row in rows[:200]]
    write_rows(folder / "unscon_dev.jsonl", council)
    return folder


@pytest.fixture(scope="module")
def card(small_model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("card") / "card.md"
    write_card(small_model, load_sets(data), path)
    return path.read_text(encoding="utf-8")


def section(card: str, title: str) -> str:
    return card.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table_rows(text: str) -> list[list[str]]:
    return [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]


def card_without(names: Sequence[str], model: Path, data: Path) -> str:
    sets = {name: rows for name, rows in load_sets(data).items() if name not in names}
    classifier = load(model)
    evaluation = evaluate_sets(sets, classifier_probabilities(classifier))
    return format_card(CardFacts(classifier.model, 1, "0", {}, evaluation))


def test_card_has_every_section_filled(card: str) -> None:
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == TITLES
    assert all(section(card, title).strip() for title in TITLES)


def test_card_names_the_file_it_describes(card: str, small_model: Path) -> None:
    content = small_model.read_bytes()
    rows = dict(table_rows(section(card, "What it is")))
    assert rows["size of the file"] == f"{len(content):,} bytes"
    assert rows["SHA-256 of the file"] == f"`{hashlib.sha256(content).hexdigest()}`"


def test_news_is_reported_by_source(card: str) -> None:
    rows = table_rows(card.split("### `news_dev` by source\n")[1].split("###")[0])
    assert [row[:2] for row in rows[2:]] == [["all", "200"], ["ag", "100"], ["wce", "100"], ["clear", "67"]]


def test_the_figures_of_perfect_probabilities(data: Path) -> None:
    sets = load_sets(data)
    truth = {row["text"]: row["label"] for name in ("news_dev", "plover_dev") for row in sets[name]}
    evaluation = evaluate_sets(
        sets, lambda texts: np.array([[float(truth[t] == label) for label in LABELS] for t in texts])
    )
    assert {name: each.macro_f1 for name, each in evaluation.news.items()} == dict.fromkeys(
        ("all", "ag", "wce", "clear"), 1.0
    )
    assert evaluation.directions is not None
    assert evaluation.directions.macro_f1 == 1.0
    assert evaluation.figures["unscon_dev AUC"] == 1.0
    assert all(right == total for right, total in evaluation.direction_counts.values())
    assert sum(total for _, total in evaluation.direction_counts.values()) == 200


def test_all_rows_are_in_calibration_table(card: str) -> None:
    rows = table_rows(section(card, "Calibration"))[2:]
    assert 0 < len(rows) <= 10
    assert sum(int(row[1]) for row in rows) == 200


def test_equal_models_give_equal_cards(card: str, small_model: Path, data: Path, tmp_path: Path) -> None:
    write_card(small_model, load_sets(data), tmp_path / "again.md")
    assert (tmp_path / "again.md").read_text(encoding="utf-8") == card


def test_no_sentence_is_in_the_card(card: str, data: Path) -> None:
    texts = set_texts(load_sets(data))
    texts += [example.text for path in CORPUS.glob("*.jsonl") for example in read_examples(path)]
    assert len(texts) > 5000
    assert not [text for text in texts if text in card]


@pytest.mark.parametrize("missing", ["news_dev", "plover_dev", "unscon_dev"])
def test_a_missing_set_is_named(missing: str, small_model: Path, data: Path) -> None:
    card = card_without([missing], small_model, data)
    assert f"**Missing when this card was made, so without figures here: `{missing}`.**" in card
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == TITLES


def test_without_news_the_card_says_so(small_model: Path, data: Path) -> None:
    card = card_without(["news_dev"], small_model, data)
    reason = "is measured on `news_dev`, which was missing when this card was made."
    assert section(card, "Calibration").strip() == f"Calibration {reason}"
    assert section(card, "Accuracy when abstaining").strip() == f"Coverage {reason}"


def test_without_sets_a_card_is_made(small_model: Path, data: Path) -> None:
    card = card_without(["news_dev", "plover_dev", "unscon_dev"], small_model, data)
    assert "figures here: `news_dev`, `plover_dev`, `unscon_dev`.**" in card
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == TITLES


def test_fold_figures_come_from_model_file(small_model: Path, data: Path) -> None:
    classifier = load(small_model)
    metrics = {"macro_f1": 0.75, "interval": [0.7, 0.8], "accuracy": 0.76, "examples": 1200, "calibration_error": 0.01}
    information = {"metrics": metrics, "settings": {"folds": 5}}
    evaluation = evaluate_sets(load_sets(data), classifier_probabilities(classifier))
    facts = CardFacts(replace(classifier.model, information=information), 1, "0", {}, evaluation)
    folds = section(format_card(facts), TITLES[7])
    assert "in 5 folds" in folds
    assert folds.strip().splitlines()[-3:] == [
        "- macro-F1 0.750 (95 % interval 0.700–0.800)",
        "- accuracy 0.760 on 1,200 examples",
        "- expected calibration error 0.010",
    ]


def test_correction_counts_once_as_new_label(tmp_path: Path) -> None:
    first = SourceSentence("a:1", "They met", "cooperative", "CONSULT")
    corrected = replace(first, label="neutral", event="NONE")
    added = SourceSentence("b:1", "They left", "adversarial", "REJECT")
    write_labels([first, SourceSentence("a:2", "It is so", "neutral")], tmp_path / "news.tsv")
    write_labels([corrected, added], tmp_path / "extra_1.tsv")
    write_rows(tmp_path / "mine.jsonl", [{"text": "They shook hands", "label": "cooperative"}])
    counts = count_labels(tmp_path, tmp_path)
    assert counts == {
        ("corpus", "mine"): {"cooperative": 1, "adversarial": 0, "neutral": 0},
        ("news", "a"): {"cooperative": 0, "adversarial": 0, "neutral": 2},
        ("extra readings", "b"): {"cooperative": 0, "adversarial": 1, "neutral": 0},
    }


def test_command_writes_card_beside_the_model(
    card: str, small_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, path = small_model.read_bytes(), tmp_path / "card.md"
    assert main(["--data", str(data), "--output", str(small_model), "--card", str(path)]) == 0
    assert capsys.readouterr().out == f"model card written to {path}\n"
    assert path.read_text(encoding="utf-8") == card
    assert small_model.read_bytes() == before


@pytest.mark.parametrize(("name", "written"), [("shipped.safetensors", True), ("other.safetensors", False)])
def test_only_shipped_models_get_published_card(
    name: str, written: bool, small_model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "MODEL", tmp_path / "shipped.safetensors")
    monkeypatch.setattr("stance.training.__main__.CARD", tmp_path / "card.md")
    assert _ship(small_model.read_bytes(), tmp_path / name, load_sets(data)) == 0
    assert (tmp_path / "card.md").exists() == written


def test_command_needs_evaluation_sets_to_write(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "card.md"
    assert main(["--data", str(tmp_path), "--output", str(small_model), "--card", str(path)]) == 2
    names = "news_dev.jsonl, plover_dev.jsonl, unscon_dev.jsonl"
    reason = DataError(tmp_path, f"no evaluation set found there; at least one of {names} is needed")
    assert capsys.readouterr().err == f"error: {reason}\n"
    assert not path.exists()


def test_published_card_is_of_shipped_model() -> None:
    rows = dict(table_rows(section(CARD.read_text(encoding="utf-8"), "What it is")))
    assert rows["SHA-256 of the file"] == f"`{hashlib.sha256(MODEL.read_bytes()).hexdigest()}`"


def test_labels_readme_counts_their_rows() -> None:
    rows = table_rows((LABELS_FOLDER / "README.md").read_text(encoding="utf-8"))
    stated = {row[0].strip("`"): row[1] for row in rows if row[0].endswith(".tsv`")}
    files = sorted(LABELS_FOLDER.glob("*.tsv"))
    assert stated == {path.name: f"{len(path.read_text().splitlines()) - 1:,}" for path in files}
