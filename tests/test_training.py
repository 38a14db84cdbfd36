import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance import LABELS, Label, load
from stance.errors import DataError
from stance.training import Columns, Example, Settings, Trained, evaluate, read_examples, train
from stance.training.corpus import number_groups, order_classes, sum_by_label
from stance.training.report import report_files
from stance.training.train import UNGROUPED

CORPUS = Path(__file__).parents[1] / "fixtures" / "corpus"
SETTINGS = Settings(folds=3)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return read_examples(CORPUS / "wire.jsonl")[::3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="module")
def trained(examples: list[Example], folder: Path) -> Trained:
    return train(examples, folder / "my.safetensors", settings=SETTINGS)


@pytest.fixture(scope="module")
def held_out() -> list[str]:
    return [example.text for example in read_examples(CORPUS / "contrast.jsonl")]


@pytest.mark.usefixtures("trained")
def test_model_pipeline_and_report_are_saved(folder: Path) -> None:
    plots = ["my.confusion.png", "my.learning_curve.png", "my.reliability.png"]
    reports = ["my.report.json", "my.report.md", "my.safetensors"]
    others = ["my.held-out.tsv", "my.joblib"]
    assert sorted(path.name for path in folder.iterdir()) == [*plots[:1], *others, *plots[1:], *reports]


def test_written_files_are_named_in_order(trained: Trained, folder: Path) -> None:
    assert trained.files[0] == folder / "my.safetensors"
    assert sorted(trained.files) == sorted(folder.iterdir())


