"""Training: from labelled sentences to a model, its pipeline and a report on both."""

import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from stance.classifier import Classifier
from stance.errors import DataError
from stance.lexicon import Lexicon, shipped_lexicon
from stance.model import Model
from stance.training.assess import describe, report_on
from stance.training.checks import Checked, Findings, check_examples, inspect_examples
from stance.training.corpus import (
    Data,
    Source,
    build_corpus,
    check_labels,
    count_classes,
    hash_texts,
    keeps_groups,
    label_names,
    learn_vectors,
    number_groups,
    order_classes,
    read_source,
    sum_by_label,
    targets_by_label,
)
from stance.training.data import Columns
from stance.training.export import (
    attach_information,
    check_output,
    export_model,
    library_versions,
    model_files,
)
from stance.training.faces import find_faces
from stance.training.fit import Corpus, Floats, Progress, Settings, find_temperature, fit_pipeline, out_of_fold_scores
from stance.training.held_out import HeldOut, gather_held_out, held_out_table
from stance.training.learning_curve import measure_learning_curve
from stance.training.metrics import measure
from stance.training.pairs import FEWEST, PairExample, count_pairs, fit_pairs, pairs_of_examples
from stance.training.report import Report, report_files
from stance.training.term_vectors import TermVectors
from stance.writing import write_atomically

SMALL = 5000
"""Up to so many examples a learning curve takes little enough time to be drawn unasked."""

UNGROUPED = "the groups were ignored: all examples hang together as one, so that nothing could be held out"


