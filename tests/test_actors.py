"""Who is named in a text: the gazetteer, ambiguous names, unknown persons and bodies, later references."""

import datetime
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import Actor, find_actors
from stance.actors import find_named_actors

FOLDER = Path(__file__).parents[1] / "fixtures" / "actors"
GAZETTEER = Path(__file__).parents[1] / "stance" / "gazetteer"


def cases(name: str) -> list[object]:
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows
    failing = pytest.mark.xfail(strict=True, reason="known failure")
    return [pytest.param(row, marks=[failing] if row.get("known_failure") else [], id=row["note"]) for row in rows]


def table(name: str) -> dict[str, object]:
    return tomllib.loads((GAZETTEER / f"{name}.toml").read_text(encoding="utf-8"))


def ids(text: str, date: str | None = None) -> list[tuple[str, str]]:
    return [(text[actor.start : actor.end], actor.id) for actor in find_actors(text, date)]


@pytest.mark.parametrize("case", cases("named"))
def test_names_get_the_id_of_actors(case):
    text, at = case["text"], 0
    actors = find_named_actors(text, case["date"])
    for name, identifier in case["actors"]:
        at = text.index(name, at)
        over = [each.id for each in actors if each.start < at + len(name) and at < each.end]
        assert identifier in over, name
        at += 1
    for name, identifier in case["not"]:
        at = text.index(name)
        assert identifier not in [each.id for each in actors if each.start < at + len(name) and at < each.end], name


@pytest.mark.parametrize("case", cases("references"))
def test_later_mention_refers_to_earlier_actor(case):
    text = case["text"]
    actors = find_actors(text)

    def actor_at(start: int, end: int) -> Actor:
        return [each for each in actors if each.start < end and start < each.end][-1]

    for mention, occurrence, name in case["references"]:
        at = -1
        for _ in range(occurrence + 1):
            at = text.index(mention, at + 1)
        meant = text.index(name)
        over = [each for each in actors if each.start < at + len(mention) and at < each.end]
        assert over, mention
        assert over[0].id == actor_at(meant, meant + len(name)).id, mention


def test_leader_counts_for_state_in_office():
    assert ids("Donald Trump praised the pact.", "2018-07-01") == [("Donald Trump", "USA")]
    assert ids("Donald Trump praised the pact.", "2012-07-01") == [("Donald Trump", "Donald Trump")]
    assert ids("Donald Trump praised the pact.") == [("Donald Trump", "USA")]


def test_date_may_be_a_date():
    (actor,) = find_actors("Obama praised the pact.", datetime.date(2010, 1, 1))
    assert (actor.id, actor.name, actor.kind) == ("USA", "Barack Obama", "person")


@pytest.mark.parametrize("date", ["yesterday", "", "24-05-31", "12345"])
def test_date_without_year_is_an_error(date):
    with pytest.raises(ValueError, match="does not begin with a year; write it as 2024-05-31"):
        find_actors("Obama praised the pact.", date)


@pytest.mark.parametrize("date", ["2024-13-45", "2024-02-30", "2024abc", "20240230", "2024-00", "2024-05-31x"])
def test_date_must_be_of_calendar(date):
    with pytest.raises(ValueError, match=r"is no day of the calendar; write it as 2024-05-31"):
        find_actors("Obama praised the pact.", date)


@pytest.mark.parametrize("date", ["2010", "2010-05", "2010-05-31", "20100531", "2010-05-31T10:00", "2010-05-31 10:00Z"])
def test_date_may_be_less_or_more(date):
    assert find_actors("Obama praised the pact.", date)[0].id == "USA"


def test_missing_date_is_an_error():
    class Missing(datetime.date):
        year = float("nan")

    with pytest.raises(ValueError, match="is no day; leave it out where none is known"):
        find_actors("Obama praised the pact.", Missing(2010, 1, 1))


def test_text_must_be_a_string():
    with pytest.raises(TypeError, match="find_actors takes the text of a document"):
        find_actors(b"Obama")  # type: ignore[arg-type]


def test_person_of_two_posts_counts_later():
    assert ids("Mark Rutte met Putin.", "2012-03-01")[0] == ("Mark Rutte", "NLD")
    assert ids("Mark Rutte met Putin.", "2025-03-01")[0] == ("Mark Rutte", "NATO")


def test_company_of_state_is_no_state():
    assert ids("South Korea's Samsung said it would sue.")[1] == ("Samsung", "Samsung")


def test_leader_behind_opening_word_is_found():
    assert ids("Can Trump win? Then Putin left.") == [("Trump", "USA"), ("Putin", "RUS")]


def test_initial_in_quotation_is_no_speaker():
    assert ("I", "CHN") not in ids('China said: "We met John I. Smith, who led us to My Lai."')


def test_dateline_is_no_actor():
    assert ids("Moscow, (TASS) - China thanked Iran.") == [("China", "CHN"), ("Iran", "IRN")]


def test_body_behind_adjective_counts_for_state():
    assert ids("The Kenyan Interior Ministry denied it.")[1] == ("Interior Ministry", "KEN")


def test_actors_in_furniture_are_left_out():
    assert ids("Share this story\n\nChina thanked Iran.\n\nAsia/South Asia") == [("China", "CHN"), ("Iran", "IRN")]


def test_gazetteer_has_states_of_the_suite():
    countries = (Path(__file__).parents[1] / "fixtures" / "behaviour" / "countries.tsv").read_text(encoding="utf-8")
    names = [
        line.split("\t")[0].removeprefix("the ") for line in countries.splitlines() if line and not line.startswith("#")
    ][1:]
    states = {name for state in table("states").values() for name in state["names"]}
    assert [name for name in names if name not in states] == []


def test_gazetteer_is_wide_as_it_says():
    states, organisations, groups, leaders = map(table, ("states", "organisations", "groups", "leaders"))
    assert len([code for code in states if len(code) == 3 and code.isupper()]) >= 195
    assert len(organisations) >= 80
    assert len([each for each in groups.values() if each["kind"] != "party"]) >= 100
    assert len([code for code in leaders if code in states]) >= 60
    assert sum(len(each["leaders"]) for each in leaders.values()) > 3000


@pytest.mark.parametrize("name", ["states", "organisations", "groups", "leaders", "ambiguous"])
def test_gazetteer_is_sorted(name):
    keys = [key for key in table(name) if key != "sport"]
    assert keys == sorted(keys)


def test_leaders_belong_to_actors_of_gazetteer():
    known = {*table("states"), *table("organisations"), *table("groups")}
    assert [code for code in table("leaders") if code not in known] == []


def test_no_name_stands_for_two():
    names: dict[str, str] = {}
    for file in ("states", "organisations", "groups"):
        for code, actor in table(file).items():
            for name in [*actor["names"], *actor.get("demonyms", ()), *actor.get("seats", ())]:
                assert names.setdefault(name, code) == code, name


@given(st.text(alphabet=st.sampled_from(list("AXi US'’\".,-\n“”he said Putin Georgia 12\u2028\ud800é")), max_size=80))
def test_mentions_stand_in_order(text):
    actors = find_actors(text)
    assert all(0 <= each.start < each.end <= len(text) for each in actors)
    assert [each.start for each in actors] == sorted(each.start for each in actors)
