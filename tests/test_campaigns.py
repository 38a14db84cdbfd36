import re

import pytest

from campaigns.__main__ import CAMPAIGNS, ROOT, Outcome, format_table, main
from campaigns.mutants import killed_share, read_results


def test_outcomes_are_a_table() -> None:
    outcomes = [
        Outcome("pages", "pages: 2,000 payloads, 0 failures; 60 pages", 0, 271.4),
        Outcome("growth", "growth: 80 of calls and units, 3 superlinear; the worst: a|b", 1, 9.0),
        Outcome("text huge", "huge: quotes: 1.5 s", 1, 1234.5),
        Outcome("models", "there is no such module", 1, 0.0),
    ]
    assert format_table(outcomes) == (
        "| campaign | count | failures | seconds | last line |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| pages | 2,000 | 0 | 271 | pages: 2,000 payloads, 0 failures; 60 pages |\n"
        "| growth | 80 | 3 | 9 | growth: 80 of calls and units, 3 superlinear; the worst: a/b |\n"
        "| text huge | 1 | some | 1,234 | huge: quotes: 1.5 s |\n"
        "| models | – | some | 0 | there is no such module |"
    )


def test_an_unknown_campaign_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["pages", "nonsense"])
    assert caught.value.code == 2
    assert "no campaign nonsense; there are " in capsys.readouterr().err


def test_no_campaign_is_listed_twice() -> None:
    assert len(set(CAMPAIGNS)) == len(CAMPAIGNS)


def test_results_of_mutants_are_read() -> None:
    lines = ["    stance.reading.x_a__mutmut_1: killed", "    stance.reading.x_b__mutmut_1: no tests", "noise", ""]
    results = read_results([*lines, "    stance.model.x_c__mutmut_1: timeout"])
    assert results == {
        "reading": {"x_a__mutmut_1": "killed", "x_b__mutmut_1": "no tests"},
        "model": {"x_c__mutmut_1": "timeout"},
    }
    assert [killed_share(found) for found in (*results.values(), {})] == [0.5, 1.0, 0.0]


def test_documentation_has_all_promises_and_campaigns() -> None:
    text = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d+) \|", text, re.MULTILINE) == [str(number) for number in range(1, 18)]
    documented = re.findall(r"`python -m campaigns\.([\w -]+)`", text)
    how = re.compile(r" --(?:calls|count|kernel|largest|seconds)(?: \w+)+")
    assert {how.sub("", each) for each in documented} == {how.sub("", each) for each in CAMPAIGNS}
