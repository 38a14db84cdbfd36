"""The model card: what the shipped model is, what it was made of, how good it is and where it fails, as Markdown."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stance.classifier import load
from stance.labels import LABELS, EventClass, Label
from stance.model import Model
from stance.training.corpus import hash_texts
from stance.training.data import read_examples
from stance.training.evaluation import NEWS, PLOVER, SETS, Rows, Sets, classifier_probabilities, measure_sets, set_texts
from stance.training.metrics import BINS, Floats, Metrics, measure
from stance.training.published import PublishedLabel, read_labels
from stance.training.shipped import CORPUS, LABELS_FOLDER, ROOT
from stance.training.tables import confusion_table, coverage_table, decimal, format_list, format_table, label_table
from stance.writing import write_atomically

CARD = ROOT / "docs" / "model-card.md"
ALL, CLEAR = "all", "clear"
DIRECTIONS = (Label.COOPERATIVE, Label.ADVERSARIAL)
WEAKEST = 4
NOT_RECORDED = "not recorded"

Scores = Mapping[str, Floats]
"""The probabilities of the labels, in the order of `stance.LABELS`, by text."""

Counts = Mapping[tuple[str, str], Mapping[str, int]]
"""How many sentences have each label, by file and source."""


HEAD = """# Model card: the shipped model of stance

Written by training (`python -m stance.training`) from the model file and the evaluation sets; do not edit."""

USE = """For labelling sentences of English political and world news as cooperative, adversarial or neutral by the
relation between political actors that they report or voice ([codebook](../training/CODEBOOK.md)), for scoring articles
by them and for showing which words decided: in research on many texts, and as a first reading that a person checks.

It is not for:

- the stance of an author towards a given target (it is no target-stance model), nor sentiment;
- who acts against whom: that is for the relations of a second model in the same file, whose figures and limits stand in
  the README, and which is right far less often;
- whether what a sentence reports is true;
- decisions about persons: a name beside a hostile act says nothing about its bearer;
- other languages, and other kinds of text (social media, literature, contracts) unless measured there first;
- single sentences on which much depends: look at the probability and at `explain`, and read the sentence."""

SOURCES = """The public sentences belong to their publishers and are not in the repository; our labels are, keyed by id and hash
([fixtures/labels](../fixtures/labels/README.md)). Licences are given where the sources' own README states them.

| source | what | licence |
| --- | --- | --- |
| corpus | sentences written for this project, events invented or altered ([fixtures/corpus](../fixtures/corpus/README.md)) | that of the project |
| `wce` | world events of 2002–2026, Wikipedia's Current events portal (ianrastall/current-events-context) | CC0, text CC BY-SA |
| `dse_train` | U.S. and world politics 2016–18 (bywords/directed_sentiment_analysis) | not stated |
| `mtsc_train` | political news (fhamborg/NewsMTSC) | not stated |
| `ag_test` | agency leads of 2004 (AG News, test split) | not stated |
| `unscon` | Security Council speeches (linatal/UNSCon) | CC BY-SA |

Published labels, after corrections:"""  # noqa: E501 (rows of a Markdown table)

LABELLING = """All labels of news follow [one codebook](../training/CODEBOOK.md); others may rule otherwise.

- *news*: one reading each (`news.tsv`). Who read is not recorded with the data.
- *extra readings*: sentences of the unlabelled files, most of them those that a model was least sure of, the others
  likely cases of an event class or drawn at random; one reading each under the codebook (`extra_readings.tsv`). Later,
  those that a model and a regression on MiniLM's embeddings disagreed on, or that the model was likeliest to get wrong,
  without those at which the reader hesitated (`extra_hard_readings.tsv`). These and the second readings were given by
  language-model assistants, not by persons.
- *corrections*: every row of *news* was read again, blind to the first label, the 6,600 whose label a model found least
  likely while held out before the others. Where that reading differed without hesitation, it replaced the label
  (332 rows of `extra_second_readings.tsv`). So were 3,414 of the extra readings that the model does not fit (350 rows).
- *corpus*: labelled in writing it; `agency_leads`, `coded_events`, `council_speeches`, `us_politics` and `spared` were
  written by language-model assistants.
- *news_dev*: three annotators, the majority counts; *plover_dev*: experts' PLOVER classes; *unscon_dev*: conflict as
  its authors marked it.

