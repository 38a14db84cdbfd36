"""Dyads over time, and the files of dated documents."""

import datetime
import json
from xml.etree import ElementTree

import pytest

from stance.dated import read_dated_documents
from stance.errors import DataError
from stance.timeline import Dyad, Period, Series, Timeline, TimelinePoint, name_period, read_dyad, timeline

DAY = datetime.date(2024, 5, 31)
ROWS = [
    ("Iran accused Israel of sabotage.", datetime.date(2024, 1, 3)),
    ("Iranian forces attacked Israel on Monday with drones and missiles.", datetime.date(2024, 1, 20)),
    ("Israel and Iran signed a water agreement in Geneva.", datetime.date(2024, 3, 1)),
    ("Israel and Iran signed a water agreement in Geneva.", datetime.date(2024, 3, 2)),
    ("The weather was fine.", datetime.date(2024, 3, 2)),
]


@pytest.mark.parametrize(
    ("by", "name"),
    [("day", "2024-05-31"), ("week", "2024-W22"), ("month", "2024-05"), ("quarter", "2024-Q2"), ("year", "2024")],
)
def test_period_has_its_name(by, name):
    assert name_period(DAY, Period(by)) == name


@pytest.mark.parametrize(
    ("text", "dyad"),
    [
        ("CHN-RUS", Dyad("CHN", "RUS")),
        ("CHN>RUS", Dyad("CHN", "RUS", True)),
        ("USA:al-Qaeda", Dyad("USA", "al-Qaeda")),
    ],
)
def test_dyad_is_read(text, dyad):
    assert read_dyad(text) == dyad


@pytest.mark.parametrize("text", ["CHN", "", "-RUS", "USA-al-Qaeda"])
def test_what_is_no_dyad_is_refused(text):
    with pytest.raises(ValueError, match="write it as CHN-RUS"):
        read_dyad(text)


def test_score_turns_and_reprints_count_once():
    found = timeline(ROWS, dyads=["IRN-ISR"])
    (series,) = found.series
    january, march = series.points
    assert (january.period, march.period) == ("2024-01", "2024-03")
    assert january.score < -0.5 < 0.5 < march.score
    assert january.low <= january.score <= january.high
    assert (found.documents, found.duplicates) == (4, 1)


def test_alike_events_of_other_months_count():
    rows = [("Iran accused Israel of sabotage.", datetime.date(2024, month, 28)) for month in range(1, 13)]
    for ordered in (rows, rows[::-1]):
        found = timeline(ordered)
        assert (found.documents, found.duplicates) == (12, 0)


@pytest.mark.parametrize(("days", "duplicates"), [(0, 1), (7, 1), (8, 0), (14, 0)])
@pytest.mark.parametrize("first", range(1, 8))
def test_near_duplicates_are_days_apart(first, days, duplicates):
    day = datetime.date(2024, 3, first)
    rows = [("Iran accused Israel.", day), ("Iran accused Israel.", day + datetime.timedelta(days))]
    assert timeline(rows).duplicates == timeline(rows[::-1]).duplicates == duplicates


def test_dates_may_be_texts():
    as_text = [(text, day.isoformat()) for text, day in ROWS]
    assert timeline(as_text) == timeline(ROWS)


@pytest.mark.parametrize("behind", ["", "T10:00", " 10:00", "Z", "+02:00", "-05:00"])
@pytest.mark.parametrize("day", ["2024-01-03", "20240103", "2024-W01-3"])
def test_day_may_have_time_behind(day, behind):
    assert timeline([(ROWS[0][0], day + behind)], by="day") == timeline(ROWS[:1], by="day")


@pytest.mark.parametrize("date", [None, "today", "2024-02-30", "2024"])
def test_document_of_bad_date_is_named(date):
    with pytest.raises((TypeError, ValueError), match=r"^documents\[1\]: date: "):
        timeline([ROWS[0], ("Iran accused Israel.", date)])


def test_one_direction_only():
    (series,) = timeline(ROWS[:1], dyads=["ISR>IRN"]).series
    assert series.points == ()


def test_most_frequent_dyads_are_chosen():
    assert [each.dyad for each in timeline(ROWS, top=1).series] == [Dyad("IRN", "ISR")]


