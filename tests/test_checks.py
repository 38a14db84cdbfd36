from dataclasses import replace

import pytest

from stance.errors import DataError
from stance.training import Example
from stance.training.checks import NO_EVENTS, check_examples, inspect_examples, remove_overlap
from stance.training.corpus import number_groups

GOOD = [Example("They met", "x"), Example("They left", "y"), Example("They spoke", "x"), Example("They fought", "y")]


def check_with(*extra: Example) -> tuple[list[str], tuple[str, ...]]:
    checked = check_examples([*GOOD, *extra], "data.csv")
    return [example.text for example in checked.examples[len(GOOD) :]], checked.findings.messages


def test_clean_examples_give_no_message() -> None:
    assert check_with() == ([], ())


def test_empty_texts_are_dropped() -> None:
    assert check_with(Example(" ", "x", line=9), Example("", "y")) == ([], ("2 empty texts dropped: line 9; 6",))


def test_the_first_of_exact_duplicates_stays() -> None:
    kept, messages = check_with(Example("they MET!", "x"))
    assert kept == []
    assert messages == ("1 exact duplicates dropped: line 5 repeats 1",)


def test_near_duplicates_stay_in_one_cluster() -> None:
    text = "The envoy met the ministers of both states in Muscat"
    checked = check_examples([*GOOD, Example(text, "x"), Example(f"{text} today", "x")], "data.csv")
    assert checked.clusters.tolist() == [0, 1, 2, 3, 4, 4]
    assert checked.findings.messages == ("1 clusters of near duplicates kept, each within one fold: line 5 and 6",)


def test_near_duplicates_join_their_groups() -> None:
    text = "The envoy met the ministers of both states in Muscat"
    extra = [Example(text, "x", group="1"), Example(f"{text} today", "x", group="2"), Example("A vote", "y", group="2")]
    checked = check_examples([*GOOD, *extra], "data.csv")
    groups = number_groups(checked.examples, checked.clusters)
    assert groups.tolist() == [0, 1, 2, 3, 4, 4, 4]


def test_commonest_label_of_text_stays() -> None:
    kept, messages = check_with(Example("A vote", "y"), Example("A vote", "x"), Example("a vote", "x"))
    assert kept == ["A vote"]
    problem = "1 texts under two labels (the commonest stays, a tie drops the text)"
    assert messages == (f"{problem}: line 5 y, 6 x, 7 x", "1 exact duplicates dropped: line 7 repeats 6")


def test_text_with_tied_labels_is_dropped() -> None:
    kept, messages = check_with(Example("A vote", "y"), Example("A vote", "x"))
    assert kept == []
    assert messages == ("1 texts under two labels (the commonest stays, a tie drops the text): line 5 y, 6 x",)


def test_long_list_of_places_is_cut() -> None:
    _, (message,) = check_with(*[Example("", "x")] * 30)
    assert message.endswith("; 24; and 10 more")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ([Example("A vote", "z", line=7)], ", line 7: the only example of 'z', apart from any that were dropped"),
        ([Example("A vote", "x", "E", line=7)], ", line 7: the only example of 'E', apart from any that were dropped"),
        ([Example("A vote", "x", "y", line=7)], ", line 7: event 'y' is also a label; rename one"),
        (
            [Example("A vote", "x", "E", line=7), Example("A bill", "y", "E", line=8)],
            ", line 8: event 'E' under label 'y', and under label 'x' on line 7",
        ),
    ],
)
def test_unlearnable_classes_are_errors(extra: list[Example], message: str) -> None:
    with pytest.raises(DataError) as caught:
        check_with(*extra)
    assert str(caught.value).startswith(f"data.csv{message}")


@pytest.mark.parametrize("count", [1, 51])
def test_the_number_of_labels_is_bounded(count: int) -> None:
    examples = [
        Example(f"{letters} word", f"label{n}") for n in range(count) for letters in ("a" * (n + 1), "b" * (n + 1))
    ]
    with pytest.raises(DataError, match=f"data.csv: {count} different labels, where 2 to 50 can be learned"):
        check_examples(examples, "data.csv")