| agreement | figure |
| --- | ---: |
| 900 sentences (600 unlabelled, 300 of the suspicious rows) read twice, independently: same label | 0.892 |
| the same 900: same event class | 0.823 |
| 6,600 suspicious training rows: second reading has the first label | 0.835 |
| the 22,772 other training rows: second reading has the first label | 0.955 |
| 625 of the hard extra readings, read twice independently: same label (where neither reader hesitated: 1.000) | 0.955 |
| 3,414 extra readings that the model does not fit: second reading has the first label | 0.750 |
| three annotators of one 600-sentence set, which is the ceiling for `news_dev`: Krippendorff's alpha | 0.92 |"""

EVALUATION = f"""None of these sets was trained on, but the design was chosen on them: expect a little less on other
text of the same kinds. The intervals are from 1,000 bootstrap resamples of documents. `{CLEAR}` rows are those that
all three annotators labelled alike without hesitating. `make bench` sets the figures beside those of other tools."""

CALIBRATION = f"""The {BINS} bins are of equal width. The likeliest of three labels has a probability of at least
1/3, so only the ten upper bins can hold a sentence; empty ones are not shown."""

COVERAGE = f"""What abstaining below a confidence leaves, and how often it is right, on all of `{NEWS}`. Choose the
confidence on text of your own."""

FOLDS = """The training examples in {folds} folds, each predicted by a model that did not see it; no day of world
events or cluster of near duplicates is in two folds. The labels are mostly single readings, and many sentences were
picked because a model was unsure of them: a harder and noisier set than the evaluation sets."""

LIMITS = """- Most of what is left, from reading the errors: opinion and commentary whose target is implied; direct
  speech of diplomats without a telling word; resignations, rulings and deaths whose direction hangs on a motive.
- English only; another language in Latin script is not noticed, and its label means nothing.
- One sentence at a time: what needs the sentence before it (*They did so again.*) is read without it.
- Irony, understatement and diplomatic code are taken at their word.
- Which clause carries the news, and what a negation or reversal governs, is found by rules over words, not by parsing;
  long and nested sentences defeat them.
- A sentence of both directions gets one label.
- States, territories, peoples and capitals are masked, by a finite list. Names of persons, provinces and nicknames are
  not, and can push a sentence.
- News of 2002–2026 and of mostly Western and Wikipedia's choosing: new words and other regions' presses are less known.
- `plover_dev` has no neutral and `unscon_dev` is one meeting; neither says much about news in general."""

REPRODUCE = """The folder DIR of data is described in the project's README, "Rebuilding the shipped model".

```sh
make model DATA=DIR                              # train, compare, ship, and write this card
python -m stance.training --data DIR --card      # only write this card again, from the shipped file
make bench DATA=DIR                              # the same sets beside other tools
stance info                                      # what the model file says of itself
sha256sum stance/shipped.safetensors             # is it the file of this card?
```

Equal data, settings and library versions give a model file of equal bytes on the same kind of processor."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model did on the evaluation sets. A set that was missing has no rows, and nothing else here.

    `figures` are those of `measure_sets`. `news` has the figures of each part of news_dev: all, those of each source
    (id prefix), clear. `directions` is plover_dev as cooperative against adversarial, and `direction_counts` has the
    sentences of each PLOVER class there with those whose direction was found.
    """

    rows: Mapping[str, int]
    sha256: Mapping[str, str]
    figures: Mapping[str, float]
    news: Mapping[str, Metrics]
    directions: Metrics | None
    direction_counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class CardFacts:
    """All that a card is made from: the model, its file's size and SHA-256, label counts and figures."""

    model: Model
    size: int
    sha256: str
    counts: Counts
    evaluation: Evaluation


def write_card(model: Path, sets: Sets, path: Path) -> None:
    """Write the card of a model file of the three labels, with its figures on the evaluation sets."""
    content, classifier = model.read_bytes(), load(model)
    evaluation = evaluate_sets(sets, classifier_probabilities(classifier))
    digest = hashlib.sha256(content).hexdigest()
    facts = CardFacts(classifier.model, len(content), digest, count_labels(LABELS_FOLDER, CORPUS), evaluation)
    write_atomically({path: format_card(facts).encode()})


