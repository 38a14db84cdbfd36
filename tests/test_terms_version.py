"""The terms of a fixed list of sentences change only together with TERMS_VERSION.

A model is fitted on terms and read with terms: were they to change under one version, every model file would silently
mean something else.
"""

import hashlib
import json
from pathlib import Path

from stance.clauses import clause_words
from stance.lexicon import Lexicon
from stance.terms import TermExtractor
from stance.versions import TERMS_VERSION

SENTENCES = Path(__file__).parents[1] / "fixtures" / "terms.jsonl"

PINNED = (2, "a9554daa0824fa01999f451d5e822d0a609fc1c5171bb5e9057679e5c36d839e")
"""TERMS_VERSION and the digest of the terms that it stands for."""

CHANGED = "the terms changed: raise TERMS_VERSION, retrain the shipped model and pin the new digest"

# Fixed here, so that work on the shipped lexicon, which every model file carries, leaves the digest alone.
LEXICON = Lexicon(
    """
    [accuse]
    polarity = -1
    entries = ["accus*", "called", "criticis*"]
    [agree]
    polarity = 1
    entries = ["accord", "agreed", "agreement", "deal", "pact", "pact with", "sign*", "treaty", "truce"]
    [aid]
    polarity = 1
    entries = ["gave", "help", "military aid", "offered", "pledged", "support"]
    [assault]
    polarity = -1
    entries = ["attack*", "bomb*", "clash*", "fired on", "killed", "siege", "stormed"]
    [coerce]
    polarity = -1
    entries = ["arrest*", "convict*", "expel*", "expelled", "sentenced"]
    [fail]
    polarity = -1
    flips = "ahead"
    entries = ["far from", "instead of", "rather than"]
    [negator]
    polarity = 0
    flips = "ahead"
    entries = ["didn't", "not"]
    [object]
    polarity = 0
    valence = -1
    entries = ["ban", "dispute*", "insults", "sanction*", "strike"]
    [office]
    polarity = 0
    entries = ["government*", "minister*", "premier", "president*"]
    [place]
    polarity = 0
    mask = true
    entries = ["chile*", "egypt", "ethiopia*", "new zealand", "peru", "russia*", "washington"]
    [reject]
    polarity = -1
    flips = "either"
    entries = ["refused", "rejected", "vetoed"]
    [reverse]
    polarity = 0
    flips = "either"
    entries = ["end", "ended", "ending", "freed", "lifted", "lifted the"]
    [speech]
    polarity = 0
    light = true
    entries = ["said", "told"]
    """
)


def read_sentences() -> list[str]:
    return [json.loads(line)["text"] for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def digest_terms(sentences: list[str]) -> str:
    extract = TermExtractor(LEXICON)
    words = {name: sorted(found) for name, found in vars(clause_words()).items()}
    terms = [extract(sentence) for sentence in sentences]
    return hashlib.sha256(json.dumps([words, terms], sort_keys=True).encode()).hexdigest()


def test_terms_change_only_with_their_version():
    assert (TERMS_VERSION, digest_terms(read_sentences())) == PINNED, CHANGED


def test_sentences_have_every_kind_of_term():
    extract = TermExtractor(LEXICON)
    names = {name for sentence in read_sentences() for name in extract(sentence)}
    beginnings = ["main:", "side:", "before:", "flip:", "first:", "first:=", "last:=", "sum:", "acts:", "acts:none"]
    beginnings += ["then:", "act:", "subject:", "object:", "flip:<reverse> -", "+ beside", "@place", "<place>"]
    assert [each for each in beginnings if not any(name.startswith(each) for name in names)] == []
