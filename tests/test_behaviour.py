from pathlib import Path

import pytest

from benchmarks import actor_bias
from benchmarks.behaviour import (
    CASES,
    KINDS,
    KNOWN_FAILURES,
    Case,
    Outcome,
    by_group,
    describe_failure,
    find_problems,
    judge_cases,
    missed_bars,
    read_cases,
    read_known_failures,
    write_known_failures,
)
from stance import predict
from stance.errors import DataError

GROUPS = 17
CASES_IN_A_GROUP = 50
FRAMES = 150

ALL_CASES = read_cases(CASES)
KNOWN = read_known_failures(CASES / KNOWN_FAILURES)

REGENERATE = "python -m benchmarks.behaviour --update-known-failures"


def parameter(case: Case) -> object:
    marks = [pytest.mark.xfail(strict=True, reason=KNOWN[case.digest])] if case.digest in KNOWN else []
    return pytest.param(case, id=f"{case.group}-{case.line}", marks=marks)


@pytest.fixture(scope="module")
def outcomes() -> dict[Case, Outcome]:
    return {each.case: each for each in judge_cases(ALL_CASES, predict)}


@pytest.mark.parametrize("case", [parameter(each) for each in ALL_CASES])
def test_case_passes_unless_known_to_fail(case: Case, outcomes: dict[Case, Outcome]) -> None:
    assert outcomes[case].passed, describe_failure(outcomes[case])


def test_bars_hold_in_every_group(outcomes: dict[Case, Outcome]) -> None:
    assert missed_bars(list(outcomes.values())) == []


def test_every_known_failure_is_a_case() -> None:
    assert KNOWN.keys() <= {case.digest for case in ALL_CASES}, f"run {REGENERATE}"


def test_every_group_has_enough_cases(outcomes: dict[Case, Outcome]) -> None:
    groups = by_group(outcomes.values())
    assert len(groups) == GROUPS
    assert {name for name, rows in groups.items() if len(rows) < CASES_IN_A_GROUP} == set()
    assert {name for name, rows in groups.items() if {each.case.kind for each in rows} != set(KINDS)} == set()


def test_no_case_is_there_twice() -> None:
    assert len({case.digest for case in ALL_CASES}) == len(ALL_CASES)


def test_known_failures_are_as_written(outcomes: dict[Case, Outcome], tmp_path: Path) -> None:
    write_known_failures(tmp_path / KNOWN_FAILURES, outcomes.values())
    written = (tmp_path / KNOWN_FAILURES).read_text(encoding="utf-8")
    assert (CASES / KNOWN_FAILURES).read_text(encoding="utf-8") == written, f"run {REGENERATE}"


def test_unmoved_score_fails_either_direction() -> None:
    text = "Norway expelled two diplomats."
    cases = [Case("g", 1, "direction", (text, text), direction) for direction in ("up", "down")]
    assert [each.passed for each in judge_cases(cases, predict)] == [False, False]


def test_swap_that_changes_label_fails_case() -> None:
    texts = ("Norway expelled two diplomats.", "Chile expelled two diplomats.", "Norway thanked two diplomats.")
    (outcome,) = judge_cases([Case("g", 1, "invariance", texts, "same")], predict)
    assert (outcome.passed, outcome.swaps, outcome.flips) == (False, 2, 1)


def test_check_names_all_that_is_wrong() -> None:
    def case(line: int, kind: str = "label") -> Case:
        return Case("g", line, kind, (f"Text {line}.",), "neutral")

    outcomes = [
        Outcome(case(1), passed=False, found="adversarial 0.80"),
        Outcome(case(2), passed=True, found="neutral 0.90"),
        Outcome(case(3, "invariance"), passed=False, found="neutral", swaps=2, flips=1),
    ]
    known = {case(2).digest: case(2).note, case(3, "invariance").digest: "note", "000000000000": "gone: Text."}
    assert find_problems(outcomes, known) == [
        "all cases: 33.3% pass, the bar is 85%",
        "g: 33.3% pass, the bar is 70%",
        "50.0% of the swapped texts change the label, at most 2% may",
        "fails and is no known failure: g.jsonl, line 1: neutral: Text 1. -> adversarial 0.80",
        "passes and is a known failure; remove it with --update-known-failures: neutral: Text 2.",
        "a known failure without a case; remove it with --update-known-failures: gone: Text.",
    ]


def test_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_cases(tmp_path)
    assert str(caught.value) == (f"{tmp_path}: no behavioural cases; the folder must hold a .jsonl file for each group")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"kind": "label", "text": "A."}', "'label'"),
        (
            '{"kind": "direction", "text": "A.", "changed": "B.", "direction": "left"}',
            "direction is 'left', not up or down",
        ),
        ('{"kind": "invariance", "text": "A.", "variants": []}', "variants is empty"),
        ('{"kind": "other", "text": "A."}', "kind is 'other', not label, invariance or direction"),
    ],
)
def test_broken_case_is_named_in_error(line: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_cases(tmp_path)
    assert str(caught.value) == f"{path}, line 1: not a behavioural case ({problem}); see README.md beside it"


def test_no_country_moves_the_adversarial_probability() -> None:
    frames, names = actor_bias.read_frames(actor_bias.FRAMES), actor_bias.read_names(actor_bias.COUNTRIES)
    assert sum(map(len, frames.values())) >= FRAMES
    bias = actor_bias.measure_bias(frames, names)
    assert [each for each in bias.largest if abs(each[1]) > actor_bias.MOST] == []