def evaluate_sets(sets: Sets, probabilities: Callable[[Sequence[str]], Floats]) -> Evaluation:
    """Measure a model on those evaluation sets that are there."""
    texts = sorted(set(set_texts(sets)))
    scores = dict(zip(texts, probabilities(texts), strict=True)) if texts else {}
    plover = sets.get(PLOVER, [])
    return Evaluation(
        rows={name: len(sets.get(name, [])) for name in SETS},
        sha256={name: hash_texts(row["text"] for row in rows) for name, rows in sets.items()},
        figures=measure_sets(sets, lambda wanted: np.array([scores[text] for text in wanted])),
        news={name: _measure(rows, scores, LABELS) for name, rows in _parts(sets.get(NEWS, [])).items()},
        directions=_measure(plover, scores, DIRECTIONS) if plover else None,
        direction_counts=_count_directions(plover, scores),
    )


def count_labels(labels: Path, corpus: Path) -> dict[tuple[str, str], dict[str, int]]:
    """Count the labels of the corpus and of the published files of labels, where a later file corrects an earlier."""
    extra = {label.id: label for path in sorted(labels.glob("extra_*.tsv")) for label in read_labels(path)}
    news = [extra.pop(label.id, label) for label in read_labels(labels / "news.tsv")]
    counts: dict[tuple[str, str], Counter[str]] = {}
    for path in sorted(corpus.glob("*.jsonl")):
        counts["corpus", path.stem] = Counter(example.label for example in read_examples(path))
    for file, found in {"news": news, "extra readings": extra.values()}.items():
        for label in sorted(found, key=_source):
            counts.setdefault((file, _source(label)), Counter())[label.label] += 1
    return {place: {name: counter[name] for name in LABELS} for place, counter in counts.items()}


def format_card(facts: CardFacts) -> str:
    """Return the card as Markdown; equal facts give equal text."""
    sections = {
        "What it is": _describe_model(facts),
        "Intended use": USE,
        "Data": _describe_data(facts),
        "Labels": LABELLING,
        "Figures on the evaluation sets": _describe_figures(facts.evaluation),
        "Calibration": _describe_calibration(facts.evaluation),
        "Accuracy when abstaining": _describe_coverage(facts.evaluation),
        "Held-out folds of the training data": _describe_folds(facts.model.information),
        "Known failures and limits": f"{_list_failures(facts.evaluation)}\n\n{LIMITS}".lstrip(),
        "How to reproduce": REPRODUCE,
    }
    return "\n\n".join([HEAD, *(f"## {title}\n\n{body.strip()}" for title, body in sections.items())]) + "\n"


def _measure(rows: Rows, scores: Scores, labels: Sequence[Label]) -> Metrics:
    probabilities = np.array([scores[row["text"]] for row in rows])[:, [LABELS.index(label) for label in labels]]
    truth = np.array([labels.index(Label(row["label"])) for row in rows], dtype=np.int64)
    documents = [row["id"].split("#")[0] if "id" in row else str(number) for number, row in enumerate(rows)]
    return measure(truth, probabilities, labels, np.unique(documents, return_inverse=True)[1].astype(np.int64))


def _parts(news: Rows) -> dict[str, Rows]:
    parts = {ALL: news}
    for row in sorted(news, key=lambda row: row["id"].split(":")[0]):
        parts.setdefault(row["id"].split(":")[0], []).append(row)
    parts[CLEAR] = [row for row in news if row["clear"]]
    return {name: rows for name, rows in parts.items() if rows}


def _count_directions(plover: Rows, scores: Scores) -> dict[str, tuple[int, int]]:
    """Return the sentences of each PLOVER class whose direction was found, and all of them."""
    found: dict[str, list[bool]] = {}
    for row in sorted(plover, key=lambda row: str(row.get("event"))):
        cooperative, adversarial = (scores[row["text"]][LABELS.index(label)] for label in DIRECTIONS)
        hostile = row["label"] == Label.ADVERSARIAL
        found.setdefault(str(row.get("event")), []).append(bool(adversarial > cooperative) == hostile)
    return {event: (sum(right), len(right)) for event, right in found.items()}


def _source(label: PublishedLabel) -> str:
    return label.id.split(":")[0]


