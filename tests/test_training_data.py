import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stance.errors import DataError
from stance.training import Columns, read_examples
from stance.training.data import read_with_digest

CASES = Path(__file__).parents[1] / "fixtures" / "training"


def read_cases(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


READABLE = read_cases("readable.toml")
BROKEN = read_cases("broken.toml")


def write_case(folder: Path, case: dict[str, Any]) -> Path:
    path = folder / str(case["name"])
    path.write_bytes(case["latin"].encode("latin-1") if "latin" in case else case["content"].encode())
    return path


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_file_gives_its_examples(name: str, tmp_path: Path) -> None:
    examples = read_examples(write_case(tmp_path, READABLE[name]))
    found = [[each.text, each.label, each.event or "", each.group or "", each.line] for each in examples]
    assert found == READABLE[name]["examples"]


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_named_in_error(name: str, tmp_path: Path) -> None:
    path = write_case(tmp_path, BROKEN[name])
    with pytest.raises(DataError) as caught:
        read_examples(path)
    assert str(caught.value) == f"{path}{BROKEN[name]['message']}"


def test_named_columns_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,body,label,mood,kind,day\na,b,x,y,E,d\n")
    (example,) = read_examples(path, Columns(text="body", label="mood", event="kind", group="day"))
    assert (example.text, example.label, example.event, example.group) == ("b", "y", "E", "d")


def test_missing_named_column_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,x\n")
    with pytest.raises(DataError) as caught:
        read_examples(path, Columns(label="mood"))
    assert str(caught.value) == f"{path}: no label column 'mood'; the columns are text, label"


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_examples(tmp_path / "none.csv")
    assert str(caught.value) == f"{tmp_path / 'none.csv'}: cannot be read (No such file or directory)"


def test_digest_is_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\na,x\n")
    assert read_with_digest(path)[1] == "cf4ae2aa7a83ef12c1fbddcb7cb4354f92fb9345ca01540bf752a590ccd65855"


def test_late_events_and_groups_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows: list[dict[str, str]] = [{"text": f"They met {n}", "label": "x"} for n in range(3)]
    rows.append({"text": "They left", "label": "y", "event": "E", "group": "d"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    examples = read_examples(path)
    assert [(each.event, each.group) for each in examples] == [(None, None)] * 3 + [("E", "d")]
    assert read_examples(path, Columns(event="event", group="group")) == examples


def test_unnamed_event_or_group_means_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label,event,group\na,x,E,d\n")
    (example,) = read_examples(path, Columns(event="", group=""))
    assert (example.event, example.group) == (None, None)


def test_unnamed_text_column_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,x\n")
    with pytest.raises(DataError, match="no text column ''"):
        read_examples(path, Columns(text=""))


def test_field_too_long_for_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,x\n" + "a" * 131_073 + ",y\n")
    with pytest.raises(DataError) as caught:
        read_examples(path)
    problem = "a field longer than 131,072 characters; use JSONL, or close an open quote"
    assert str(caught.value) == f"{path}, line 3: {problem}"
