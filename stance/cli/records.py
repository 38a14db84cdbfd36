"""Predictions as lines for other programs: JSON Lines and tab-separated values."""

import json

from stance.prediction import Prediction

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def json_line(sentence: str, prediction: Prediction) -> str:
    """Return a sentence and its prediction as one line of JSON, in ASCII, so that every reader sees one line."""
    return json.dumps({"text": sentence, **prediction.to_dict()}, allow_nan=False) + "\n"


def tab_line(sentence: str, prediction: Prediction) -> str:
    """Return label, event, score, confidence, evidence, each probability and the text as one tab-separated line."""
    cells = [
        text_cell(prediction.label),
        text_cell(prediction.event or ""),
        "" if prediction.score is None else f"{prediction.score:.6f}",
        f"{prediction.confidence:.6f}",
        str(prediction.evidence),
        *(f"{probability:.6f}" for probability in prediction.probabilities.values()),
        text_cell(sentence),
    ]
    return "\t".join(cells) + "\n"


def text_cell(text: str) -> str:
    """Return a text as a cell: backslash, tab and line ends escaped, and no spreadsheet takes it for a formula."""
    guard = "'" if text.startswith(_FORMULA_STARTS) else ""
    return guard + text.translate(_ESCAPES)
