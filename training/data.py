"""Reading labelled sentences from CSV, TSV and JSON Lines files."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from stance.errors import DataError
from stance.rows import Row, read_rows

TEXT_NAMES = ("text", "sentence", "content", "body")
LABEL_NAMES = ("label", "labels", "class", "category", "stance", "target_label")
NO_EVENT = {"", "none", "null"}
_BLANK = ("", None)
OPTIONAL = {"event", "group", "source", "target"}


@dataclass(frozen=True)
class Example:
    """A labelled sentence.

    `event` is the class inside the label, None for none. Examples of one `group` (a document, a day) are never
    split between a fold's training and test part. `line` is where the example begins in its file. `source` is who acts
    or speaks, `target` towards whom, each in the words of the text; from examples that have both, a model of relations
    is trained. `weight` is how much the example counts in the regression, and nowhere else. One that is not `sampled`
    was written, or chosen for being hard or easy: the probabilities are not calibrated on it.
    """

    text: str
    label: str
    event: str | None = None
    group: str | None = None
    line: int | None = None
    source: str | None = None
    target: str | None = None
    weight: float = 1.0
    sampled: bool = True


@dataclass(frozen=True)
class Columns:
    """The names of the columns of a file; one that is None is guessed, see `read_examples`.

    An `event`, `group`, `source` or `target` of "" means that there is none, whatever the columns are called.
    """

    text: str | None = None
    label: str | None = None
    event: str | None = None
    group: str | None = None
    source: str | None = None
    target: str | None = None


def read_examples(path: str | PathLike[str], columns: Columns | None = None) -> list[Example]:
    """Read the labelled sentences of a UTF-8 file: .csv, .tsv or .tab, .jsonl, .ndjson or .json-lines.

    A column that is not named is guessed, whatever its case: the text is in `text`, `sentence`, `content` or
    `body`; the label in `label`, `labels`, `class`, `category`, `stance` or `target_label`; the event in
    `event`, the group in `group`, source and target in columns of these names, if there are such. In JSON Lines a key
    of any row counts. An event that is empty, NONE or null is no event. CSV fields may hold commas and line breaks
    inside quotes; in TSV every line is a row, and quotes around a whole field are taken off. A row of nothing but empty
    cells is none.

    Raises DataError with the line number for anything that cannot be read as that.
    """
    return read_with_digest(path, columns)[0]


def read_with_digest(path: str | PathLike[str], columns: Columns | None = None) -> tuple[list[Example], str]:
    """Return the examples of a file and the SHA-256 of its bytes, in one pass. See `read_examples`."""
    path = Path(path)
    digest = hashlib.sha256()
    examples = list(_examples(path, read_rows(path, digest), columns or Columns()))
    if not examples:
        raise DataError(path, "no labelled sentence in it")
    return examples, digest.hexdigest()


def _examples(path: Path, rows: Iterator[Row], columns: Columns) -> Iterator[Example]:
    known = [row for row in rows if any(value not in _BLANK for value in row.values.values())]
    if not known:
        return
    chosen = _choose_columns(path, columns, list(dict.fromkeys(name for row in known for name in row.values)))
    for row in known:
        yield _example(path, row, chosen)


def _choose_columns(path: Path, columns: Columns, found: Sequence[str]) -> Columns:
    listed = ", ".join(found)
    for kind, name in vars(columns).items():
        absent = name == "" and kind in OPTIONAL
        if name is not None and name not in found and not absent:
            raise DataError(path, f"no {kind} column '{name}'; the columns are {listed}")
    text = columns.text or _guess(path, "text", TEXT_NAMES, found)
    label = columns.label or _guess(path, "label", LABEL_NAMES, found)
    for kind, name in (("text", text), ("label", label)):
        if name is None:
            raise DataError(path, f"cannot tell the {kind} column; the columns are {listed}; name it")
    optional = {
        kind: _guess(path, kind, (kind,), found) if name is None else name
        for kind, name in vars(columns).items()
        if kind in OPTIONAL
    }
    return Columns(text, label, **optional)


def _guess(path: Path, kind: str, names: Sequence[str], found: Sequence[str]) -> str | None:
    fitting = [name for name in found if name.lower() in names]
    if len(fitting) > 1:
        raise DataError(path, f"cannot tell the {kind} column, it may be {' or '.join(fitting)}; name it")
    return fitting[0] if fitting else None


def _example(path: Path, row: Row, columns: Columns) -> Example:
    text = row.values.get(columns.text or "")
    if not isinstance(text, str):
        raise DataError(path, f"the text in '{columns.text}' is {_describe(text)}, not a string", row.line)
    label = _name(path, row, columns.label)
    if not label:
        raise DataError(path, f"no label in '{columns.label}'; give it one or take the row out", row.line)
    event = _name(path, row, columns.event)
    group = _name(path, row, columns.group)
    source, target = (_mention(row, column) for column in (columns.source, columns.target))
    _check_characters(path, text, row.line)
    return Example(text, label, None if event.lower() in NO_EVENT else event, group or None, row.line, source, target)


def _name(path: Path, row: Row, column: str | None) -> str:
    """Return a label, event or group; "" when there is none. Numbers serve as names."""
    value = row.values.get(column) if column else None
    if value is None or value != value:  # a missing number
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError(path, f"'{column}' is {_describe(value)}, not a name; write it as a string", row.line)
    name = str(value).strip()
    if not name.isprintable():
        raise DataError(path, f"'{column}' is {name!r}, which has unprintable characters", row.line)
    return name


def _mention(row: Row, column: str | None) -> str | None:
    """Return a source or target; anything but a text is none, since a column of that name may hold something else."""
    value = row.values.get(column) if column else None
    return value.strip() or None if isinstance(value, str) else None


def _check_characters(path: Path, text: str, line: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(path, f"half a character ({error.object[error.start]!a}) in the text", line) from error
    if "\0" in text:
        raise DataError(path, "a NUL character in the text", line)


def _describe(value: object) -> str:
    return "missing" if value is None else f"a JSON {type(value).__name__}"
