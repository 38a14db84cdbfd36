import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "stance", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def test_lines_are_printed_as_they_arrive(small_model: Path) -> None:
    with start("predict", "--model", small_model, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"first\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["text"] == "first"
        process.stdin.close()
        assert process.wait() == 0


def test_terminal_gets_a_table_in_colour(small_model: Path) -> None:
    shown = run_in_terminal("predict", "Police arrested \x1b[31mhim", "--model", small_model)
    assert shown.startswith("\x1b[38;5;208madversarial ")
    assert "arrested \\x1b[31mhim" in shown


def test_no_color_is_honoured(small_model: Path) -> None:
    assert "\x1b" not in run_in_terminal("predict", "Police arrested him", "--model", small_model, NO_COLOR="1")


def run_in_terminal(*arguments: object, **environment: str) -> str:
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment}
    with start(*arguments, stdin=theirs, stdout=theirs, env=settings) as process:
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:  # how Linux reports that the other end of a terminal is closed
            pass
        assert process.wait() == 0
    os.close(ours)
    return shown.decode()


def test_terminal_without_arguments_is_asked() -> None:
    ours, theirs = pty.openpty()
    with start("predict", stdin=theirs, stdout=subprocess.PIPE) as process:
        _, errors = process.communicate()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 2
    assert errors == b"stance: Invalid value for 'TEXT': give a sentence, a file or - (standard input)\n"


@pytest.mark.parametrize("line_format", ["jsonl", "tsv", "table"])
def test_a_closed_pipe_ends_it_quietly(small_model: Path, tmp_path: Path, line_format: str) -> None:
    path = tmp_path / "in.txt"
    path.write_text("The minister visited Paris.\n" * 20_000)
    with start("predict", path, "--model", small_model, "--format", line_format, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() != b""
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_an_error(small_model: Path) -> None:
    with open("/dev/full", "wb") as full, start("predict", "x", "--model", small_model, stdout=full) as process:
        _, errors = process.communicate()
    assert (process.returncode, errors) == (1, b"stance: standard output: No space left on device\n")


def heed_interruptions() -> None:
    """Undo that a shell lets its background jobs, and so perhaps these tests, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interruption_is_quiet(small_model: Path) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with start("predict", "--model", small_model, **pipes, preexec_fn=heed_interruptions) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"first\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait()
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, b"")


def test_closed_streams_give_no_traceback(small_model: Path) -> None:
    command = f'"{sys.executable}" -m stance predict x --model "{small_model}" >&-'
    result = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    assert (result.returncode, result.stderr) == (
        1,
        b"stance: standard output is closed; redirect it or name a file with --output\n",
    )


@pytest.mark.parametrize("command", ["predict", "score"])
def test_prediction_needs_no_training_extra(small_model: Path, command: str) -> None:
    script = (
        "import sys; from stance.cli import main; "
        f"status = main([{command!r}, '-', '--model', {str(small_model)!r}, '--output', '/dev/null']); "
        "print(status, *sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", script], input=b"x\n", stdout=subprocess.PIPE, check=True)
    status, *modules = result.stdout.decode().split()
    assert status == "0"
    assert not {name.split(".")[0] for name in modules} & {"sklearn", "scipy", "pandas", "joblib"}


@pytest.mark.parametrize(
    "command", [["train", "data.csv", "--output", "x.safetensors"], ["evaluate", "MODEL", "data.csv"]]
)
def test_missing_extra_comes_with_install_line(small_model: Path, command: list[str]) -> None:
    arguments = [str(small_model) if each == "MODEL" else each for each in command]
    script = f"import sys; sys.modules['sklearn'] = None; from stance.cli import main; sys.exit(main({arguments!r}))"
    result = subprocess.run([sys.executable, "-c", script], cwd=small_model.parent, stderr=subprocess.PIPE, check=False)
    assert (result.returncode, result.stderr) == (
        1,
        b"stance: training needs the extra 'train': pip install 'stance-classifier[train]'\n",
    )


@pytest.mark.parametrize("command", ["predict -", "score -", "actors", "explain -"])
def test_closed_input_gives_no_traceback(command: str) -> None:
    script = f'"{sys.executable}" -m stance {command} <&-'
    result = subprocess.run(["sh", "-c", script], stderr=subprocess.PIPE, check=False)
    assert (result.returncode, result.stderr) == (1, b"stance: standard input is closed; name a file\n")


def test_end_by_signal_leaves_no_litter(small_model: Path, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "out.jsonl")
    with start("predict", "--model", small_model, *output, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.wait()
        _, errors = process.communicate()
    assert (process.returncode, errors, list(tmp_path.iterdir())) == (143, b"", [])


def test_interruption_of_imports_is_quiet() -> None:
    script = (
        "import sys; from stance.cli import main\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting()); sys.exit(main(['--help']))"
    )
    result = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=False)
    assert (result.returncode, result.stderr) == (130, b"")