def _describe_model(facts: CardFacts) -> str:
    model = facts.model
    classes = Counter(model.classes)
    events = {label: [_faces(each, classes[each]) for each in classes if each.label == label] for label in model.labels}
    return format_table(
        ("", ""),
        [
            ("kind", "multinomial logistic regression over TF-IDF terms (words, prefixes, pairs, lexicon classes)"),
            ("input", "one English sentence"),
            ("output", "a probability for each label, and the likeliest event class inside the label"),
            *((f"event classes of {label}", ", ".join(names)) for label, names in events.items()),
            ("terms", f"{len(model.vocabulary):,}"),
            ("size of the file", f"{facts.size:,} bytes"),
            ("SHA-256 of the file", f"`{facts.sha256}`"),
            ("SHA-256 of its lexicon", f"`{hashlib.sha256(model.lexicon.source.encode()).hexdigest()}`"),
            (
                "seed, temperature",
                f"{model.information.get('seed')}, {decimal(model.information.get('temperature'))}",
            ),
            ("settings", _pairs(model.information.get("settings", {}))),
            ("made with", _pairs(model.information.get("versions", {}))),
        ],
    )


def _faces(each: EventClass, count: int) -> str:
    name = each.event or "none"
    return name if count == 1 else f"{name} ({count} faces)"


def _describe_data(facts: CardFacts) -> str:
    total = {str(name): sum(each[name] for each in facts.counts.values()) for name in LABELS}
    counts: Counts = {**facts.counts, ("all", ""): total}
    rows = [(*place, *map(_count, each.values()), _count(sum(each.values()))) for place, each in counts.items()]
    information, evaluation = facts.model.information, facts.evaluation
    data, unlabelled = information.get("data", {}), information.get("unlabelled", {})
    lines = [
        f"Labelled rows the model was fitted on: {_count(data.get('examples'))} (what repeats another row, or nearly "
        f"repeats an evaluation sentence, is left out); SHA-256 of the rows: `{data.get('sha256', NOT_RECORDED)}`.",
        f"Unlabelled sentences that word vectors were learnt from: {_count(unlabelled.get('rows'))}; "
        f"SHA-256: `{unlabelled.get('sha256', NOT_RECORDED)}`.",
        f"Other vectors of terms: {_describe_vectors(information.get('vectors', []))}.",
        *(
            f"`{name}`, never trained on: {evaluation.rows[name]:,} rows; SHA-256 of its texts: `{digest}`."
            for name, digest in evaluation.sha256.items()
        ),
    ]
    return f"{SOURCES}\n\n{format_table(('file', 'source', *LABELS, 'all'), rows)}\n\n{format_list(lines)}"


def _describe_vectors(shapes: list[list[int]]) -> str:
    return " and ".join(f"{terms:,} of {dimensions} dimensions" for terms, dimensions in shapes) or "none"


def _describe_figures(evaluation: Evaluation) -> str:
    missing = [f"`{name}`" for name in SETS if not evaluation.rows[name]]
    parts = [EVALUATION]
    if missing:
        parts.append(f"**Missing when this card was made, so without figures here: {', '.join(missing)}.**")
    parts += [format_table(("figure", "value"), [(name, decimal(value)) for name, value in evaluation.figures.items()])]
    parts += _describe_news(evaluation.news) if evaluation.news else []
    parts += _describe_plover(evaluation.directions, evaluation.direction_counts) if evaluation.directions else []
    return "\n\n".join(part for part in parts if part)


def _describe_news(news: Mapping[str, Metrics]) -> list[str]:
    rows = [
        (name, f"{each.examples:,}", decimal(each.macro_f1), _interval(each), decimal(each.accuracy))
        for name, each in news.items()
    ]
    header = ("part", "rows", "macro-F1", "95 % interval", "accuracy")
    return [f"### `{NEWS}` by source", format_table(header, rows), *_describe_labels(f"`{NEWS}`", news[ALL])]


def _describe_plover(metrics: Metrics, counts: Mapping[str, tuple[int, int]]) -> list[str]:
    rows = [(event, f"{total:,}", decimal(right / total)) for event, (right, total) in counts.items()]
    return [
        *_describe_labels(f"`{PLOVER}`, P(adversarial) > P(cooperative)", metrics),
        f"Macro-F1 {decimal(metrics.macro_f1)}, 95 % interval {_interval(metrics)}. By PLOVER class, the share whose "
        "direction was found:",
        format_table(("PLOVER class", "rows", "direction found"), rows),
    ]


