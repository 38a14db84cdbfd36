"""The command line where a stream, an option or the memory is not as it should be."""

import dataclasses
import io
import json
import os
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from conftest import Run

import stance
from stance.cli import main


class Failing(io.RawIOBase):
    """A standard input that fails when it is read."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, ""),
        (MemoryError(), 1, "stance: not enough memory\n"),
        (MemoryError("Unable to allocate 9 TiB"), 1, "stance: not enough memory: Unable to allocate 9 TiB\n"),
        (OSError(5, "Input/output error"), 1, "stance: standard input: Input/output error\n"),
    ],
)
def test_interrupted_run_leaves_old_output(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    small_model: Path,
    error: BaseException,
    status: int,
    message: str,
) -> None:
    (tmp_path / "out").write_text("old")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Failing(error))))
    arguments = ["predict", "-", "--model", str(small_model), "--output", str(tmp_path / "out")]
    assert (main(arguments), capsys.readouterr().err) == (status, message)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out", "old")]


def test_closed_pipe_is_no_error(monkeypatch: pytest.MonkeyPatch, small_model: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(["predict", "x", "--model", str(small_model)]) == 0


def test_missing_standard_streams_give_a_status(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_model: Path
) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(["predict", "x", "--model", str(small_model)]) == 1
    assert main(["predict", "x", "--model", str(small_model), "--output", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out").read_text())["text"] == "x"


@pytest.mark.parametrize(("command", "name"), [("predict", "TEXT"), ("score", "FILE")])
def test_command_without_arguments_asks_for_some(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main([command]) == 2
    assert capsys.readouterr().err.startswith(f"stance: Invalid value for '{name}': give a ")


def test_copy_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def find_none(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("stance.cli.application.version", find_none)
    assert run("--version").output == "stance (not installed)\n"


def test_predictions_as_a_table(run: Run, small_model: Path) -> None:
    lines = run("predict", "Police arrested him", "", "--model", small_model, "--format", "table").lines
    assert lines[0].startswith("adversarial ")
    assert lines[0].endswith("  Police arrested him")
    assert lines[1] == "neutral      100%  +0.00"


def test_any_information_of_model_is_shown(run: Run, small_model: Path) -> None:
    information = {"empty": {}, "made": {"by": None, "figures": [0.123456, {"a": 1}, {}], "of": []}}
    model = dataclasses.replace(stance.load(small_model).model, information=information)
    Path("told.safetensors").write_bytes(model.to_bytes())
    assert run("info", "told.safetensors").lines[-5:] == [
        "empty           none",
        "made",
        "  by       none",
        "  figures  0.1235, a 1, none",
        "  of       none",
    ]


def test_no_dyad_is_a_wrong_option(run: Run) -> None:
    result = run("timeline", "none.jsonl", "--dyad", "IRN")
    assert (result.status, result.output) == (2, "")
    assert result.errors.startswith("stance: Invalid value for '--dyad': dyad 'IRN': write it as CHN-RUS")


def test_a_timeline_is_also_drawn(run: Run) -> None:
    pytest.importorskip("matplotlib")
    Path("a.jsonl").write_text('{"text": "Iran accused Israel of sabotage.", "date": "2024-01-03"}\n')
    assert run("timeline", "a.jsonl", "--plot", "a.svg", "--output", "a.csv").status == 0
    assert Path("a.svg").read_bytes().startswith(b"<?xml")
    result = run("timeline", "a.jsonl", "--dyad", "CHN-RUS", "--plot", "none.svg")
    assert (result.status, result.errors.splitlines()[-1]) == (0, "stance: none.svg: nothing to draw")
    assert not Path("none.svg").exists()
