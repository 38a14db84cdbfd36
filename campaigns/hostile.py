"""Pages that show one text wherever they show any text of a document, its file or its model."""

from collections.abc import Sequence

from stance.actors import Actor
from stance.classifier import Classifier
from stance.document import DocumentScore, ScoredSentence
from stance.explanation import Explanation, WordContribution
from stance.labels import LABELS, Label
from stance.page import ScoredFile, documents_page, explanation_page
from stance.prediction import Prediction
from stance.relations import Relation, RelationSentence

POLICY_START, POLICY_END = '<meta http-equiv="Content-Security-Policy"', ">\n"


def documents_of(texts: Sequence[str]) -> str:
    """Return a page of a document for each text: its file, sentences, actors, labels and events are that text."""
    return without_policy(documents_page(map(_document, texts), _explain))


def explanations_of(texts: Sequence[str]) -> str:
    """Return the pages of explanations, put together, whose sentence, words, label and event are one text each."""
    explanations = (
        Explanation(text, _predict(text, text), (text, *LABELS), _words(text), (0.0,) * 4) for text in texts
    )
    return "".join(map(without_policy, map(explanation_page, explanations)))


def articles_of(texts: Sequence[str], classifier: Classifier) -> str:
    """Return a page of articles in which each text stands in for an actor, a speaker and what is said."""
    articles = []
    for text in texts:
        article = (
            f'{text}\nFrance accused {text} of fraud. "{text}," said {text}, minister of Iran.\nMr {text} met Putin.'
        )
        articles.append(ScoredFile(text, article, classifier.score_document(article)))
    return without_policy(documents_page(articles, classifier.explain))


def raw_page(text: str) -> str:
    """Return a page that takes a text for markup: what no page of ours may do."""
    return f'<!DOCTYPE html><body><p title="{text}">{text}</p></body>'


def frames_page(paths: Sequence[str]) -> str:
    """Return a page that shows others, each in a frame of its own that cannot reach out of it."""
    frames = "".join(f'<iframe sandbox="allow-scripts allow-forms" src="{path}"></iframe>' for path in paths)
    return f"<!DOCTYPE html><title>frames</title>{frames}"


def without_policy(page: str) -> str:
    """Return a page without its Content-Security-Policy. Raises ValueError where there is none."""
    start = page.index(POLICY_START)
    return page[:start] + page[page.index(POLICY_END, start) + len(POLICY_END) :]


def _document(text: str) -> ScoredFile:
    """Return a document of three sentences (a label with a colour, one without, furniture) and two relations."""
    speaker = Actor(text, "person", text, 0, len(text))
    length = len(text)
    places = [(number * (length + 1), number * (length + 1) + length) for number in range(3)]
    sentences = (
        ScoredSentence(text, *places[0], _predict(Label.COOPERATIVE, text), False, "quoted", speaker),
        ScoredSentence(text, *places[1], _predict(text, text), False, text, speaker),
        ScoredSentence(text, *places[2], None, True),
    )
    relations = (_relation(f"1{text}", f"2{text}", text, 0.5), _relation(f"2{text}", f"1{text}", text, -0.5))
    score = DocumentScore(sentences, text, 0.5, 0.75, {text: 1.0}, {text: 1}, (speaker,), relations)
    return ScoredFile(text, " ".join([text] * len(places)), score)


def _relation(source: str, target: str, text: str, score: float) -> Relation:
    return Relation(source, target, score, 0.7, (RelationSentence(text, 0, len(text), text, 0.6, (text,)),))


def _predict(label: str, event: str) -> Prediction:
    return Prediction(label, {label: 0.8, f"not {label}": 0.2}, score=0.5, event=event, evidence=4)


def _explain(text: str) -> Explanation:
    return Explanation(text, _predict(Label.COOPERATIVE, text), LABELS, _words(text), (0.0,) * len(LABELS))


def _words(text: str) -> tuple[WordContribution, ...]:
    """Return two words of a text, its two halves, which push towards a label that is called as the text."""
    middle = len(text) // 2
    ends = ((0, middle), (middle, len(text)))
    return tuple(WordContribution(text[start:end], start, end, (0.5, 0.0, 0.0, 0.0), text) for start, end in ends)
