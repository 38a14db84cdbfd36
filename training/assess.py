"""Assessing a model on labelled sentences."""

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike

import numpy as np

from stance.classifier import Classifier, load
from stance.model import Model
from stance.training.checks import inspect_examples
from stance.training.corpus import Data, Source, check_labels, count_classes, number_groups, read_source
from stance.training.data import Columns
from stance.training.export import strongest_terms
from stance.training.metrics import Metrics, measure
from stance.training.report import Report


def evaluate(model: Classifier | str | PathLike[str], data: Data, columns: Columns | None = None) -> Report:
    """Report how a model, or the one in a file, does on labelled sentences; each row counts, repeated or not.

    Raises DataError for labels that the model does not know.
    """
    classifier = model if isinstance(model, Classifier) else load(model)
    return report_on(classifier, read_source(data, columns))


def report_on(classifier: Classifier, source: Source) -> Report:
    """Report how a classifier does on labelled sentences. See `evaluate`."""
    check_labels(classifier.labels, source)
    truth = np.array([classifier.labels.index(example.label) for example in source.examples], dtype=np.int64)
    probabilities = classifier.predict(example.text for example in source.examples).probabilities
    apart = np.arange(len(source.examples), dtype=np.int64)
    metrics = measure(truth, probabilities, classifier.labels, number_groups(source.examples, apart))
    report = describe(classifier.model, source.name, metrics, count_classes(source.examples))
    findings = inspect_examples(source.examples, "evaluation data").messages
    if classifier.model.information.get("data", {}).get("sha256") == source.sha256:
        findings = ("the model was trained on these very rows: the figures say nothing of new ones", *findings)
    return replace(report, findings=findings)


def describe(model: Model, source: str, metrics: Metrics, sizes: Mapping[str, int]) -> Report:
    """Return the report of a model's figures, with what the model knows of its own making."""
    return Report(
        source=source,
        metrics=metrics,
        sizes=sizes,
        strongest_terms=strongest_terms(model),
        seed=model.information.get("seed"),
        temperature=model.information.get("temperature"),
        versions=model.information.get("versions", {}),
    )