def test_no_output_names_no_file() -> None:
    assert train(weather(["sun", "rain"]), settings=SETTINGS).files == ()


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("folds", 1, "2 or more"),
        ("max_terms", 0, "1 or more"),
        ("min_count", 0, "1 or more, or None"),
        ("seed", -1, "0 to 4294967295"),
        ("smoothing", 0.0, "a number above 0"),
        ("strength", 0.0, "a number above 0"),
        ("strength", float("inf"), "a number above 0"),
        ("strength", float("nan"), "a number above 0"),
    ],
)
def test_a_bad_setting_is_named(setting: str, value: float, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^Settings: {setting} is {value}; give {allowed}$"):
        Settings(**{setting: value})  # type: ignore[arg-type]


def test_unconverged_fit_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stance.training.fit.MOST_ROUNDS", 3)
    found = train(weather(["sun", "rain"]), settings=SETTINGS)
    message = "the fit did not converge in 3 rounds; a lower strength or more examples may help"
    assert found.findings.messages[-1:] == found.report.findings[-1:] == (message,)
    assert found.model.information["findings"][-1] == message


def test_saved_model_is_the_trained_one(trained: Trained, folder: Path, held_out: list[str]) -> None:
    assert load(folder / "my.safetensors").predict(held_out) == trained.classifier.predict(held_out)


def test_model_pipeline_and_pickle_agree(trained: Trained, folder: Path, held_out: list[str]) -> None:
    predictions = trained.classifier.predict(held_out)
    unpickled = load(folder / "my.joblib", trusted=True).predict(held_out)
    by_label = sum_by_label(trained.pipeline.predict_proba(held_out), trained.model.classes)
    assert predictions.evidence.min() > 0
    np.testing.assert_allclose(by_label, predictions.probabilities, rtol=0, atol=1e-9)
    np.testing.assert_allclose(unpickled.probabilities, predictions.probabilities, rtol=0, atol=1e-9)
    assert unpickled.labels == predictions.labels == tuple(trained.model.labels[n] for n in by_label.argmax(axis=1))
    assert unpickled.events == predictions.events


def test_the_pipeline_names_its_classes(trained: Trained) -> None:
    assert list(trained.pipeline.classes_) == [each.name for each in trained.model.classes]


def test_report_is_on_held_out_folds(trained: Trained, examples: list[Example]) -> None:
    report = trained.report
    assert report.source == "held out in 3 folds, no group in two"
    assert report.metrics.examples == len(examples) == sum(score.support for score in report.metrics.labels)
    assert 0.5 < report.metrics.macro_f1 < 0.95
    assert report.learning_curve[-1] == (len(examples), report.metrics.macro_f1)


def test_the_saved_report_is_the_report(trained: Trained, folder: Path) -> None:
    assert json.loads((folder / "my.report.json").read_text()) == json.loads(json.dumps(trained.report.to_dict()))
    assert (folder / "my.report.md").read_text().startswith(trained.report.to_markdown())


def test_model_says_how_it_came_about(trained: Trained, examples: list[Example]) -> None:
    information = trained.model.information
    assert information["data"]["examples"] == len(examples)
    assert sum(information["data"]["counts"][label] for label in LABELS) == len(examples)
    assert information["metrics"]["macro_f1"] == trained.report.metrics.macro_f1
    assert information["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert information["settings"]["folds"] == 3


def test_evaluation_on_file_gives_a_report(trained: Trained, folder: Path) -> None:
    report = evaluate(folder / "my.safetensors", CORPUS / "contrast.jsonl")
    assert (report.source, report.metrics.examples) == (str(CORPUS / "contrast.jsonl"), 800)
    assert report.strongest_terms == trained.report.strongest_terms
    assert report == evaluate(trained.classifier, CORPUS / "contrast.jsonl")


def test_labels_unknown_to_model_are_errors(trained: Trained) -> None:
    with pytest.raises(DataError) as caught:
        evaluate(trained.classifier, [Example("They met", "good"), Example("They fought", "bad")])
    has = "cooperative, adversarial, neutral"
    assert str(caught.value) == f"examples: labels 'bad', 'good', which the model does not know; it has {has}"


WORDS = {"sun": "bright warm clear", "rain": "wet grey cold", "snow": "white soft deep"}


def weather(labels: list[str]) -> list[Example]:
    chosen = enumerate(label for _ in range(12) for label in labels)
    return [
        Example(f"{WORDS[label]} day number{'a' * n} in the {WORDS[label][:4]} hills", label) for n, label in chosen
    ]


@pytest.mark.parametrize("labels", [["sun", "rain", "snow"], ["sun", "rain"]])
def test_any_labels_can_be_learned(labels: list[str], tmp_path: Path) -> None:
    found = train(weather(labels), tmp_path / "weather.safetensors", settings=SETTINGS)
    classifier = load(tmp_path / "weather.safetensors")
    prediction = classifier.predict("a wet and cold morning")
    assert (prediction.label, prediction.score, prediction.event) == ("rain", None, None)
    assert classifier.labels == tuple(sorted(labels))
    texts = [example.text for example in weather(labels)]
    pickled = load(tmp_path / "weather.joblib", trusted=True).predict(texts)
    np.testing.assert_allclose(pickled.probabilities, classifier.predict(texts).probabilities, rtol=0, atol=1e-9)
    assert found.report.metrics.macro_f1 == 1.0


def test_labels_named_like_ours_are_ours() -> None:
    names = {"sun": "neutral", "rain": "adversarial"}
    found = train([Example(each.text, names[each.label]) for each in weather(["sun", "rain"])], settings=SETTINGS)
    assert found.classifier.labels == (Label.ADVERSARIAL, Label.NEUTRAL)
    assert all(isinstance(label, Label) for label in found.classifier.labels)
    assert found.classifier.predict("wet").score is None


def test_classes_have_an_order() -> None:
    events = [("zeal", "B"), ("zeal", "A"), ("adversarial", "ASSAULT"), ("adversarial", "REQUEST")]
    rest = [("adversarial", None), ("cooperative", "YIELD"), ("neutral", None)]
    names = [each.name for each in order_classes(Example("", label, event) for label, event in (*events, *rest))]
    assert names == ["YIELD", "adversarial", "REQUEST", "ASSAULT", "neutral", "A", "B"]


def test_ungrouped_examples_join_near_duplicates() -> None:
    rows = [Example("a", "x", group="1"), Example("b", "x", group="1"), Example("c", "x"), Example("d", "x")]
    assert number_groups(rows, np.array([0, 1, 2, 2])).tolist() == [0, 0, 1, 1]


def test_groups_sharing_near_duplicates_are_one() -> None:
    groups = ["1", "1", "2", "3", None, "4"]
    rows = [Example("a", "x", group=group) for group in groups]
    assert number_groups(rows, np.array([0, 1, 1, 2, 2, 3])).tolist() == [0, 0, 0, 1, 1, 2]


def test_near_duplicates_of_all_stay_together() -> None:
    rows = [Example("a", "x", group="1") for _ in range(3)]
    assert number_groups(rows, np.array([0, 1, 1])).tolist() == [0, 1, 1]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, "1", "2", "3", "4"]), st.integers(0, 5)), min_size=1))
