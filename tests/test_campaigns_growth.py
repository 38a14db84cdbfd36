"""Short parts of `campaigns.growth`: work doubles with the text, and no expression of ours backtracks for long."""

import ast
import re
from pathlib import Path

import pytest

from campaigns.expressions import BOUNDS, find_attacks, find_expressions, run_attack
from campaigns.growth import CALLS, MOST_PER_DOUBLING, count_calls, measure_growth, repeat
from campaigns.hostile_text import load_units

STANCE = Path(__file__).parents[1] / "stance"
SIZE = 1000
SOME_UNITS = ["according_to_nobody", "ands", "datelines", "it_said", "leaders", "quotes_nested", "zero_width"]
LONGEST = 2000


def test_there_are_forty_units_and_more():
    assert len(load_units()) >= 40
    assert list(load_units()) == sorted(load_units())
    assert all(load_units().values())


def test_unit_is_repeated_to_a_size():
    assert repeat("ab ", 7) == "ab ab a"


def test_calls_are_counted():
    assert count_calls("find_actors", "sentences", 2 * SIZE) > count_calls("find_actors", "sentences", SIZE) > 100


@pytest.mark.parametrize("unit", load_units())
def test_finding_actors_grows_as_the_text(unit):
    once, twice = (count_calls("find_actors", unit, size) for size in (SIZE, 2 * SIZE))
    assert twice <= MOST_PER_DOUBLING * once


@pytest.mark.parametrize("unit", SOME_UNITS)
def test_scoring_grows_as_the_text(unit):
    once, twice = (count_calls("score_document", unit, size) for size in (SIZE, 2 * SIZE))
    assert twice <= MOST_PER_DOUBLING * once


@pytest.mark.parametrize("call", CALLS)
def test_growth_is_measured_to_largest_text(call):
    growth = measure_growth(call, "letters", largest=4096, patience=60)
    assert (growth.call, growth.unit, growth.largest) == (call, "letters", 4096)


def test_measurement_ends_before_taking_too_long():
    assert measure_growth("predict", "letters", largest=4096, patience=0).largest == 1024


def test_every_expression_is_found():
    calls = {
        ast.unparse(node)
        for path in STANCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    compiled = [call for call in calls if re.match(r"re\.(?!escape)[a-z]+\(", call)]
    assert len(compiled) > 40
    assert len(find_expressions()) >= len(compiled)


def test_every_bound_is_of_an_expression():
    assert set(BOUNDS) <= {expression.name for expression in find_expressions()}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a+)+b", "aaaaaaaa!"),
        (r"x(?:a|aa)+$", "xaaaaaaa!"),
        (r"(?:\w+\s?)*!", "aaaaaaaa\0"),
        (r"[ ]*;", "        !"),
        (r"(?<=<)(?:é|[d-f]){2,9}>", "<ddddddd!"),
        (r"(?:ab)+c", "abababab!"),
    ],
)
def test_attack_leads_to_failing_repeat(pattern, text):
    assert text in {attack.text(9) for attack in find_attacks(re.compile(pattern))}


def test_attack_begins_where_search_can():
    assert "<a<a<a<a!" in {attack.text(9) for attack in find_attacks(re.compile(r"<[^>]+>"))}


@pytest.mark.parametrize("expression", find_expressions(), ids=lambda expression: expression.name)
def test_attacks_on_expression_end(expression):
    attacks = find_attacks(expression.pattern)
    for attack in attacks[:: 1 + len(attacks) // 200]:
        run_attack(expression, attack, LONGEST)
