import pytest

from stance.errors import DataError
from stance.training import Example
from stance.training.checks import check_examples, remove_overlap
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


def test_near_duplicates_of_two_groups_are_one_group() -> None:
    text = "The envoy met the ministers of both states in Muscat"
    extra = [Example(text, "x", group="1"), Example(f"{text} today", "x", group="2"), Example("A vote", "y", group="2")]
    checked = check_examples([*GOOD, *extra], "data.csv")
    groups = number_groups(checked.examples, checked.clusters)
    assert groups.tolist() == [0, 1, 2, 3, 4, 4, 4]


def test_the_commonest_label_of_a_text_stays() -> None:
    kept, messages = check_with(Example("A vote", "y"), Example("A vote", "x"), Example("a vote", "x"))
    assert kept == ["A vote"]
    problem = "1 texts under two labels (the commonest stays, a tie drops the text)"
    assert messages == (f"{problem}: line 5 y, 6 x, 7 x", "1 exact duplicates dropped: line 7 repeats 6")


def test_a_text_with_tied_labels_is_dropped() -> None:
    kept, messages = check_with(Example("A vote", "y"), Example("A vote", "x"))
    assert kept == []
    assert messages == ("1 texts under two labels (the commonest stays, a tie drops the text): line 5 y, 6 x",)


def test_a_long_list_of_places_is_cut() -> None:
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
def test_classes_that_cannot_be_learned_are_errors(extra: list[Example], message: str) -> None:
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
    assert findings.messages == ("2 training examples dropped that (nearly) repeat a validation example",)


def test_without_overlap_nothing_goes() -> None:
    assert remove_overlap(GOOD, [Example("A vote", "x")])[0] == GOOD