def test_no_cluster_is_in_two_groups(rows: list[tuple[str | None, int]]) -> None:
    order = list(dict.fromkeys(cluster for _, cluster in rows))
    clusters = [order.index(cluster) for _, cluster in rows]
    groups = number_groups([Example("a", "x", group=name) for name, _ in rows], np.array(clusters)).tolist()
    if len(order) > 1:  # else nothing could be held out
        assert len(set(zip(clusters, groups, strict=True))) == len(order)
    names = [(name, group) for (name, _), group in zip(rows, groups, strict=True) if name is not None]
    if len(order) > 1 and groups != clusters:
        assert len(set(names)) == len({name for name, _ in names})


def test_a_single_group_is_taken_apart() -> None:
    rows = [Example("a", "x", group="1"), Example("b", "x", group="1")]
    assert number_groups(rows, np.array([0, 1])).tolist() == [0, 1]


def test_validation_data_are_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "validation.csv"
    rows = weather(["sun", "rain"])
    path.write_text("text,label\n" + "".join(f"{each.text},{each.label}\n" for each in rows[:4]))
    found = train(rows, validation=path, settings=SETTINGS)
    assert found.findings.messages == (
        "4 training examples dropped that (nearly) repeat a validation example or share its group",
    )
    assert (found.report.source, found.report.metrics.examples) == (str(path), 4)
    assert found.model.information["data"]["examples"] == len(rows) - 4


def test_validation_labels_must_be_in_training() -> None:
    with pytest.raises(DataError) as caught:
        train(weather(["sun", "rain"]), validation=[Example("a white hill", "snow")])
    assert str(caught.value) == "examples: labels 'snow', which the model does not know; it has rain, sun"


def test_fold_with_one_label_is_explained() -> None:
    rows = [Example(each.text, each.label, group=each.label) for each in weather(["sun", "rain"])]
    with pytest.raises(DataError, match=r"^examples: cannot be fitted .*; add examples, or groups, of each label$"):
        train(rows)


def test_broken_data_write_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("text,label\nThey met,x\nThey left\n")
    with pytest.raises(DataError, match="line 3"):
        train(data, tmp_path / "my.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none/my.safetensors", "there is no folder {folder}/none; create it first"),
        ("my.joblib", "a model file ends in .safetensors; call it my.safetensors"),
    ],
)
def test_unwritable_output_fails_before_training(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        train("no such data.csv", tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {message.format(folder=tmp_path)}"


def test_item_must_be_an_example() -> None:
    with pytest.raises(TypeError) as caught:
        train([Example("They met", "x"), "They left"])  # type: ignore[list-item]
    assert str(caught.value) == "data[1]: expected an Example, got str"


def test_report_names_plots_that_lack(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "stance.training.plots", raising=False)
    for module in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, module, None)
    files = {path.name: content for path, content in report_files(trained.report, Path("my")).items()}
    assert sorted(files) == ["my.report.json", "my.report.md"]
    assert (
        files["my.report.md"]
        .decode()
        .endswith(
            "Not drawn: confusion matrix, reliability diagram, learning curve. "
            "Drawing needs the extra 'plots': pip install 'stance-classifier[plots]'\n"
        )
    )


# The learning curve is no part of the model, so the script may leave it out.
SCRIPT = """
import sys
from stance.training import Settings, read_examples, train
train(read_examples(sys.argv[1])[::3], sys.argv[2], settings=Settings(folds=3), curve=False)
"""


@pytest.mark.usefixtures("trained")
def test_equal_data_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    for run in ("1", "2"):
        variables = dict.fromkeys(("PYTHONHASHSEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), run)
        environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(sys.path)}
        arguments = [sys.executable, "-c", SCRIPT, str(CORPUS / "wire.jsonl"), str(tmp_path / f"{run}.safetensors")]
        subprocess.run(arguments, env=environment, check=True)
    content = (folder / "my.safetensors").read_bytes()
    assert (tmp_path / "1.safetensors").read_bytes() == (tmp_path / "2.safetensors").read_bytes() == content


def test_named_columns_reach_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("what,sky\n" + "".join(f"{each.text},{each.label}\n" for each in weather(["sun", "rain"])))
    assert train(path, columns=Columns(text="what", label="sky"), settings=SETTINGS).classifier.labels == (
        "rain",
        "sun",
    )


def test_nothing_to_evaluate_is_an_error(trained: Trained) -> None:
    with pytest.raises(DataError, match=r"^examples: no labelled sentence in it$"):
        evaluate(trained.classifier, [])


def test_odd_data_to_measure_are_reported(trained: Trained) -> None:
    rows = weather(["sun", "rain"])
    found = train(rows, validation=[Example("A wet day", "rain"), Example("", "sun")], settings=SETTINGS, curve=False)
    problem = "nothing dropped: 1 empty texts: line 2"
    assert found.findings.messages == (f"validation data, {problem}",)
    report = evaluate(trained.classifier, [Example("They met", "neutral"), Example("", "neutral")])
    assert report.findings == (f"evaluation data, {problem}",)


def test_ignored_groups_are_a_finding() -> None:
    together = [replace(each, group="one") for each in weather(["sun", "rain"])]
    report = train(together, settings=SETTINGS).report
    assert report.source == "held out in 3 folds, no near duplicates in two"
    assert UNGROUPED in report.findings


def test_rows_of_training_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"{each.text},{each.label}\n" for each in weather(["sun", "rain"])))
    findings = evaluate(train(path, settings=SETTINGS).classifier, path).findings
    assert findings[0] == "the model was trained on these very rows: the figures say nothing of new ones"


