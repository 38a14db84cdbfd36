"""Sentence to terms: the names that the module promises, and what holds for any text."""

import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from stance.lexicon import Lexicon, shipped_lexicon
from stance.terms import TermExtractor, split_words

LEXICON = Lexicon(
    """
    [accuse]
    polarity = -1
    entries = ["accus*"]
    [deny]
    polarity = -1
    entries = ["denied"]
    [lift]
    polarity = 0
    flips = "ahead"
    entries = ["lifted"]
    [office]
    polarity = 0
    entries = ["minister"]
    [place]
    polarity = 0
    mask = true
    entries = ["egypt", "new zealand"]
    [speech]
    polarity = 0
    light = true
    entries = ["said"]
    """
)

anything = settings(derandomize=True, deadline=None)


def terms_of(sentence: str) -> list[str]:
    return TermExtractor(LEXICON)(sentence)


def test_word_and_its_prefixes_are_terms():
    assert {"accused", "accu*", "accuse*"} <= set(terms_of("Accused"))


def test_two_prefixes_are_a_term():
    assert "accuse* minist*" in terms_of("They accused ministers.")


def test_lexicon_class_is_a_term():
    assert "<accuse>" in terms_of("They accused ministers.")


def test_two_classes_are_a_term():
    terms = terms_of("He denied what they had accused him of.")
    assert "<deny> <accuse>" in terms
    assert "<accuse> <deny>" not in terms


def test_two_distant_classes_are_no_term():
    assert "<deny> <accuse>" not in terms_of("He denied one two three four five six seven eight accused.")


def test_class_and_next_word_are_term():
    assert "<lift> sancti*" in terms_of("They lifted sanctions.")


def test_stem_and_class_carry_their_clause():
    terms = terms_of("The minister left after they accused him.")
    assert {"main:minist*", "main:<office>", "side:accuse*", "side:<accuse>"} <= set(terms)


def test_words_under_a_flipper_are_tagged():
    assert {"flip:accusa*", "flip:<accuse>", "flip:<lift> -", "flip:=+"} <= set(terms_of("They lifted accusations."))


def test_place_names_are_one_masked_word():
    terms = terms_of("New Zealand accused Egypt's minister.")
    assert {"@place", "<place> <accuse>", "@place accuse*", "accuse* @place"} <= set(terms)
    assert not {"new", "zealand", "egypt"} & set(terms)


def test_first_act_goes_with_its_neighbours():
    terms = terms_of("The minister said he denied having accused Egypt.")
    assert {"act:denied", "subject:<office> <deny>", "object:<deny> <accuse>", "sum:-2"} <= set(terms)
    assert {"acts:<deny>", "acts:<deny> <accuse>", "then:<deny> <accuse>", "first:=--", "last:=-"} <= set(terms)


def test_main_clause_without_act_says_so():
    assert "acts:none" in terms_of("The minister left after they accused him.")
    assert "acts:none" not in terms_of("They left.")


def test_first_act_goes_with_another_clause():
    assert "- beside -" in terms_of("He denied it after they accused him.")


def test_words_are_normalised():
    assert [word.text for word in split_words("Raun’s ÉMIGRÉS met on 14 May, at 7pm.")] == [
        "raun",
        "emigres",
        "met",
        "on",
        "0",
        "may",
        "at",
        "0pm",
    ]


def test_text_without_words_has_no_terms():
    assert [terms_of(sentence) for sentence in ("", " \t\n", "—…!?", "_")] == [[], [], [], []]


def test_pickled_extractor_gives_the_same_terms():
    sentence = "The envoy thanked his hosts but refused to discuss the border."
    extractor = TermExtractor(shipped_lexicon())
    assert pickle.loads(pickle.dumps(extractor))(sentence) == extractor(sentence)


@anything
@given(st.text())
def test_word_spans_are_in_order(sentence):
    words = split_words(sentence)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(word.start < word.end <= len(sentence) for word in words)


@anything
@given(st.lists(st.sampled_from(["he", "denied", "accused", "lifted", "the", "ban", "but", ",", "“no”", "."])))
def test_term_is_made_of_its_words(tokens):
    words = split_words(" ".join(tokens))
    terms = list(TermExtractor(LEXICON).extract(words))
    assert all(term.words and set(term.words) <= set(range(len(words))) for term in terms)
    assert all(len(set(term.words)) == len(term.words) for term in terms)


@anything
@given(st.text())
def test_term_name_is_one_line(sentence):
    assert all(term and "\n" not in term for term in terms_of(sentence))
