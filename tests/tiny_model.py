"""A model made without training, with every part of a trained one: it judges badly, but is there at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stance.container import Part, parse_container
from stance.labels import EVENTS, LABELS, PAIR_CLASSES, EventClass
from stance.lexicon import Lexicon
from stance.model import Model, PairModel, round_weights
from stance.model_file import HEADER_DIGEST, METADATA_KEY, write_packed
from stance.terms import TermExtractor

SENTENCES = (
    "Ankara lifted its ban on flights from the island.",
    "Chad blamed Peru for the raid, but refused to sign a pact.",
    "The envoy thanked his hosts and agreed to talks in Geneva.",
)
LEXICON = """
[accuse]
polarity = -1
entries = ["accus*", "blam*"]
[agree]
polarity = 1
entries = ["agreed", "sign* a pact"]
[place]
polarity = 0
mask = true
entries = ["ankara", "chad", "peru"]
[refuse]
polarity = -1
flips = "either"
entries = ["refus*"]
"""
PAIR_TERMS = ("1 - 2", "1 <accuse> 2", "2 <accuse> 1", "apart:0", "between:accuse*", "says:neutral")

TYPES = {"F64": "f8", "F16": "f2", "F32": "f4", "I8": "i1", "I16": "i2", "I32": "i4", "U8": "u1", "U32": "u4"}

Header = dict[str, Any]
Tensors = dict[str, np.ndarray]
Change = Callable[[Header, Tensors], object]


def make_tiny_model() -> Model:
    """Return a model whose numbers are drawn by lot, always the same."""
    dice = np.random.default_rng(0)
    lexicon = Lexicon(LEXICON)
    terms = sorted({term for sentence in SENTENCES for term in TermExtractor(lexicon)(sentence)})
    classes = tuple(EventClass(label, event) for label in LABELS for event in (EVENTS[label] or (None,)))
    return Model(
        labels=LABELS,
        classes=classes,
        vocabulary={term: row for row, term in enumerate(terms)},
        idf=dice.uniform(0.1, 9, len(terms)).astype(np.float32),
        weights=round_weights(dice.normal(size=(len(terms), len(classes)))),
        intercept=dice.normal(size=len(classes)).astype(np.float32),
        lexicon=lexicon,
        information={"examples": len(SENTENCES), "by": {"lot": True}},
        pairs=PairModel(
            vocabulary={term: row for row, term in enumerate(PAIR_TERMS)},
            idf=dice.uniform(0.1, 9, len(PAIR_TERMS)).astype(np.float32),
            weights=dice.normal(size=(len(PAIR_TERMS), len(PAIR_CLASSES))).astype(np.float16),
            intercept=dice.normal(size=len(PAIR_CLASSES)).astype(np.float32),
        ),
    )


def alter(content: bytes, change: Change) -> bytes:
    """Return a model file after a change to its header or tensors, sealed anew."""
    container = parse_container(Path("model"), memoryview(content))
    header = json.loads(container.metadata[METADATA_KEY])
    tensors = {
        name: np.frombuffer(part.data, TYPES[part.dtype]).reshape(part.shape).copy()
        for name, part in container.parts.items()
        if name != HEADER_DIGEST
    }
    change(header, tensors)
    names = {np.dtype(dtype): name for name, dtype in TYPES.items()}
    parts = {name: Part(names[array.dtype], array.shape, array.tobytes()) for name, array in tensors.items()}
    return write_packed(header, parts)