@pytest.mark.parametrize("bad", [Example(None, "x"), Example("They met", 1.0)])  # type: ignore[arg-type]
def test_examples_hold_strings(bad: Example) -> None:
    with pytest.raises(TypeError, match=r"data\[1\]: (text is None|label is 1.0), not a string"):
        train([Example("They left", "x"), bad])


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weight_must_be_positive(weight):
    with pytest.raises(ValueError, match=rf"^data\[1\]: weight is {weight}; give a number above 0$"):
        train([Example("They met.", "a"), Example("They fought.", "b", weight=weight)])


def test_sampled_must_be_told():
    with pytest.raises(TypeError, match=r"^data\[1\]: sampled is 'no', not True or False$"):
        train([Example("They met.", "a"), Example("They fought.", "b", sampled="no")])


@pytest.mark.parametrize("weight", ["2", None])
def test_weight_must_be_a_number(weight):
    with pytest.raises(TypeError, match=rf"^data\[1\]: weight is {weight!r}, not a number$"):
        train([Example("They met.", "a"), Example("They fought.", "b", weight=weight)])


def test_heavier_example_is_believed():
    verbs = {"met": "a", "fought": "b"}
    other = [Example(f"{word} {verb}.", label) for word in ("We", "You") for verb, label in verbs.items()]
    settings = Settings(folds=2, smoothing=1e6, strength=100.0)

    def believe(weight: float) -> float:
        lessons = [Example("They danced on.", "a", weight=weight), Example("They danced there.", "b")]
        return train([*lessons, *other], settings=settings, curve=False).classifier.predict("danced").probabilities["a"]

    assert believe(0.1) < 0.5 < believe(10.0)


def test_label_without_examples_has_no_figures(trained: Trained) -> None:
    report = evaluate(trained.classifier, [Example("The envoys met.", "cooperative")])
    assert "| neutral | 0.000 | – | – | – | 0 |" in report.to_markdown()
    assert "the commonest label alone would have accuracy 1.000" in report.to_markdown()


def test_held_out_rows_give_the_figures(trained: Trained, folder: Path) -> None:
    header, *rows = (line.split("\t") for line in (folder / "my.held-out.tsv").read_text().splitlines())
    assert header == ["line", "label", "predicted", *map(str, LABELS)]
    right = sum(label == predicted for _, label, predicted, *_ in rows)
    assert right / len(rows) == pytest.approx(trained.report.metrics.accuracy, abs=1e-6)
    assert [(int(line), label) for line, label, *_ in rows] == [(each.line, each.label) for each in trained.held_out]


def test_held_out_rows_may_be_validation() -> None:
    rows = [Example("The sun shone.", "sun"), Example("It rained.", "rain")]
    found = train(weather(["sun", "rain"]), validation=rows, settings=SETTINGS).held_out
    assert [(each.line, each.label) for each in found] == [(1, "sun"), (2, "rain")]
    assert sum(found[0].probabilities) == pytest.approx(1)
