"""Rebuilds the shipped model and its card: python -m stance.training [--data DIR] [--output FILE] (see --help)."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stance.classifier import Classifier
from stance.errors import StanceError
from stance.model import read_model
from stance.training import shipped
from stance.training.evaluation import Sets, absent_sets, inspect_sets, load_all_sets, load_sets
from stance.training.export import check_output
from stance.training.gate import format_table, record_figures, ship
from stance.training.model_card import CARD, write_card
from stance.training.pairs import fit_pairs
from stance.training.term_vectors import read_vectors
from stance.training.train import train

REFUSED, MISTAKE = 1, 2
RECORD = "shipped-figures.json"
"""The figures of the shipped model, beside its card."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare with the shipped model and, if it is not worse, write the new one; return the exit status."""
    options = _parse(arguments)
    try:
        shipped.check_clone()
        if options.card is not None:
            return _write_card(options.output, _sets_for_card(options.data), options.card)
        if options.record:
            return _write_record(options.data)
        if options.publish_labels:
            print(f"labels written to {shipped.publish_labels(options.data)}")
        build = _refit_pairs if options.pairs else _rebuild
        return build(options.data, check_output(options.output))
    except (StanceError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MISTAKE


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stance.training", description="Rebuild the shipped model.")
    parser.add_argument("--data", type=Path, default=shipped.DATA, help="folder of news and evaluation sets")
    parser.add_argument("--output", type=Path, default=shipped.MODEL, help="the model file to write")
    parser.add_argument("--publish-labels", action="store_true", help="also write fixtures/labels/news.tsv")
    parser.add_argument(
        "--card",
        type=Path,
        nargs="?",
        const=CARD,
        metavar="FILE",
        help="train nothing, only write the card of the model that --output names to FILE (docs/model-card.md)",
    )
    parser.add_argument(
        "--pairs", action="store_true", help="fit only the pair model again, beside the sentences of the shipped model"
    )
    parser.add_argument("--record", action="store_true", help="train nothing, only record the shipped model's figures")
    return parser.parse_args(arguments)


def _rebuild(data: Path, output: Path) -> int:
    sets = load_all_sets(data)
    examples, overlap = shipped.collect_examples(data, sets)
    unlabelled = shipped.unlabelled_texts(data, sets)
    pairs = shipped.collect_pairs(data)
    vectors = read_vectors(shipped.SENTENCE_VECTORS)
    trained = train(
        examples, unlabelled=unlabelled, vectors=[vectors], pairs=pairs, settings=shipped.SETTINGS, progress=True
    )
    for message in (*inspect_sets(sets), *overlap.messages, *trained.findings.messages):
        print(message)
    metrics = trained.report.metrics
    print(f"{metrics.examples:,} examples, macro-F1 {metrics.macro_f1:.4f} {trained.report.source}")
    return _ship(trained.model.to_bytes(), output, sets)


def _refit_pairs(data: Path, output: Path) -> int:
    model, pairs = read_model(shipped.MODEL), shipped.collect_pairs(data)
    fitted = fit_pairs(pairs, model.lexicon, Classifier(model).predict, shipped.SETTINGS.seed)
    refitted = replace(model, pairs=fitted, information=model.information | {"pairs": len(pairs)})
    return _ship(refitted.to_bytes(), output, load_all_sets(data))


def _ship(content: bytes, output: Path, sets: Sets) -> int:
    verdict = ship(content, output, shipped.MODEL, CARD.with_name(RECORD), sets)
    print("\n".join([format_table(verdict.comparisons), *verdict.findings]))
    if verdict.refusals:
        print(f"refused, nothing written: {'; '.join(verdict.refusals)}", file=sys.stderr)
        return REFUSED
    print(f"{output}: {len(content):,} bytes")
    return _write_card(output, sets, CARD) if output.resolve() == shipped.MODEL else 0


def _sets_for_card(data: Path) -> Sets:
    sets = load_sets(data)
    if absent := absent_sets(sets):
        print(f"not there or empty, so without figures: {', '.join(absent)}", file=sys.stderr)
    return sets


def _write_record(data: Path) -> int:
    record = CARD.with_name(RECORD)
    record_figures(shipped.MODEL, record, load_all_sets(data))
    print(f"figures recorded in {record}")
    return 0


def _write_card(model: Path, sets: Sets, card: Path) -> int:
    write_card(model, sets, card)
    print(f"model card written to {card}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
