"""Predictions as lines for other programs: JSON Lines and tab-separated values."""

import json
import re

from stance.prediction import Prediction

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES = _CONTROLS | str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_GUARDED = re.compile("\\A'*+(?:\\s*+[=+\\-@\"\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


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
    r"""Return a text as a cell that no spreadsheet takes for a formula and that cannot steer a terminal.

    Backslash, tab, line ends and all other control characters of C0 and C1 are escaped.

    An apostrophe comes before a text that begins with = + - @ (or their full-width forms), a quotation mark, tab or
    line end, be it after white space or apostrophes of its own: https://owasp.org/www-community/attacks/CSV_Injection.
    The quotation mark is among them because a reader of quoted fields would take it off, or take the next lines in.
    To read a text back, undo the escapes, then take one apostrophe off if what is left would get one.

    >>> print(text_cell("=1+1"), text_cell("'=1+1"), text_cell("'tis"))
    '=1+1 ''=1+1 'tis
    """
    guard = "'" if _GUARDED.match(text) else ""
    return guard + text.translate(_ESCAPES)
