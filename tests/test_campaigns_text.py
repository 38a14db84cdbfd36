"""Short parts of `campaigns.text`, always the same: hostile strings raise nothing and spans say where words stand."""

import ast
import json
import random
import re
import unicodedata
from dataclasses import replace

import pytest

from campaigns.hostile_text import AWKWARD, HIDDEN, load_sentences, make_text
from campaigns.text import (
    SOUND,
    TOGETHER,
    Strings,
    check_batch,
    check_document,
    check_explanation,
    check_huge,
    check_prediction,
    check_text,
    huge_texts,
)
from stance import explain, predict, score_document

TRIALS = 25
SENTENCE = "Iran accused Iraq of an attack. Officials said so."


@pytest.mark.parametrize("number", range(TRIALS))
def test_hostile_strings_are_sound(number):
    trial = Strings()
    assert trial.judge(trial.make(number, random.Random(f"text {number}"))) == SOUND


def test_trial_is_ascii_and_made_again():
    trial = Strings()
    content = trial.make(0, random.Random(3))
    assert content == trial.make(0, random.Random(3)) != trial.make(0, random.Random(4))
    assert len(ast.literal_eval(content.decode("ascii"))) == TOGETHER


def test_surrogates_stand_side_by_side():
    halves = "Iran \ud83d\ude00 accused Iraq."
    assert Strings().judge(ascii([halves]).encode()) == SOUND
    assert json.loads(score_document(halves).to_json())["sentences"][0]["text"] == "Iran \U0001f600 accused Iraq."
    assert any(re.search("[\ud800-\udbff][\udc00-\udfff]", make_text(random.Random(n))) for n in range(3000))


def test_strings_hold_what_broke_others():
    texts = "".join(make_text(random.Random(number)) for number in range(3000))
    for character in "\0\ud800\u2028\u2029\x85\u202e\u0301\u200b\U0001f600\ufeff\u0430\uff21":
        assert character in texts
    kinds = {unicodedata.category(character) for character in texts}
    assert {"Cc", "Cf", "Cs", "Cn", "Co", "Mn", "Zl", "Zp", "Zs", "Sk", "Lo", "Nd"} <= kinds
    assert set(HIDDEN) <= set(texts)
    assert len(set(AWKWARD)) > 100


def test_sound_sentences_come_from_the_fixtures():
    assert len(load_sentences()) > 1000
    assert all(load_sentences())


@pytest.mark.parametrize(("name", "text"), list(huge_texts(2000)), ids=[name for name, _ in huge_texts(1)])
def test_large_text_of_a_kind_passes(name, text):
    assert check_text(text) == predict(text), name


def test_huge_texts_are_timed():
    assert [name for name, _ in check_huge(200)] == [name for name, _ in huge_texts(200)]


def test_wrong_word_in_explanation_is_found():
    explanation = explain(SENTENCE)
    words = (replace(explanation.words[0], start=explanation.words[0].start + 1), *explanation.words[1:])
    with pytest.raises(AssertionError, match="a word 'Iran' that does not stand there"):
        check_explanation(SENTENCE, explanation.prediction, replace(explanation, words=words))


def test_left_out_sentence_is_found():
    document = score_document(SENTENCE)
    with pytest.raises(AssertionError, match=r"no sentence has 'Officials said so\.'"):
        check_document(SENTENCE, replace(document, sentences=document.sentences[:1]))


def test_sentences_out_of_order_are_found():
    document = score_document(SENTENCE)
    with pytest.raises(AssertionError, match="sentences that overlap"):
        check_document(SENTENCE, replace(document, sentences=document.sentences[::-1]))


def test_probabilities_that_are_none_are_found():
    prediction = predict(SENTENCE)
    with pytest.raises(AssertionError, match="probabilities"):
        check_prediction(replace(prediction, probabilities={"neutral": float("nan")}))


def test_differing_prediction_in_batch_is_found():
    with pytest.raises(AssertionError, match="a prediction differs alone and in a batch"):
        check_batch([SENTENCE, ""], [predict(""), predict(SENTENCE)])
