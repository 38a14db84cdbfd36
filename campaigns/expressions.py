"""Can a regular expression of stance backtrack for long? Each is tried on strings made from its own parts.

The attack on an expression is the known one: a beginning that leads to a part that repeats, that part many times over,
and an end that fits nothing, so that every way to share the repeats out is tried before the match fails. No static
analysis is used, since no such library for Python is maintained (regexploit's last release is of 2021).
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import stance

BOUNDS = {
    "stance.actors._FIRST_NAME": 30,
    "stance.actors._WHOSE": 60,
    "stance.furniture.load_patterns.glue": 200,
    "stance.furniture.load_patterns.lines": 200,
    "stance.furniture.load_patterns.opening": 200,
    "stance.furniture.load_patterns.pieces": 200,
    "stance.furniture._SEPARATORS": 200,
    "stance.gazetteer._TOKEN": 200,
    "stance.gazetteer: \\w*$": 12,
    "stance.quotes._AGAIN": 16,
    "stance.quotes._INVERTED": 3,
    "stance.quotes._NOT_SAID": 16,
    "stance.quotes._PREPOSITION": 14,
    "stance.sentences._ATTRIBUTION": 60,
    "stance.sentences._CLOCK": 60,
    "stance.sentences._DATELINE": 60,
    "stance.sentences._ENDED": 4,
    "stance.sentences._ENUMERATOR": 60,
    "stance.sentences._QUESTION_OR_CRY": 60,
    "stance.sentences._QUOTED_CRY": 60,
    "stance.sentences._SHORTENED": 60,
    "stance.sentences._TITLE": 60,
}
"""The longest text that an expression is given, where its callers see to that; the others must be linear."""

LONG = 20_000
LONGER = 4 * LONG
"""How long the texts are that an expression without a bound is tried on."""

MOST_SECONDS = 0.02
"""What an expression may take for a text of the bounded length."""

MOST_FOR_LONGER = 8.0
"""LONGER may take so many times what LONG takes: 4 is linear, 16 quadratic, and between them is the noise."""

NOISE_FLOOR = 0.01
"""Seconds for LONG characters: an expression that takes less there is not quadratic."""

_REPEATS = 4
_MOST_SAMPLES = 8
_MOST_PUMPS = 3000
_ENDS = ("\x00", "!", "", " ", "a")
_CATEGORIES = {"DIGIT": "1", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "a", "NOT_SPACE": "a", "NOT_WORD": " "}


@dataclass(frozen=True)
class Expression:
    """A compiled expression and where it stands."""

    name: str
    pattern: re.Pattern[str]

    @property
    def bound(self) -> int | None:
        """The longest text that it is given, None for any."""
        return BOUNDS.get(self.name)


@dataclass(frozen=True)
class Attack:
    """A string made of a beginning, something that is repeated, and an end."""

    before: str
    unit: str
    after: str

    def text(self, size: int) -> str:
        """Return the attack with about this many characters."""
        count = (size - len(self.before) - len(self.after)) // len(self.unit)
        return self.before + self.unit * max(1, count) + self.after


def find_expressions() -> list[Expression]:
    """Return the expressions of all modules of stance: in names, in what cached functions return, and inside calls."""
    found: dict[re.Pattern[str], str] = {}
    for module in _modules():
        for name, value in sorted(vars(module).items()):
            if isinstance(value, re.Pattern) or getattr(value, "__module__", None) == module.__name__:
                for place, pattern in _patterns_in(value):
                    found.setdefault(pattern, ".".join(filter(None, (module.__name__, name, place))))
        for literal in _literals(module):
            found.setdefault(re.compile(literal), f"{module.__name__}: {literal}")
    return [Expression(name, pattern) for pattern, name in found.items()]


def find_attacks(pattern: re.Pattern[str]) -> list[Attack]:
    """Return the attacks on an expression: on each part of it that repeats, with each of some ends."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    pumps = list(dict.fromkeys((before, unit) for before, unit in _pumps(tree, "") if unit))[:_MOST_PUMPS]
    return [Attack(before, unit, after) for (before, unit), after in product(pumps, _ENDS)]


def is_slow(expression: Expression, attack: Attack) -> bool:
    """Tell whether an attack succeeds: too long at the bounded size or, without one, more than linear time."""
    pattern, bound = expression.pattern, expression.bound
    if bound is not None:
        return _least(pattern, attack.text(bound), MOST_SECONDS) > MOST_SECONDS
    before = _least(pattern, attack.text(LONG), NOISE_FLOOR)
    if before <= NOISE_FLOOR:
        return False
    enough = before * MOST_FOR_LONGER
    return _least(pattern, attack.text(LONGER), enough) > enough


def run_attack(expression: Expression, attack: Attack, longest: int) -> None:
    """Search an attack of the bounded length, at most `longest`, to the end; backtracking would keep it from ending."""
    text = attack.text(min(expression.bound or longest, longest))
    expression.pattern.fullmatch(text)
    for _ in expression.pattern.finditer(text):
        pass


