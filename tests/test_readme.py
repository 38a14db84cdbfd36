"""What the README shows works: its Python runs, its commands exist and print what it says."""

import doctest
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from stance.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = ("bash", "console", "sh", "shell")

BLOCKS = [(match[1], match[2]) for match in FENCE.finditer(README)]
PYTHON_BLOCKS = [text for language, text in BLOCKS if language in ("python", "pycon") and ">>>" in text]
SHELL_LINES = [line.removeprefix("$ ") for language, text in BLOCKS if language in SHELL for line in text.splitlines()]
CODE = [*SHELL_LINES, *re.findall(r"`([^`\n]+)`", FENCE.sub("", README))]

TARGETS = {line[5:].split()[0] for line in CODE if re.match(r"make [a-z]", line)}
CONSOLE_BLOCKS = [text.removeprefix("$ ").partition("\n") for language, text in BLOCKS if language == "console"]
SHOWN = [
    (command, output) for command, _, output in CONSOLE_BLOCKS if re.match("stance (predict|explain|score) ", command)
]
COMMANDS = {line.split("#")[0].strip() for line in CODE if re.match(r"stance [a-z]+\b", line)}


class Terminal(io.TextIOWrapper):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_readme_shows_python_make_and_commands():
    assert PYTHON_BLOCKS
    assert {"demo", "test"} <= TARGETS
    assert COMMANDS


def test_python_examples_give_what_it_says(tmp_path, monkeypatch):
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest("\n".join(PYTHON_BLOCKS), {}, "README.md", "README.md", 0)
    report: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags).run(examples, out=report.append)
    assert "".join(report) == ""


def test_readme_shows_what_calls_print():
    assert sorted(command.split()[1] for command, _ in SHOWN) == ["explain", "predict", "score", "score"]


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_command_prints_what_readme_says(command, output, monkeypatch):
    screen = io.BytesIO()
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", Terminal(screen, encoding="utf-8"))
    assert main(shlex.split(command)[1:]) == 0
    assert screen.getvalue().decode() == output


def test_piped_lines_come_out_as_said(run):
    ((command, output),) = [(line, rest) for line, _, rest in CONSOLE_BLOCKS if line.startswith("printf")]
    _, text, _, _, *arguments = shlex.split(command.removesuffix(" | cut -f 1,2,5"))
    lines = run(*arguments, given=text.replace("\\n", "\n").encode()).lines
    cut = [[line.split("\t")[column] for column in (0, 1, 4)] for line in lines]
    assert cut == [line.split("\t") for line in output.splitlines()]


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_make_target_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("line", sorted(COMMANDS))
def test_command_and_its_options_exist(line):
    _, command, *words = line.split()
    done = subprocess.run([sys.executable, "-m", "stance", command, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", done.stdout))
