"""What the README shows works: its Python runs, and its commands exist."""

import doctest
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = ("bash", "console", "sh", "shell")

BLOCKS = [(match[1], match[2]) for match in FENCE.finditer(README)]
PYTHON_BLOCKS = [text for language, text in BLOCKS if language in ("python", "pycon") and ">>>" in text]
SHELL_LINES = [line.removeprefix("$ ") for language, text in BLOCKS if language in SHELL for line in text.splitlines()]
CODE = [*SHELL_LINES, *re.findall(r"`([^`\n]+)`", FENCE.sub("", README))]

TARGETS = {line[5:].split()[0] for line in CODE if re.match(r"make [a-z]", line)}
COMMANDS = {line.split("#")[0].strip() for line in CODE if re.match(r"stance [a-z]+\b", line)}


def test_readme_shows_python_make_and_the_command_line():
    assert PYTHON_BLOCKS
    assert {"demo", "test"} <= TARGETS
    assert COMMANDS


def test_python_examples_give_what_the_readme_says(tmp_path, monkeypatch):
    if not files("stance").joinpath("shipped.safetensors").is_file():
        pytest.skip("no shipped model yet: make model")
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest("\n".join(PYTHON_BLOCKS), {}, "README.md", "README.md", 0)
    report: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags).run(examples, out=report.append)
    assert "".join(report) == ""


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