def test_order_of_documents_does_not_matter():
    assert timeline(ROWS[::-1], top=1).series == timeline(ROWS, top=1).series


def test_timeline_becomes_json():
    (series,) = json.loads(json.dumps(timeline(ROWS, by="year").to_dict()))["series"]
    assert series["dyad"] == "IRN-ISR"


def test_document_counts_once_for_both_directions():
    (series,) = timeline(ROWS[2:3], dyads=["IRN-ISR"]).series
    assert [point.documents for point in series.points] == [1]


def test_reprint_of_parts_counts_once():
    blocks = [" ".join(f"{letter}{number}" for number in range(60)) for letter in "abefzyw"]
    a, b, e, f, z, y, w = blocks
    texts = [f"{a} {z}", f"{b} {y}", f"{e} {w}", f"{a} {b} {e} {f}", f"{a} {b} {e} {f}"]
    assert timeline([(text, DAY) for text in texts]).duplicates == 1


def test_dyads_must_be_no_single_text():
    with pytest.raises(TypeError, match="expected a list of dyads"):
        timeline(ROWS, dyads="IRN-ISR")


def test_dyad_reads_back():
    for dyad in (Dyad("USA", "al-Qaeda"), Dyad("CHN", "RUS"), Dyad("CHN", "RUS", True)):
        assert read_dyad(str(dyad)) == dyad


def test_unknown_period_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        timeline(ROWS, by="fortnight")


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_plot_is_a_picture(tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"dyads.{suffix}"
    timeline(ROWS).plot(path)
    assert path.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


@pytest.mark.parametrize("name", ["$x$", "$\\frac{$", "a\x00b", "\x1b[1m", "\ud800", "--><script>x()</script>"])
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_any_name_of_actors_stays_text(tmp_path, name, suffix):
    pytest.importorskip("matplotlib")
    point = TimelinePoint("2024-01", 0.5, 0.1, 0.9, 0.3, 1, 1)
    path = tmp_path / f"dyads.{suffix}"
    Timeline(Period.MONTH, (Series(Dyad(name, "B"), (point,)),), 1, 0).plot(path)
    if suffix == "svg":
        assert not list(ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize("by", list(Period))
def test_period_begins_by_its_days(by):
    pytest.importorskip("matplotlib")
    from stance.timeline_plot import first_day

    first = first_day(name_period(DAY, by), by)
    assert first <= DAY
    assert name_period(first, by) == name_period(DAY, by)


def test_nothing_to_draw_is_an_error(tmp_path):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="nothing to draw"):
        timeline(ROWS[-1:]).plot(tmp_path / "dyads.png")
    assert not (tmp_path / "dyads.png").exists()


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_dated_documents_are_read(tmp_path):
    rows = {"text": "One.", "date": "2024-05-31T10:00"}, {"text": "Two.", "date": "2024-06-01"}
    assert [each.text for each in read_dated_documents(write(tmp_path / "a.jsonl", *rows))] == ["One.", "Two."]
    table = tmp_path / "a.csv"
    table.write_text('body,published\n"One, two.",2024-05-31\n', encoding="utf-8")
    assert list(read_dated_documents(table)) == [("One, two.", DAY)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "One.", "date": "May"}, r"a.jsonl, line 1: the date is 'May'; write it as 2024-05-31"),
        ({"text": "One."}, "no date column among text"),
        ({"text": 3, "date": "2024-05-31"}, "the text is 3, not a string"),
        ([], "a JSON list, not an object"),
    ],
)
def test_bad_row_is_named_by_line(tmp_path, row, message):
    with pytest.raises(DataError, match=message):
        list(read_dated_documents(write(tmp_path / "a.jsonl", row)))


def test_undecodable_bytes_are_named_by_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "One.", "date": "2024-05-31"}\n{"text": "\xff"}\n')
    with pytest.raises(DataError, match=r"a.jsonl, line 2: not UTF-8 \(byte 0xff\)"):
        list(read_dated_documents(path))


def test_unquoted_comma_is_named_by_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date,text\n2024-05-31,Leaders met, then left.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.csv, line 2: 3 fields where the header has 2$"):
        list(read_dated_documents(path))


def test_wider_encoding_fails_at_first_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("date,text\n2024-05-31,Leaders met.\n".encode("utf-16-le"))
    with pytest.raises(DataError, match=r"a.csv, line 1: a NUL byte; "):
        list(read_dated_documents(path))


