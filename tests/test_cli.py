import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
from conftest import Run

import stance
from stance.versions import FORMAT_VERSION

TEXT = "Moscow accused Kyiv of shelling the port. The two ministers signed an agreement on Friday.\nShare\n"
SENTENCE = "Ankara lifted its ban on flights."


def test_document_has_colour_only_in_terminal(run: Run, small_model: Path) -> None:
    Path("news.txt").write_text(TEXT)
    lines = run("score", "news.txt", "--model", small_model).lines
    assert lines[0] == "news.txt"
    assert [line.split()[0] for line in lines[1:3]] == ["adversarial", "cooperative"]
    assert lines[3] == "web furniture                        Share"
    assert lines[4].endswith("(1 cooperative, 1 adversarial, 0 neutral, 1 web furniture)")


def test_several_documents_are_a_list(run: Run, small_model: Path) -> None:
    Path("a.txt").write_text(TEXT)
    Path("b.txt").write_text("")
    expected = [
        {"file": name, **stance.load(small_model).score_document(text).to_dict()}
        for name, text in (("a.txt", TEXT), ("b.txt", ""))
    ]
    common = ("--model", small_model, "--format")
    assert json.loads(run("score", "a.txt", *common, "json").output) == expected[0]
    assert json.loads(run("score", "a.txt", "b.txt", *common, "json").output) == expected
    assert [json.loads(line) for line in run("score", "a.txt", "b.txt", *common, "jsonl").lines] == expected


def test_missing_document_leaves_no_broken_json(run: Run, small_model: Path) -> None:
    Path("a.txt").write_text(TEXT)
    result = run("score", "a.txt", "none.txt", "--model", small_model, "--format", "json")
    assert (result.status, result.output) == (1, "")
    assert result.errors.startswith("stance: none.txt: no such file")


def test_a_document_from_standard_input(run: Run, small_model: Path) -> None:
    found = json.loads(run("score", "--model", small_model, "--format", "json", given=TEXT.encode()).output)
    assert (found["file"], len(found["sentences"])) == ("standard input", 3)


def test_documents_as_a_page(run: Run, small_model: Path) -> None:
    Path("<b>.txt").write_text("<script>alert(1)</script> Police arrested him.")
    assert run("score", "<b>.txt", "--model", small_model, "--format", "html", "--output", "page.html").status == 0
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<h1>&lt;b&gt;.txt</h1>" in page
    assert "<script" not in page


def test_broken_document_is_named(run: Run, small_model: Path) -> None:
    Path("a.txt").write_bytes(b"fine\nnot \xe9\n")
    result = run("score", "a.txt", "--model", small_model, "--format", "html", "--output", "page.html")
    assert result.errors.startswith("stance: a.txt, line 2: not UTF-8 (byte 0xe9); ")
    assert (result.status, Path("page.html").exists()) == (1, False)


def test_words_of_explanation_add_up(run: Run, small_model: Path) -> None:
    found = json.loads(run("explain", SENTENCE, "--model", small_model, "--format", "json").output)
    for label, total in found["log_ratios"].items():
        parts = [word["contributions"][label] for word in found["words"]]
        assert sum(parts) + found["intercepts"][label] == pytest.approx(total, abs=1e-12)
    assert all(SENTENCE[word["start"] : word["end"]] == word["text"] for word in found["words"])


def test_an_explanation_marks_its_words(run: Run, small_model: Path) -> None:
    assert "[lifted]" in run("explain", "-", "--model", small_model, given=SENTENCE.encode()).lines[1]
    page = run("explain", SENTENCE, "--model", small_model, "--format", "html").output
    assert page.startswith("<!DOCTYPE html>")
    assert ">lifted</mark>" in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,head\n1,"Iran accused\nIraq, too."\n\n2,\n3,They met.\n'),
        ("a.tsv", "head\tid\nIran accused\tx\n\t2\nThey met.\t3\n"),
        ("a.jsonl", '{"head": "Iran accused"}\n{"head": null}\n{"id": 3, "head": "They met."}\n'),
    ],
)
def test_column_of_table_is_predicted(run: Run, small_model: Path, name: str, content: str) -> None:
    Path(name).write_text(content)
    lines = run("predict", name, "--text", "head", "--model", small_model, "--format", "jsonl").lines
    texts = [json.loads(line)["text"] for line in lines]
    assert (texts[0][:12], texts[1:]) == ("Iran accused", ["", "They met."])


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("bad.jsonl", 1001, "bad.jsonl, line 1002: 'head' is 7, not a string"),
        ("other.jsonl", 1001, "other.jsonl, line 1002: no column 'head' among id"),
        ("none.csv", 0, "none.csv: cannot be read (No such file or directory)"),
        (
            "-",
            0,
            "-: a column is read from files only, whose names end in .csv, .tsv, .tab, .jsonl, .ndjson, .json-lines",
        ),
    ],
)
def test_bad_column_is_named_behind_rows(run: Run, small_model: Path, name: str, rows: int, message: str) -> None:
    good = '{"head": "They met."}\n' * 1001
    Path("bad.jsonl").write_text(good + '{"head": 7}\n')
    Path("other.jsonl").write_text(good + '{"id": 7}\n')
    result = run("predict", name, "--text", "head", "--model", small_model, "--format", "jsonl")
    assert (result.status, result.errors) == (1, f"stance: {message}\n")
    assert len(result.lines) == rows


