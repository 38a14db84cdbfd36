"""Cells read back as the docs of `stance.cli.records.text_cell` say, and as a spreadsheet would take them."""

import csv
import io
import re

_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))")
_CHARACTERS = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
_GUARDED = re.compile("'+(?:\\s*[=+\\-@\"\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_FORMULA = re.compile("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def read_cell(cell: str) -> str:
    """Return the text of a cell: escapes undone, and one apostrophe less before what would be a formula."""
    text = _ESCAPE.sub(lambda each: chr(int(each[1], 16)) if each[1] else _CHARACTERS[each[2]], cell)
    return text[1:] if _GUARDED.match(text) else text


def looks_like_a_formula(cell: str) -> bool:
    """Tell whether a spreadsheet may take a cell, with or without quotation marks around it, for a formula."""
    return any(_FORMULA.match(text) for text in (cell, cell.lstrip('"')))


def quoted_rows(content: str, delimiter: str) -> list[list[str]]:
    """Return the rows as a spreadsheet reads them: a field that begins with a quotation mark is a quoted one."""
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