def report_expressions() -> int:
    """Try all attacks on all expressions, print which succeed and the counts, and return the exit status."""
    expressions, tried, bad = find_expressions(), 0, 0
    for expression in expressions:
        attacks = find_attacks(expression.pattern)
        tried += len(attacks)
        slow = next((attack for attack in attacks if is_slow(expression, attack)), None)
        bad += slow is not None
        bound = f"up to {expression.bound} characters" if expression.bound else "any length"
        print(f"{'SLOW  ' if slow else ''}{expression.name} ({bound}): {slow or f'{len(attacks)} attacks'}", flush=True)
    print(f"expressions: {len(expressions)}, {tried:,} attacks, {bad} slow")
    return 1 if bad else 0


def _least(pattern: re.Pattern[str], text: str, enough: float) -> float:
    """Return the least time of searching a text to its end, measured again unless it is small enough."""
    least = float("inf")
    for _ in range(_REPEATS):
        started = time.process_time()
        pattern.fullmatch(text)
        for _match in pattern.finditer(text):
            pass
        least = min(least, time.process_time() - started)
        if least <= enough:
            break
    return least


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(stance.__path__, "stance."):
        if not info.name.startswith("stance.training") and not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def _patterns_in(value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the expressions that a value of a module is, or that it returns when it is a cached function."""
    if isinstance(value, re.Pattern):
        yield "", value
    elif hasattr(value, "cache_info") and callable(value) and not inspect.signature(value).parameters:
        yield from _patterns_in(value())
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from _patterns_of(value, value._fields)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _patterns_of(value, [field.name for field in fields(value)])


def _patterns_of(value: object, names: Iterable[str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name in names:
        if isinstance(getattr(value, name), re.Pattern):
            yield name, getattr(value, name)


def _literals(module: ModuleType) -> Iterator[str]:
    """Yield the expressions that are written where they are used: `re.search("...", text)`."""
    if not str(module.__file__).endswith(".py"):
        return
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name, first = ast.unparse(node.func), node.args[0]
        if name.startswith("re.") and name != "re.compile" and isinstance(first, ast.Constant):
            yield first.value


def _pumps(tree: Iterable[tuple[Any, Any]], before: str) -> Iterator[tuple[str, str]]:
    """Yield what leads to each part of a parsed expression that repeats, and what the part can be."""
    for operation, argument in tree:
        for inner in _inside(operation, argument):
            yield from _pumps(inner, before)
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[1] > 1:
            for unit in _samples(argument[2]):
                yield before, unit
                yield "", before + unit  # where a search can begin again and again
        before += _choices(operation, argument)[0]
    yield "", before


def _inside(operation: Any, argument: Any) -> Sequence[Any]:
    """Return the parsed expressions inside an operation."""
    if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return [argument[2]]
    if operation is _constants.SUBPATTERN:
        return [argument[-1]]
    if operation is _constants.BRANCH:
        return list(argument[1])
    if operation in (_constants.ASSERT, _constants.ASSERT_NOT):
        return [argument[1]]
    return [argument] if operation is _constants.ATOMIC_GROUP else []


def _samples(tree: Iterable[tuple[Any, Any]]) -> list[str]:
    """Return some strings that a parsed expression matches: the first choice everywhere, then one other at a time."""
    choices = [_choices(operation, argument) for operation, argument in tree]
    first = [each[0] for each in choices]
    others = [
        "".join([*first[:index], other, *first[index + 1 :]])
        for index, each in enumerate(choices)
        for other in each[1:]
    ]
    return ["".join(first), *others][:_MOST_SAMPLES]


def _choices(operation: Any, argument: Any) -> list[str]:
    """Return some strings that one operation matches, at least one."""
    if operation is _constants.LITERAL:
        return [chr(argument)]
    if operation is _constants.NOT_LITERAL:
        return ["b" if argument == ord("a") else "a"]
    if operation is _constants.ANY:
        return ["a", " "]
    if operation is _constants.IN:
        return _members(argument)
    if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least = max(1, min(argument[0], 10))
        return [sample * least for sample in _samples(argument[2])]
    if operation is _constants.ASSERT:
        return _samples(argument[1]) if argument[0] < 0 else [""]
    if operation is _constants.ASSERT_NOT:
        return [""]
    return [sample for inner in _inside(operation, argument) for sample in _samples(inner)[:2]][:_MOST_SAMPLES] or [""]


def _members(members: Sequence[tuple[Any, Any]]) -> list[str]:
    """Return some characters of a set."""
    if members[0][0] is _constants.NEGATE:
        outside = {chr(code) for kind, code in members if kind is _constants.LITERAL}
        return [character for character in "ab 1A.,\x00" if character not in outside][:3]
    found = []
    for kind, value in members:
        if kind is _constants.LITERAL:
            found.append(chr(value))
        elif kind is _constants.RANGE:
            found.append(chr(value[0]))
        else:
            found.append(_CATEGORIES[str(value).removeprefix("CATEGORY_")])
    return found[:_MOST_SAMPLES]