def _describe_labels(name: str, metrics: Metrics) -> list[str]:
    confusion = f"Confusion (rows: true, columns: predicted):\n\n{confusion_table(metrics)}"
    return [f"### Labels of {name}", label_table(metrics), confusion]


def _describe_calibration(evaluation: Evaluation) -> str:
    if not evaluation.news:
        return _needs_news("Calibration")
    metrics = evaluation.news[ALL]
    rows = []
    for each in metrics.bins:
        place = min(int(each.confidence * BINS), BINS - 1)
        bounds = f"{place / BINS:.2f}–{(place + 1) / BINS:.2f}"
        gap = f"{each.accuracy - each.confidence:+.3f}"
        rows.append((bounds, f"{each.examples:,}", decimal(each.confidence), decimal(each.accuracy), gap))
    header = ("probability of the label", "rows", "mean probability", "accuracy", "gap")
    figure = f"Expected calibration error on `{NEWS}`: {decimal(metrics.calibration_error)}."
    return f"{figure}\n\n{CALIBRATION}\n\n{format_table(header, rows)}"


def _describe_coverage(evaluation: Evaluation) -> str:
    if not evaluation.news:
        return _needs_news("Coverage")
    return f"{COVERAGE}\n\n{coverage_table(evaluation.news[ALL])}"


def _describe_folds(information: Mapping[str, Any]) -> str:
    metrics, folds = information.get("metrics"), information.get("settings", {}).get("folds")
    if not metrics or information.get("validation"):
        return "Not recorded in the model file."
    low, high = metrics["interval"]
    figures = format_list(
        [
            f"macro-F1 {decimal(metrics['macro_f1'])} (95 % interval {decimal(low)}–{decimal(high)})",
            f"accuracy {decimal(metrics['accuracy'])} on {_count(metrics['examples'])} examples",
            f"expected calibration error {decimal(metrics['calibration_error'])}",
        ]
    )
    return f"{FOLDS.format(folds=_count(folds))}\n\n{figures}"


def _list_failures(evaluation: Evaluation) -> str:
    lines: list[str] = []
    if evaluation.news:
        lines += _news_failures(evaluation.news)
    weakest = sorted(evaluation.direction_counts.items(), key=lambda item: (item[1][0] / item[1][1], item[0]))[:WEAKEST]
    if weakest:
        shares = ", ".join(f"{event} ({right / total:.0%} right)" for event, (right, total) in weakest)
        lines.append(f"PLOVER classes whose direction is missed most: {shares}.")
    return format_list(lines)


def _news_failures(news: Mapping[str, Metrics]) -> Iterator[str]:
    metrics = news[ALL]
    names = [score.label for score in metrics.labels]
    errors = [
        (count, true, found)
        for true, counts in zip(names, metrics.confusion, strict=True)
        for found, count in zip(names, counts, strict=True)
        if found != true and count
    ]
    errors = sorted(errors, key=lambda each: (-each[0], each[1:]))[:WEAKEST]
    if errors:
        listed = ", ".join(f"{true} read as {found} ({count:,})" for count, true, found in errors)
        yield f"Commonest confusions on the {metrics.examples:,} rows of `{NEWS}`: {listed}."
    weakest = min((name for name in news if name != ALL), key=lambda name: (news[name].macro_f1, name))
    yield f"Weakest source: `{weakest}`, macro-F1 {decimal(news[weakest].macro_f1)}."
    surest = metrics.bins[-1]
    yield (
        f"It can be sure and wrong: of the {surest.examples:,} rows in the highest filled bin of probability (mean "
        f"{decimal(surest.confidence)}), {1 - surest.accuracy:.1%} are wrong."
    )


def _needs_news(what: str) -> str:
    return f"{what} is measured on `{NEWS}`, which was missing when this card was made."


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items())) or NOT_RECORDED


def _interval(metrics: Metrics) -> str:
    return "–".join(map(decimal, metrics.interval))


def _count(value: int | None) -> str:
    return NOT_RECORDED if value is None else f"{value:,}"