def test_table_without_column_is_remarked(run: Run, small_model: Path) -> None:
    Path("a.csv").write_text("id,text\n1,They met.\n")
    result = run("predict", "a.csv", "--model", small_model)
    assert (len(result.lines), result.errors) == (
        2,
        "stance: a.csv: read as one sentence a line; --text COLUMN reads a column\n",
    )


def test_file_name_is_not_explained(run: Run, small_model: Path) -> None:
    result = run("explain", small_model)
    assert (result.status, result.output) == (2, "")
    assert "names a file; for the sentence that is in it: stance explain - < FILE" in result.errors


def test_a_model_file_is_described(run: Run, small_model: Path) -> None:
    found = json.loads(run("info", small_model, "--format", "json").output)
    content = small_model.read_bytes()
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert found["bytes"] == len(content)
    assert (found["format_version"], found["terms"], found["seed"]) == (FORMAT_VERSION, 4000, 0)
    assert found["labels"] == ["cooperative", "adversarial", "neutral"]
    assert found["classes"]["neutral"] == ["neutral"]
    lines = run("info", small_model).lines
    assert lines[0] == f"path            {small_model}"
    assert "  cooperative  AGREE, CONSULT, SUPPORT, COOPERATE, AID, YIELD" in lines


def test_model_cannot_say_who_it_is(run: Run, small_model: Path) -> None:
    model = stance.load(small_model).model
    posing = {"path": "/trusted", "sha256": "0" * 64, "labels": ["calm"], "author": "me"}
    Path("posing.safetensors").write_bytes(dataclasses.replace(model, information=posing).to_bytes())
    found = json.loads(run("info", "posing.safetensors", "--format", "json").output)
    assert found["path"] == "posing.safetensors"
    assert found["sha256"] == hashlib.sha256(Path("posing.safetensors").read_bytes()).hexdigest()
    assert found["labels"] == ["cooperative", "adversarial", "neutral"]
    assert found["author"] == "me"


def test_pickled_pipeline_has_no_format_version(run: Run) -> None:
    write_up_and_down("data.tsv", "text\tlabel")
    assert run("train", "data.tsv", "--output", "my.safetensors", "--folds", "2").status == 0
    found = json.loads(run("info", "my.joblib", "--trusted", "--format", "json").output)
    assert (found["format_version"], found["labels"]) == (None, ["down", "up"])


def write_up_and_down(path: str, header: str) -> None:
    """Write labelled sentences of two labels that one word each tells apart."""
    towns = ["Paris", "Oslo", "Rome", "Bern", "Lima", "Kyiv", "Baku", "Doha", "Cairo", "Accra", "Seoul", "Tunis"]
    rows = [f"{text} {town}\t{label}" for town in towns for text, label in (("good in", "up"), ("bad at", "down"))]
    Path(path).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def test_model_is_trained_evaluated_and_used(run: Run) -> None:
    write_up_and_down("data.tsv", "says\tis")
    columns = ("--text", "says", "--label", "is")
    trained = run("train", "data.tsv", "--output", "my.safetensors", *columns, "--folds", "3", "--seed", "7")
    assert trained.status == 0, trained.errors
    wrote = [line.removeprefix("wrote ") for line in trained.lines if line.startswith("wrote ")]
    assert wrote[:3] == ["my.safetensors", "my.joblib", "my.held-out.tsv"]
    assert wrote[3:5] == ["my.report.md", "my.report.json"]
    assert sorted(wrote) == sorted(path.name for path in Path().iterdir() if path.name != "data.tsv")
    assert any(line.startswith("macro-F1 ") for line in trained.lines)
    report = run("evaluate", "my.safetensors", "data.tsv", *columns, "--format", "json")
    assert json.loads(report.output)["metrics"]["accuracy"] == 1.0
    assert run("evaluate", "my.safetensors", "data.tsv", *columns).output.startswith("# Report\n")
    assert json.loads(run("predict", "good", "--model", "my.safetensors").output)["label"] == "up"
    assert json.loads(run("info", "my.safetensors", "--format", "json").output)["seed"] == 7


def test_guessed_event_column_can_be_refused(run: Run) -> None:
    rows = "".join(f"{word} day {'a' * n},{word},id-{n}{word}\n" for n in range(1, 9) for word in ("good", "bad"))
    Path("data.csv").write_text(f"text,label,event\n{rows}")
    arguments = ("train", "data.csv", "--output", "my.safetensors", "--folds", "2")
    assert run(*arguments).errors.endswith("if the column holds no classes, give --event '' or Columns(event='')\n")
    assert run(*arguments, "--event", "").status == 0