def test_quotation_mark_takes_no_next_line(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('text\tdate\n"We will leave.\t2024-05-31\nHe left."\t2024-05-31\n', encoding="utf-8")
    assert [each.text for each in read_dated_documents(path)] == ['"We will leave.', 'He left."']


@pytest.mark.parametrize("value", ["[" * 100_000, "1" * 10_000], ids=["deep", "a long number"])
def test_unreadable_json_is_named_by_line(tmp_path, value):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": {value}', encoding="utf-8")
    with pytest.raises(DataError, match=r"a.jsonl, line 1: not JSON \("):
        list(read_dated_documents(path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "text\tdate\n\nOne.\t2024-05-31\n \n"),
        ("a.csv", "text,date\n\nOne.,2024-05-31\n\n"),
        ("a.jsonl", '\n{"text": "One.", "date": "2024-05-31"}\n \n'),
    ],
)
def test_blank_lines_are_no_rows(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert list(read_dated_documents(path)) == [("One.", DAY)]


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"none.csv: cannot be read \(No such file or directory\)"):
        list(read_dated_documents(tmp_path / "none.csv"))


def test_another_kind_of_file_is_error(tmp_path):
    with pytest.raises(DataError, match=r"a.xlsx: cannot read '.xlsx' files; give one ending in .csv, "):
        list(read_dated_documents(tmp_path / "a.xlsx"))


def test_unknown_picture_kind_is_refused_first(run, tmp_path):
    path = write(tmp_path / "a.jsonl", {"text": "One.", "date": "2024-05-31"})
    result = run("timeline", str(path), "--plot", str(tmp_path / "a.gif"))
    assert (result.status, result.output) == (2, "")
    assert "cannot draw '.gif' files" in result.errors


def test_command_writes_csv(run, tmp_path):
    path = write(tmp_path / "a.jsonl", *({"text": text, "date": str(day)} for text, day in ROWS))
    lines = run("timeline", str(path), "--by", "year", "--dyad", "IRN-ISR").lines
    assert lines[0] == "dyad,period,score,low,high,intensity,documents,sentences"
    assert lines[1].startswith("IRN-ISR,2024,")
    assert len(lines) == 2


def test_command_says_what_is_not_shown(run, tmp_path):
    path = write(tmp_path / "a.jsonl", *({"text": text, "date": str(day)} for text, day in ROWS))
    result = run("timeline", str(path), "--dyad", "CHN-RUS")
    assert result.status == 0
    assert result.errors.splitlines() == [
        "stance: 1 of 5 documents (nearly) repeat another of the same days and do not count",
        "stance: no document has a relation of CHN-RUS; without --dyad the most frequent are shown",
    ]


@pytest.mark.parametrize("document", [(None, "2024-01-05"), (float("nan"), "2024-01-05")])
def test_text_that_is_none_is_named(document):
    with pytest.raises(TypeError, match=r"documents\[1\]: expected a text and its date, got (NoneType|float) as text"):
        timeline([ROWS[0], document])


def test_dyad_of_another_type_is_refused():
    with pytest.raises(TypeError, match="expected a text such as 'CHN-RUS', or a Dyad"):
        timeline(ROWS, dyads=[("IRN", "ISR")])


def test_single_document_has_no_band(run, tmp_path):
    (series,) = timeline(ROWS, dyads=["IRN-ISR"], by="year").series
    assert [point.low is None for point in series.points] == [False]
    path = write(tmp_path / "a.jsonl", {"text": ROWS[0][0], "date": "2024-05-31"})
    line = run("timeline", str(path)).lines[1].split(",")
    assert (line[3:5], line[6]) == (["", ""], "1")
    assert run("timeline", str(path), "--plot", str(tmp_path / "a.png")).status == 0


@pytest.mark.parametrize("columns", ["text,body,date", "text,date,published"])
def test_ambiguous_column_is_an_error(tmp_path, columns):
    path = tmp_path / "a.csv"
    path.write_text(f"{columns}\nOne.,2024-05-31,2024-05-31\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 2: cannot tell the \w+ column, it may be \w+ or \w+; name it"):
        list(read_dated_documents(path))