@dataclass(frozen=True, eq=False)
class Trained:
    """What training gives: the model, a classifier and a scikit-learn pipeline of it, and how good it is.

    `held_out` are the examples that the report is on, with the label probabilities (in the order of `model.labels`)
    that the figures come from. `files` are those it wrote, the model first; none without an output.
    """

    classifier: Classifier
    model: Model
    pipeline: Pipeline
    report: Report
    findings: Findings
    held_out: tuple[HeldOut, ...]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class _Inputs:
    """What a training reads."""

    source: Source
    held_out: Source | None
    unlabelled: list[str]
    vectors: tuple[TermVectors, ...]
    pairs: list[PairExample]


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A fitted pipeline, its temperature, and the label probabilities of the examples while held out (n x labels)."""

    pipeline: Pipeline
    temperature: float
    probabilities: Floats


def train(
    data: Data,
    output: str | PathLike[str] | None = None,
    *,
    columns: Columns | None = None,
    validation: Data | None = None,
    unlabelled: Iterable[str] = (),
    vectors: Iterable[TermVectors] = (),
    pairs: Iterable[PairExample] = (),
    settings: Settings | None = None,
    lexicon: Lexicon | None = None,
    progress: bool = False,
    curve: bool | None = None,
) -> Trained:
    """Train a model on a file of labelled sentences or on examples (2 to 50 labels, any names).

    The report is on held-out folds (grouped by `Example.group`, else by near duplicates), or on the
    `validation` data when there are some; whatever training and validation share is then taken from
    training. From `unlabelled` sentences of the same kind (tens of thousands) it learns which words keep the same
    company, so that rare words share what frequent ones are taught; `vectors` are further ones that terms share by.
    With either, a class of two thousand examples or more without an event is told apart into faces (`faces.py`).
    From examples with a source and a target, and from `pairs`, it learns who does what towards whom, if there are at
    least 50 of each kind and their labels are stance's. `lexicon` is by default the one that comes
    with the package. `curve` asks for a learning curve; by default there is one up to 5,000 examples. `progress`
    shows bars on stderr.

    With `output`, `NAME.safetensors`, writes the model there and, beside it, the pipeline as `NAME.joblib`, the
    report as `NAME.report.md` and `NAME.report.json`, the probabilities it comes from as `NAME.held-out.tsv`, and its
    plots if matplotlib is there; all or nothing.
    Equal data, settings and library versions give a model file of equal bytes on the same kind of processor.

    Raises DataError when the data or the output cannot be used, before anything is written.
    """
    target = None if output is None else check_output(Path(output))
    source = read_source(data, columns)
    held_out = None if validation is None else read_source(validation, columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it becomes a finding
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        inputs = _Inputs(source, held_out, list(unlabelled), tuple(vectors), list(pairs))
        trained = _train(inputs, settings or Settings(), lexicon or shipped_lexicon(), progress, curve)
    if target is None:
        return trained
    rows = {target.with_suffix(".held-out.tsv"): held_out_table(trained.held_out, trained.model.labels)}
    reports = report_files(trained.report, target.with_suffix(""))
    files = model_files(trained.model, trained.pipeline, target) | rows | reports
    write_atomically(files)
    return replace(trained, files=tuple(files))


def _train(inputs: _Inputs, settings: Settings, lexicon: Lexicon, progress: bool, curve: bool | None) -> Trained:
    source, held_out = inputs.source, inputs.held_out
    checked = _check(source, held_out)
    vectors = (*learn_vectors(checked.examples, inputs.unlabelled, settings.seed), *inputs.vectors)
    groups = number_groups(checked.examples, checked.clusters)
    corpus = find_faces(build_corpus(checked.examples, groups, lexicon, vectors), settings)
    fitted = _fit(source.name, corpus, lexicon, settings, progress)
    related = [*inputs.pairs, *dict.fromkeys(pairs_of_examples(checked.related))]
    grouped = keeps_groups(checked.examples, groups)
    notes = (*([] if grouped else [UNGROUPED]), *_unconverged(fitted.pipeline), *_relations(checked, related))
    checked = replace(checked, findings=Findings((*checked.findings.messages, *notes)))
    information = _describe(inputs, checked, settings, fitted.temperature)
    model = export_model(fitted.pipeline, corpus.classes, information)
    sizes = count_classes(checked.examples)
    if held_out:
        report = replace(report_on(Classifier(model), held_out), sizes=sizes)
        found = Classifier(model).predict(example.text for example in held_out.examples).probabilities
        rows = gather_held_out(held_out.examples, found)
    else:
        rows = gather_held_out(checked.examples, fitted.probabilities)
        apart = "no group" if grouped else "no near duplicates"
        report = _report_on_folds(model, corpus, fitted, sizes, settings, apart)
    report = replace(report, findings=checked.findings.messages)
    if len(corpus.targets) <= SMALL if curve is None else curve:
        bar = _bar("learning curve", progress)
        report = replace(report, learning_curve=measure_learning_curve(corpus, settings, bar))
    pair_model = fit_pairs(related, lexicon, Classifier(model).predict, settings.seed)
    information |= {"metrics": _figures(report), "pairs": len(related) if pair_model else 0}
    model = replace(model, information=information, pairs=pair_model)
    attach_information(fitted.pipeline, model)
    return Trained(Classifier(model), model, fitted.pipeline, report, checked.findings, rows)


def _check(source: Source, held_out: Source | None) -> Checked:
    if held_out is None:
        return check_examples(source.examples, source.name)
    checked = check_examples(source.examples, source.name, held_out.examples)
    check_labels(label_names(order_classes(checked.examples)), held_out)
    found = inspect_examples(held_out.examples, "validation data")
    return replace(checked, findings=Findings((*checked.findings.messages, *found.messages)))


def _fit(name: str, corpus: Corpus, lexicon: Lexicon, settings: Settings, progress: bool) -> _Fitted:
    try:
        scores = out_of_fold_scores(corpus, settings, _bar("cross-validation", progress))
        temperature = find_temperature(scores, corpus)
        with tqdm(total=1, desc="fit on all examples", disable=not progress) as bar:
            pipeline = fit_pipeline(corpus, lexicon, settings, temperature)
            bar.update()
    except ValueError as error:
        raise DataError(name, f"cannot be fitted ({error}); add examples, or groups, of each label") from error
    return _Fitted(pipeline, temperature, sum_by_label(softmax(scores / temperature, axis=1), corpus.classes))


def _relations(checked: Checked, related: list[PairExample]) -> list[str]:
    """Say what becomes of sources and targets, where the data has them."""
    if not checked.related:
        return []
    counts = count_pairs(related)
    found = f"{len(related):,} pairs of actors ({'; '.join(f'{name}: {count:,}' for name, count in counts.items())})"
    if min(counts.values()) >= FEWEST:
        return [f"relations learned from {found}; no figure here is about them"]
    why = f"that takes {FEWEST} of each kind, of stance's labels, whose names stand in the text"
    return [f"no relations learned from {found}: {why}"]


def _unconverged(pipeline: Pipeline) -> list[str]:
    """Say so if the fit stopped at its limit; its probabilities may then differ a little from the best ones."""
    regression = pipeline[-1]
    if regression.n_iter_.max() < regression.max_iter:
        return []
    return [f"the fit did not converge in {regression.max_iter:,} rounds; a lower strength or more examples may help"]


def _bar(stage: str, shown: bool) -> Progress:
    def follow(steps: Iterable[int]) -> Iterable[int]:
        bar: Iterable[int] = tqdm(steps, desc=stage, disable=not shown)
        return bar

    return follow


def _describe(inputs: _Inputs, checked: Checked, settings: Settings, temperature: float) -> dict[str, Any]:
    """Return what the model file keeps about its making: nothing that differs between equal runs."""
    source, held_out = inputs.source, inputs.held_out
    data = {"sha256": source.sha256, "rows": len(source.examples), "examples": len(checked.examples)}
    return {
        "data": {**data, "counts": count_classes(checked.examples)},
        "validation": held_out and {"sha256": held_out.sha256, "rows": len(held_out.examples)},
        "unlabelled": {"sha256": hash_texts(inputs.unlabelled), "rows": len(inputs.unlabelled)},
        "vectors": [list(each.matrix.shape) for each in inputs.vectors],
        "findings": list(checked.findings.messages),
        "seed": settings.seed,
        "settings": asdict(settings),
        "temperature": temperature,
        "versions": library_versions(),
    }


def _figures(report: Report) -> dict[str, Any]:
    metrics = report.metrics
    return {
        "examples": metrics.examples,
        "macro_f1": metrics.macro_f1,
        "interval": list(metrics.interval),
        "accuracy": metrics.accuracy,
        "calibration_error": metrics.calibration_error,
    }


def _report_on_folds(
    model: Model, corpus: Corpus, fitted: _Fitted, sizes: dict[str, int], settings: Settings, apart: str
) -> Report:
    metrics = measure(targets_by_label(corpus), fitted.probabilities, model.labels, corpus.groups, settings.seed)
    folds = min(settings.folds, len(set(corpus.groups.tolist())))
    return describe(model, f"held out in {folds} folds, {apart} in two", metrics, sizes)
