"""`stance actors`, `stance score --relations` and what they say of bad input."""

import json
from pathlib import Path

import pytest
from conftest import Run

FIXTURES = Path(__file__).parents[1] / "fixtures"
ARTICLE = FIXTURES / "actors" / "article.txt"
OLD = FIXTURES / "models" / "format_1.safetensors"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Putin thanked Xi. Moscow praised NATO.\n", encoding="utf-8")
    return path


def test_actors_are_counted_by_id(run: Run, note: Path) -> None:
    assert run("actors", note).lines == [
        "    2  RUS   Vladimir Putin, Russia",
        "    1  CHN   Xi Jinping",
        "    1  NATO  North Atlantic Treaty Organization",
    ]


def test_every_mention_is_a_line(run: Run, note: Path) -> None:
    assert run("actors", note, "--format", "tsv").lines[0] == "RUS\tperson\tVladimir Putin\tPutin\t0\t5\tname"
    rows = [json.loads(line) for line in run("actors", note, "--format", "jsonl").lines]
    assert [row["id"] for row in rows] == ["RUS", "CHN", "RUS", "NATO"]


def test_actors_come_from_standard_input(run: Run) -> None:
    assert run("actors", given=b"Iran accused Israel.").lines == ["    1  IRN  Iran", "    1  ISR  Israel"]


def test_date_tells_who_held_office(run: Run, note: Path) -> None:
    assert run("actors", note, "--date", "1995-01-01").lines[0].split()[1] != "RUS"


def test_date_without_year_is_wrong_option(run: Run, note: Path) -> None:
    result = run("actors", note, "--date", "today")
    assert result.status == 2
    assert "'today' does not begin with a year; write it as 2024-05-31" in result.errors


def test_relations_are_shown_with_their_words(run: Run) -> None:
    lines = run("score", "--relations", ARTICLE).lines
    assert lines[0] == str(ARTICLE)
    assert any(line.startswith("GRC  > TUR   -") and "accused" in line for line in lines)
    assert lines[-1].startswith("speakers: ")


def test_no_relation_is_said(run: Run) -> None:
    assert run("score", "--relations", "-", given=b"It rained.").lines == ["standard input", "no relations found"]


def test_model_without_relations_is_named(run: Run) -> None:
    result = run("score", "--relations", "--model", OLD, ARTICLE)
    assert result.status == 2
    assert "the model knows no relations; train one on sentences with columns 'source' and 'target'" in result.errors
