"""The examples in docstrings run and give what they say."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import stance
import stance.training

MODULES = ["stance", *(module.name for module in walk_packages(stance.__path__, "stance."))]
TRAINING = ["stance.training", *(module.name for module in walk_packages(stance.training.__path__, "stance.training."))]
NAMES = sorted({name for name in (*MODULES, *TRAINING) if not name.endswith("__main__")})
FINDER = doctest.DocTestFinder(exclude_empty=True)
EXAMPLES = [test for name in NAMES for test in FINDER.find(import_module(name)) if test.examples]


def test_there_are_examples():
    assert "stance" in {test.name for test in EXAMPLES}


@pytest.mark.parametrize("test", EXAMPLES, ids=lambda test: test.name)
def test_example_gives_what_it_says(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert "".join(report) == ""