def test_training_examples_that_repeat_validation_go() -> None:
    text = "The envoy met the ministers of both states in Muscat"
    kept, findings = remove_overlap(
        [*GOOD, Example(f"{text} today", "x")], [Example(text, "x"), Example("they met", "y")]
    )
    assert [example.text for example in kept] == ["They left", "They spoke", "They fought"]
    assert findings.messages == (
        "2 training examples dropped that (nearly) repeat a validation example or share its group",
    )


def test_without_overlap_nothing_goes() -> None:
    assert remove_overlap(GOOD, [Example("A vote", "x")])[0] == GOOD


def test_error_says_what_left_nothing() -> None:
    with pytest.raises(DataError) as caught:
        check_examples([Example("", "x"), *GOOD], "data.csv", GOOD)
    overlap = "4 training examples dropped that (nearly) repeat a validation example or share its group"
    problem = f"nothing left after removing 5 examples: {overlap}; 1 empty texts dropped: line 1"
    assert str(caught.value) == f"data.csv: {problem}"


def test_lines_are_those_before_overlap_went() -> None:
    texts = ["One vote", "Two bills", "One law", "Two acts"]
    rows = [*GOOD, *(Example(text, text[:3]) for text in texts), Example("", "x")]
    assert check_examples(rows, "data.csv", GOOD).findings.messages[1:] == ("1 empty texts dropped: line 9",)


def test_event_of_one_example_is_explained() -> None:
    with pytest.raises(DataError) as caught:
        check_with(Example("A vote", "x", "id-1", line=7))
    assert str(caught.value).endswith(f"; a class needs 2; {NO_EVENTS}")


EVENTS = [Example("A vote", "x", "E"), Example("a vote", "x", "F"), Example("A bill", "x", "E")]


def test_text_under_two_events_is_listed() -> None:
    kept, messages = check_with(*EVENTS)
    assert kept == ["A vote", "A bill"]
    problem = "1 texts under two events of one label (the first stays): line 5 E, 6 F"
    assert messages == (problem, "1 exact duplicates dropped: line 6 repeats 5")


def test_measuring_data_are_inspected_and_kept() -> None:
    rows = [*EVENTS, Example(" ", "x"), Example("a bill", "y")]
    assert inspect_examples(rows, "validation data").messages == tuple(
        f"validation data, nothing dropped: {problem}"
        for problem in (
            "1 empty texts: line 4",
            "1 texts under two labels: line 3 x, 5 y",
            "1 texts under two events of one label: line 1 E, 2 F",
            "2 exact duplicates: line 2 repeats 1; 5 repeats 3",
        )
    )


def test_good_measuring_data_give_no_message() -> None:
    assert inspect_examples(GOOD, "validation data").messages == ()


@pytest.mark.parametrize(("label", "event"), [("good\xa0news", None), ("good", "A\tB")])
def test_unprintable_name_is_refused_with_line(label, event):
    examples = [Example("They met.", label, event, None, 2), Example("They fought.", "bad", None, None, 3)]
    with pytest.raises(DataError, match=r"data.csv, line 2: '.*' has a character that cannot be printed"):
        check_examples(examples, "data.csv")


def test_training_examples_share_no_validation_group() -> None:
    grouped = [replace(each, group=name) for each, name in zip(GOOD, "abcd", strict=True)]
    kept, findings = remove_overlap(grouped, [Example("A vote", "x", group="b")])
    assert [example.group for example in kept] == ["a", "c", "d"]
    assert findings.messages[0].startswith("1 training examples dropped")


def test_odd_labels_are_pointed_out() -> None:
    names = ["Coop", "coop", "1", "-2.5", "10"]
    examples = [Example(f"{word * (n + 1)} to talk", name) for n, name in enumerate(names) for word in ("met", "left")]
    messages = check_examples(examples, "data.csv").findings.messages
    assert "labels that differ in case only are different classes: Coop and coop" in messages
    assert "labels that are numbers are classes like any other, in no order: -2.5, 1, 10" in messages


def test_related_examples_outlast_their_disputes() -> None:
    examples = [
        *GOOD,
        *GOOD,
        Example("France praised Germany and sued Italy", "x", source="France", target="Germany"),
        Example("France praised Germany and sued Italy", "y", source="France", target="Italy"),
    ]
    checked = check_examples(examples, "data.csv")
    assert [example.target for example in checked.related] == ["Germany", "Italy"]
    assert len(checked.examples) == len(GOOD)
