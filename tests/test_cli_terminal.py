"""What no command may do, whatever a text or a file is called: steer the terminal that it prints to."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import CORPUS, Run

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but for line feed and tab."""

TEXT = "Mr \x1b]0;owned\x07Putin\x1b[2J accused \x9b31mNATO\x85 of \x08\x08\x08lies\x7f.\r\x1b[1A"
NAME = "\x1b[31mred\x07.txt"


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", TEXT, "--format", "table"],
        ["predict", TEXT, "--format", "jsonl"],
        ["predict", TEXT, "--format", "tsv"],
        ["explain", TEXT],
        ["explain", TEXT, "--format", "html"],
        ["explain", TEXT, "--format", "json"],
        ["score", NAME],
        ["score", NAME, "--relations"],
        ["score", NAME, "--format", "html"],
        ["score", NAME, "--format", "json"],
        ["actors", NAME],
        ["actors", NAME, "--format", "tsv"],
        ["actors", NAME, "--format", "jsonl"],
        ["timeline", NAME],
        ["info", NAME],
        ["info", f"no {NAME}"],
        ["score", f"no {NAME}"],
        ["score", NAME, "--date", TEXT],
        ["train", NAME, "--output", TEXT],
        [TEXT],
        [f"--{TEXT}"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40].encode("unicode_escape").decode(),
)
def test_no_text_or_name_steers_terminal(run: Run, arguments: list[str]) -> None:
    Path(NAME).write_text(TEXT, encoding="utf-8")
    result = run(*arguments)
    assert result.output or result.errors
    assert STEERING.findall(result.output + result.errors) == []


def test_name_of_report_file_steers_nothing(run: Run, small_model: Path) -> None:
    name = "\x1b[31m.jsonl"
    shutil.copy(CORPUS, name)
    result = run("evaluate", small_model, name)
    assert "\\x1b[31m.jsonl" in result.output
    assert STEERING.findall(result.output) == []
