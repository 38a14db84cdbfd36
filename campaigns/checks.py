"""By which check a model file was refused, told from what the error says; the checks stand in checks.toml."""

import re
import tomllib
from functools import cache
from pathlib import Path

UNKNOWN = "a check that checks.toml does not know"


@cache
def load_checks() -> dict[str, re.Pattern[str]]:
    """Return how the finding of each check begins, by the name of the check, in the order of the table."""
    groups = tomllib.loads(Path(__file__).with_name("checks.toml").read_text(encoding="utf-8"))
    return {name: re.compile(begins) for group in groups.values() for name, begins in group.items()}


@cache
def deep_checks() -> frozenset[str]:
    """Return the checks that only a file is put to whose header, digests, types and shapes are right."""
    return frozenset(tomllib.loads(Path(__file__).with_name("checks.toml").read_text(encoding="utf-8"))["data"])


def check_of(finding: str) -> str:
    """Return the name of the check that found this."""
    return next((name for name, begins in load_checks().items() if begins.match(finding)), UNKNOWN)
