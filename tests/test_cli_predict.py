import json
from pathlib import Path

import pytest
from conftest import Run

import stance

SENTENCE = "Ankara lifted its ban on flights."


def test_sentence_is_predicted_as_in_python(run: Run, small_model: Path) -> None:
    expected = stance.load(small_model).predict(SENTENCE)
    assert json.loads(run("predict", SENTENCE, "--model", small_model).output) == {
        "text": SENTENCE,
        "label": expected.label,
        "probabilities": expected.probabilities,
        "score": expected.score,
        "confidence": expected.confidence,
        "event": expected.event,
        "evidence": expected.evidence,
    }


def test_prediction_reads_alike_in_a_document(run: Run, small_model: Path) -> None:
    line = json.loads(run("predict", SENTENCE, "--model", small_model).output)
    (sentence,) = stance.load(small_model).score_document(SENTENCE).to_dict()["sentences"]
    assert line == {"text": SENTENCE, **sentence["prediction"]}


@pytest.mark.parametrize("line_format", ["jsonl", "tsv"])
@pytest.mark.parametrize(
    ("given", "count"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"one\n\n\nfour", 4),
        (b"one\r\ntwo\r\n", 2),
        ("a\u2028b\x85c\u2029d\ve\rf\n".encode(), 1),
        (b"one\n" * 2345, 2345),
    ],
)
def test_as_many_lines_come_out(run: Run, small_model: Path, given: bytes, count: int, line_format: str) -> None:
    result = run("predict", "-", "--model", small_model, "--format", line_format, given=given)
    assert (result.status, len(result.lines)) == (0, count)


def test_empty_line_is_neutral(run: Run, small_model: Path) -> None:
    found = json.loads(run("predict", "--model", small_model, given=b"\n").output)
    assert (found["label"], found["evidence"], found["probabilities"]["neutral"]) == ("neutral", 0, 1.0)


def test_inputs_come_in_order_given(run: Run, small_model: Path) -> None:
    Path("in.txt").write_bytes(b"\xef\xbb\xbffirst\r\nsecond")
    result = run("predict", "zeroth", "in.txt", "-", "last", "--model", small_model, given=b"third\n")
    assert [json.loads(line)["text"] for line in result.lines] == ["zeroth", "first", "second", "third", "last"]


def test_tab_separated_values_are_no_formula(run: Run, small_model: Path) -> None:
    sentences = ["=1+1", "-x", "@x", "+x", "\tx", "\rx", "a\tb\\n", "1-2", '"=1"', " =1", "'=1", "'tis", "＝1"]
    result = run("predict", "--model", small_model, "--format", "tsv", "--", *sentences)
    cells = [line.split("\t")[-1] for line in result.lines]
    assert cells == [
        *("'=1+1", "'-x", "'@x", "'+x", "'\\tx", "'\\rx", "a\\tb\\\\n", "1-2", '\'"=1"', "' =1", "''=1", "'tis", "'＝1")
    ]
    assert {line.count("\t") for line in result.lines} == {8}


def test_tab_separated_text_cannot_steer_terminal(run: Run, small_model: Path) -> None:
    output = run("predict", "\x1b[2Ja\x00\x07\x7f\x85\x9b1m", "--model", small_model, "--format", "tsv").output
    assert output.endswith("\t\\x1b[2Ja\\x00\\x07\\x7f\\x85\\x9b1m\n")


def test_tab_separated_figures_stay_numbers(run: Run, small_model: Path) -> None:
    expected = stance.load(small_model).predict("Police arrested him")
    cells = run("predict", "Police arrested him", "--model", small_model, "--format", "tsv").output.split("\t")
    assert expected.score is not None
    assert expected.score < 0
    assert cells[:5] == [
        "adversarial",
        expected.event,
        f"{expected.score:.6f}",
        f"{expected.confidence:.6f}",
        str(expected.evidence),
    ]


def test_lines_before_broken_one_are_printed(run: Run, small_model: Path) -> None:
    Path("in.txt").write_bytes(b"one\ntwo\n\xff\nfour\n")
    result = run("predict", "in.txt", "--model", small_model)
    assert [json.loads(line)["text"] for line in result.lines] == ["one", "two"]
    assert result.status == 1
    assert result.errors == (
        "stance: in.txt, line 3: not UTF-8 (byte 0xff); convert it, e.g. iconv -f WINDOWS-1252 -t UTF-8\n"
    )


def test_output_goes_to_a_file(run: Run, small_model: Path) -> None:
    result = run("predict", "x", "y", "--model", small_model, "--output", "out.jsonl")
    assert (result.output, len(Path("out.jsonl").read_text().splitlines())) == ("", 2)


def test_error_leaves_old_output_file(run: Run, small_model: Path) -> None:
    Path("out.jsonl").write_text("old")
    assert run("predict", "x", "-", "--model", small_model, "--output", "out.jsonl", given=b"\xff").status == 1
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("out.jsonl", "old")]