def test_a_pickle_is_refused_unless_trusted(run: Run) -> None:
    write_up_and_down("data.tsv", "text\tlabel")
    assert run("train", "data.tsv", "--output", "my.safetensors", "--folds", "2").status == 0
    refused = run("predict", "good", "--model", "my.joblib")
    assert refused.status == 1
    assert refused.errors.startswith("stance: my.joblib: not a safetensors model; ")
    assert json.loads(run("predict", "good", "--model", "my.joblib", "--trusted").output)["label"] == "up"


def test_a_broken_lexicon_is_named(run: Run) -> None:
    Path("data.tsv").write_text("text\tlabel\na\tx\n")
    Path("mine.toml").write_text('[accuse]\nentries = ["accuse*"]\n')
    result = run("train", "data.tsv", "--output", "my.safetensors", "--lexicon", "mine.toml")
    assert result.errors == "stance: mine.toml: lexicon class [accuse]: polarity is None; write -1, 0 or 1\n"
    assert result.status == 1


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["predict", "none.txt"], 1, "none.txt: no such file"),
        (["predict", "x", "--model", "none"], 1, "none: no such model file; train one with 'stance train'"),
        (["score", "folder"], 1, "folder: is a folder; name the files in it"),
        (["predict", "x", "--output", "folder"], 1, "folder: is a folder; name a file to write"),
        (["predict", "x", "--output", "no/out"], 1, "no/out: there is no folder "),
        (["score", "none\x1b[31m\n.txt"], 1, "none\\x1b[31m .txt: no such file"),
        (["predict", "x", "--format", "xml"], 2, "Invalid value for '--format': "),
        (["predict", "--nonsense"], 2, "No such option: --nonsense"),
        (["explain"], 2, "Missing argument"),
        (["nonsense"], 2, "No such command 'nonsense'"),
        (["train", "data.csv"], 2, "Missing option '--output'"),
        (["train", "data.csv", "--output", "x.safetensors", "--folds", "1"], 2, "Invalid value for '--folds': "),
        (
            ["train", "data.csv", "--output", "x.safetensors", "--strength", "inf"],
            2,
            "Invalid value: Settings: strength is inf; give a number above 0",
        ),
    ],
)
def test_mistake_is_one_line_and_status(
    run: Run, small_model: Path, arguments: list[str], status: int, error: str
) -> None:
    Path("folder").mkdir()
    model = ["--model", small_model] if arguments[0] in {"predict", "score"} and "--model" not in arguments else []
    result = run(*arguments, *model)
    assert result.errors.startswith(f"stance: {error}")
    assert (result.status, result.errors.count("\n"), result.output) == (status, 1, "")


def test_help_and_version(run: Run) -> None:
    assert run("--version").output.startswith("stance ")
    assert run("--help").output == run().output
    for command in ("predict", "score", "explain", "train", "evaluate", "info"):
        assert f"  {command} " in run("--help").output
        assert run(command, "--help").output.startswith(f"Usage: stance {command} ")
    assert "apostrophe" in run("predict", "--help").output


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "head\nThey met.\n\nThey fought.\n"), ("a.tsv", "head\tid\nThey met.\t1\n\t\nThey fought.\t3\n")],
)
def test_empty_row_of_table_counts(run: Run, small_model: Path, name: str, content: str) -> None:
    Path(name).write_text(content)
    lines = run("predict", name, "--text", "head", "--model", small_model, "--format", "jsonl").lines
    assert [json.loads(line)["text"] for line in lines] == ["They met.", "", "They fought."]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("text\tid\n", "no column 'head' among text, id"),
        ("text\rThey met.\r", "no column 'head' among text They met."),
        ("", "no column 'head' among none"),
        ("text;id\na;b\n", "the columns seem to be separated by semicolons; save it with commas or tabs"),
    ],
)
def test_missing_column_is_named_without_rows(run: Run, small_model: Path, content: str, problem: str) -> None:
    Path("a.tsv").write_bytes(content.encode())
    result = run("predict", "a.tsv", "--text", "head", "--model", small_model)
    assert (result.status, result.output, result.errors) == (1, "", f"stance: a.tsv, line 1: {problem}\n")


def test_rows_of_table_are_documents(run: Run, small_model: Path) -> None:
    Path("a.csv").write_text('id,body\n1,"They met. They fought."\n2,\n')
    found = [json.loads(line) for line in run("score", "a.csv", "--text", "body", "--format", "jsonl").lines]
    assert [(each["file"], len(each["sentences"])) for each in found] == [("a.csv, row 1", 2), ("a.csv, row 2", 0)]
    result = run("score", "a.csv", "--model", small_model)
    assert result.errors == "stance: a.csv: read as one document; --text COLUMN reads a column\n"


def test_shipped_model_is_evaluated_by_name(run: Run) -> None:
    Path("data.csv").write_text("text,label\nThe envoys met.,cooperative\nRebels attacked the town.,adversarial\n")
    assert "- accuracy 1.000 on 2 examples: data.csv" in run("evaluate", "shipped", "data.csv").output
