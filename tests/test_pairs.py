"""Training the pair model: what becomes a pair, and what a model of pairs needs."""

import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from stance import DataError, load
from stance.labels import PAIR_CLASSES, Label
from stance.lexicon import shipped_lexicon
from stance.shipped import shipped_classifier
from stance.training import Columns, Example, read_examples, train
from stance.training.pairs import (
    FEWEST,
    PairExample,
    extract_pairs,
    fit_pairs,
    pairs_of_examples,
    read_marked_pairs,
    read_published_pairs,
    without_texts,
)

TEXT = "Iran accused Israel of sabotage."


def example(label: str, source: str | None, target: str | None, text: str = TEXT) -> Example:
    return Example(text, label, source=source, target=target)


def kinds(examples: list[Example]) -> list[tuple[str, bool | None]]:
    return [PAIR_CLASSES[pair.target] for pair in pairs_of_examples(examples)]


def test_source_before_target_is_forward():
    rows = [example("adversarial", "Iran", "Israel"), example("cooperative", "Israel", "Iran")]
    assert kinds(rows) == [(Label.ADVERSARIAL, True), (Label.COOPERATIVE, False)]
    pair = next(pairs_of_examples(rows[1:]))
    assert (pair.first, pair.second) == ((0, 4), (13, 19))


def test_neutral_pair_has_no_direction():
    assert kinds([example("neutral", "Israel", "Iran")]) == [(Label.NEUTRAL, None)]


@pytest.mark.parametrize(
    ("label", "source", "target"),
    [
        ("adversarial", None, "Israel"),
        ("adversarial", "Reuters", "Israel"),
        ("adversarial", "Iran", "Iran"),
        ("trade", "Iran", "Israel"),
    ],
)
def test_incomplete_rows_are_no_pairs(label, source, target):
    assert kinds([example(label, source, target)]) == []


def many() -> list[PairExample]:
    """Return enough pairs of each class, worded differently."""
    verbs = {0: "is larger than", 1: "praised", 2: "was praised by", 3: "condemned", 4: "was condemned by"}
    pairs = []
    for target, verb in verbs.items():
        for number in range(FEWEST):
            text = f"On day {'x' * (number % 7 + 1)} Peru {verb} Chile once more."
            first, second = text.index("Peru"), text.index("Chile")
            pairs.append(PairExample(text, (first, first + 4), (second, second + 5), target))
    return pairs


def test_pair_model_learns_who_does_what():
    model = fit_pairs(many(), shipped_lexicon(), shipped_classifier().predict, 0)
    assert model is not None
    assert model.weights.shape == (len(model.vocabulary), len(PAIR_CLASSES))
    assert np.isfinite(model.weights).all()


def test_rare_term_is_not_learnt():
    pairs = many()
    model = fit_pairs(pairs, shipped_lexicon(), shipped_classifier().predict, 0)
    terms = extract_pairs(pairs, shipped_lexicon(), shipped_classifier().predict)
    texts: dict[str, set[str]] = {}
    for pair, found in zip(pairs, terms, strict=True):
        for term in found:
            texts.setdefault(term, set()).add(pair.text)
    assert min(map(len, texts.values())) < 3
    assert list(model.vocabulary) == sorted(term for term, where in texts.items() if len(where) >= 3)


def test_pairs_of_one_sentence_give_none():
    same = [replace(pair, text=TEXT, first=(0, 4), second=(13, 19)) for pair in many()]
    assert fit_pairs(same, shipped_lexicon(), shipped_classifier().predict, 0) is None


def test_too_few_pairs_give_no_model():
    assert fit_pairs(many()[1:], shipped_lexicon(), shipped_classifier().predict, 0) is None


def test_training_with_both_columns_gives_relations(tmp_path):
    labels = {0: "neutral", 1: "cooperative", 2: "cooperative", 3: "adversarial", 4: "adversarial"}
    rows = []
    for number, pair in enumerate(many()):
        names = [pair.text[slice(*place)] for place in (pair.first, pair.second)]
        source, target = names if pair.target in (0, 1, 3) else names[::-1]
        text = pair.text.replace("once more", f"for the {'z' * (number // 5 + 1)} time")
        rows.append(Example(text, labels[pair.target], group=str(number % 9), source=source, target=target))
    path = tmp_path / "own.safetensors"
    trained = train(rows, path)
    assert trained.model.pairs is not None
    for model in (load(path), load(path.with_suffix(".joblib"), trusted=True)):
        found = {(each.source, each.target) for each in model.score_document("Peru condemned Chile.").relations}
        assert found == {("PER", "CHL")}


def test_source_and_target_columns_are_read(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": TEXT, "label": "adversarial", "source": "Iran", "target": "Israel", "who": "Israel"},
        {"text": TEXT, "label": "adversarial", "source": 3, "target": None, "who": ""},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [(each.source, each.target) for each in read_examples(path)] == [("Iran", "Israel"), (None, None)]
    assert read_examples(path, Columns(source="who", target=""))[0].source == "Israel"


def test_marked_pairs_are_read(tmp_path):
    path = tmp_path / "pairs.jsonl"
    row = {"marked": "[Iran] accused [Israel] of [sic] sabotage.", "relation": "adversarial", "direction": "forward"}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (pair,) = read_marked_pairs(path)
    assert pair == PairExample("Iran accused Israel of [sic] sabotage.", (0, 4), (13, 19), 3)
    path.write_text('{"marked": 3}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"pairs.jsonl, line 1: not a marked pair"):
        read_marked_pairs(path)


def test_published_pairs_need_their_sentence(tmp_path):
    path = tmp_path / "pairs.tsv"
    digest = hashlib.sha256(TEXT.encode()).hexdigest()[:16]
    path.write_text(f"header\na:1\t{digest}\t0\t4\t13\t19\t3\n", encoding="utf-8")
    assert read_published_pairs(path, {"a:1": TEXT}) == [PairExample(TEXT, (0, 4), (13, 19), 3)]
    for texts in ({}, {"a:1": "Another text."}):
        with pytest.raises(DataError, match=re.escape("the sentence a:1 is not there or not the one")):
            read_published_pairs(path, texts)


def test_pairs_of_known_texts_are_omitted():
    pair = PairExample(TEXT, (0, 4), (13, 19), 3)
    assert without_texts([pair], ["IRAN accused  Israel, of sabotage"]) == []
    assert without_texts([pair], ["Iran thanked Israel."]) == [pair]


def test_too_few_relations_are_a_finding():
    rows = [
        Example(f"{TEXT} So {word} said.", "adversarial", source="Iran", target="Israel")
        for word in ("he", "she", "they")
    ]
    found = train([*rows, *(replace(each, label="neutral", text=f"No {each.text}") for each in rows)])
    (message,) = [each for each in found.findings.messages if "relations" in each]
    assert message.startswith(
        "no relations learned from 6 pairs of actors (neutral: 3; cooperative, the first acts: 0; "
    )
    assert message.endswith("that takes 50 of each kind, of stance's labels, whose names stand in the text")
