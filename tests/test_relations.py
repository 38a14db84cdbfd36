"""Who stands how towards whom, with the shipped model."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance import load, score_document
from stance.lexicon import shipped_lexicon
from stance.pair_terms import Pair, extract_pair_terms
from stance.relations import FARTHEST
from stance.terms import split_words

ROOT = Path(__file__).parents[1]


def relations(text: str, date: str | None = None) -> dict[tuple[str, str], float]:
    return {(each.source, each.target): each.score for each in score_document(text, date).relations}


@pytest.mark.parametrize(
    ("text", "source", "target", "sign"),
    [
        ("China accused the United States of spying on its navy.", "CHN", "USA", -1),
        ("Turkey condemned Israel on Friday.", "TUR", "ISR", -1),
        ("Russian troops shelled Ukraine's positions overnight.", "RUS", "UKR", -1),
        ("France praised Germany for its help.", "FRA", "DEU", 1),
        ("Japan gave aid to Indonesia after the flood.", "JPN", "IDN", 1),
    ],
)
def test_one_acts_on_the_other(text, source, target, sign):
    found = relations(text)
    assert (source, target) in found
    assert found[source, target] * sign > 0


def test_passive_turns_the_direction_round():
    assert set(relations("Iran was condemned by France.")) == {("FRA", "IRN")}


def test_who_agree_do_so_both_ways():
    found = relations("China and Russia signed a trade agreement on Friday.")
    assert set(found) == {("CHN", "RUS"), ("RUS", "CHN")}
    assert min(found.values()) > 0.5


def test_only_named_actors_have_no_relation():
    assert relations("The temperature in Norway was lower than in Sweden.") == {}


def test_actors_far_apart_have_no_relation():
    assert set(relations("Russia condemned " + "very " * 20 + "late Ukraine.")) == {("RUS", "UKR")}
    assert relations("Russia condemned " + "very " * (FARTHEST // 5) + "late Ukraine.") == {}


def test_words_far_behind_change_nothing():
    text = "China accused the United States of spying on its navy"
    shorter, longer = (relations(text + " and" * (count * FARTHEST // 4)) for count in (2, 3))
    assert shorter == longer != relations(text)


def test_leaders_and_capitals_are_their_state():
    document = score_document("Putin praised Xi. Moscow thanked Beijing for the loan.")
    (relation,) = [each for each in document.relations if each.source == "RUS"]
    assert len(relation.sentences) == 2
    assert document.relations_between("RUS", "CHN") == document.relations_between("CHN", "RUS")


def test_deciding_words_stand_in_their_sentence():
    (relation,) = score_document("Iran accused Israel of sabotage.").relations
    (sentence,) = relation.sentences
    assert "accused" in sentence.words
    assert all(word in sentence.text for word in sentence.words)
    assert relation.words == sentence.words


def test_furniture_has_no_relation():
    assert relations("Share this story\n\nAsia > China\n\nUpdated: 3 March 2024") == {}


def test_document_with_relations_survives_pickle():
    document = score_document("Iran accused Israel of sabotage, Israeli radio said.")
    assert pickle.loads(pickle.dumps(document)) == document
    (relation,) = [each for each in json.loads(document.to_json())["relations"] if each["source"] == "IRN"]
    assert relation["sentences"][0]["label"] == "adversarial"


def test_model_without_pairs_gives_no_relations():
    old = load(ROOT / "fixtures" / "models" / "format_1.safetensors")
    assert old.score_document("China accused the United States.").relations == ()


@pytest.mark.skipif(not (ROOT.parent / "shared" / "articles").is_dir(), reason="the articles are not public")
@pytest.mark.parametrize("name", ["article_1.txt", "article_2.txt"])
def test_articles_the_project_began_with(name):
    text = (ROOT.parent / "shared" / "articles" / name).read_text(encoding="utf-8")
    document = score_document(text)
    found = {(each.source, each.target): each.score for each in document.relations}
    assert found["CHN", "RUS"] > 0
    assert found["RUS", "CHN"] > 0
    assert {each.speaker.name for each in document.sentences if each.voice == "quoted" and each.speaker} == {
        "Xi Jinping",
        "Vladimir Putin",
    }
    assert all(each.prediction is None for each in document.sentences if each.furniture)


def terms(text: str, first: str, second: str) -> list[str]:
    places = [(text.index(name), text.index(name) + len(name)) for name in (first, second)]
    pair = Pair(*places, "narrated", "", "neutral")
    return [term.name for term in extract_pair_terms(text, split_words(text), pair, shipped_lexicon())]


def test_pair_terms_hang_on_no_names():
    first = terms("Iran accused Israel of sabotage.", "Iran", "Israel")
    assert first == terms("Costa Rica accused the Holy See of sabotage.", "Costa Rica", "the Holy See")
    assert "between:<accuse>" in first


def test_overlapping_mentions_give_no_terms():
    assert terms("Iran accused Israel.", "Iran accused", "accused Israel") == []


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_has_relations_or_none(text):
    for each in score_document(f"{text} Iran accused {text} Israel.").relations:
        assert -1 <= each.score <= 1
        assert 0 <= each.intensity <= 1
        assert each.source != each.target
