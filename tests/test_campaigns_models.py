"""Short parts of `campaigns.models`, always the same: damaged and hostile model files are refused or they predict."""

import pickle
import random
import subprocess
import sys

import pytest

from campaigns.checks import UNKNOWN, check_of, deep_checks, load_checks
from campaigns.memory import MOST_BYTES_PER_BYTE, Use, can_measure, claims, measure_load
from campaigns.model_file import Anatomy, RawTensor, put_together, seal, take_apart
from campaigns.models import (
    PREDICTS,
    REFUSED,
    Damage,
    Mutations,
    describe_checks,
    judge_model,
    sum_refusals,
)
from campaigns.pickles import hostile_files, judge_pickle
from campaigns.small_model import make_small_model
from campaigns.trials import Report
from stance.versions import FORMAT_VERSION

MUTATIONS = 1500
DAMAGES = 1000
FILE_SIZE = 16 * 2**20

SINCE_FORMAT_3 = pytest.mark.xfail(FORMAT_VERSION < 3, strict=True, reason="format 2 has no digest of every part")


@pytest.fixture(scope="module")
def content() -> bytes:
    return make_small_model()


def test_small_model_is_made_again(content):
    assert make_small_model() == content


def test_small_model_predicts(content, tmp_path):
    assert judge_model(content, tmp_path) == PREDICTS


def test_model_put_together_again_predicts(content, tmp_path):
    anatomy = take_apart(content)
    assert judge_model(put_together(anatomy), tmp_path) == PREDICTS
    assert seal(anatomy) == anatomy


def test_change_is_sealed_for_its_check(content, tmp_path):
    anatomy = take_apart(content)
    entries = anatomy.tensors["lexicon"].content.replace(b"blam", b"fear")
    changed = Anatomy(anatomy.metadata, {**anatomy.tensors, "lexicon": RawTensor("U8", (len(entries),), entries)})
    assert judge_model(put_together(changed), tmp_path) == REFUSED
    assert judge_model(put_together(seal(changed)), tmp_path) == PREDICTS


def test_every_truncation_is_refused(content, tmp_path):
    trial = Damage(content, tmp_path, step=17)
    outcomes = {trial.judge(trial.make(number, random.Random(0))) for number in range(len(content) // trial.step)}
    assert outcomes == {REFUSED}


@SINCE_FORMAT_3
def test_flipped_bits_are_refused(content, tmp_path):
    dice = random.Random(6)
    trial = Damage(content, tmp_path)
    for _ in range(DAMAGES):
        number = dice.randrange(len(content), trial.count)
        assert trial.judge(trial.make(number, dice)) == REFUSED, f"bit {number - len(content)}"


@pytest.mark.xfail(FORMAT_VERSION < 3, strict=True, reason="dtypes that numpy lacks are not refused")
def test_mutated_models_are_refused_or_predict(content, tmp_path):
    trial = Mutations(take_apart(content), tmp_path)
    outcomes = {trial.judge(trial.make(number, random.Random(number))) for number in range(MUTATIONS)}
    assert PREDICTS in outcomes
    assert UNKNOWN not in outcomes
    assert len(outcomes & {*load_checks()}) > 25
    assert len(outcomes & deep_checks()) > 10


def test_refusals_are_counted_by_check():
    counts = {PREDICTS: 5, "digest of a tensor": 3, "idf": 1, "unit of the weights": 0, "crash": 2}
    report = Report(counts | dict.fromkeys(("exception", "hang"), 0), 1.0)
    assert describe_checks(report) == [
        "refused:          3  digest of a tensor",
        "refused:          1  idf",
        "refused:          1  of them (25%) behind header, digests, types and shapes",
    ]
    assert sum_refusals(report).counts == {REFUSED: 4, PREDICTS: 5, "exception": 0, "crash": 2, "hang": 0}


@pytest.mark.parametrize(
    ("finding", "check"),
    [
        ("format version 9, this version reads 1; upgrade", "version of the format"),
        ("table is U8 of shape (1,), where U32 of 2 dimensions, 16 wide belongs; retrain", "types and shapes"),
        ("a\nb does not match its SHA-256; retrain", "digest of a tensor"),
        ("not a readable safetensors file (new); retrain", "any other of the container"),
        ("damaged or incomplete (new); retrain", "any other of the data"),
        ("new", UNKNOWN),
    ],
)
def test_a_check_tells_its_finding(finding, check):
    assert check_of(finding) == check


def test_hundred_hostile_pickles_do_not_run(tmp_path):
    files = hostile_files(tmp_path / "marker")
    assert len(files) > 100
    assert [(file.name, problem) for file in files if (problem := judge_pickle(file, tmp_path))] == []


UNPICKLE = """
import pickle, sys, warnings
from pathlib import Path

warnings.simplefilter("ignore")
folder, marker = map(Path, sys.argv[1:])
for path in sorted(folder.glob("*.pkl")):
    marker.unlink(missing_ok=True)
    try:
        pickle.loads(path.read_bytes())
    except Exception:
        pass  # some have nothing sound behind the call
    if marker.exists():
        print(path.name)
"""


def test_hostile_pickles_would_run_if_read(tmp_path):
    marker = tmp_path / "marker"
    armed = [file for file in hostile_files(marker) if file.runs and file.name.endswith(".pkl")]
    for file in armed:
        (tmp_path / file.name).write_bytes(file.content)
    command = [sys.executable, "-c", UNPICKLE, str(tmp_path), str(marker)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(armed) >= 20
    assert done.stdout.split() == sorted(file.name for file in armed)


LOADS_WITHOUT = """
import sys

imported, found = [], []

def watch(event, arguments):
    if event == "import" and arguments[0].partition(".")[0] in ("pickle", "_pickle", "joblib", "cloudpickle"):
        imported.append(arguments[0])
    if event == "pickle.find_class":
        found.append(arguments)

import numpy
for name in ("pickle", "_pickle"):
    sys.modules.pop(name, None)  # numpy has imported it; whoever imports it from here on is seen
sys.addaudithook(watch)
{code}
print(sorted(set(imported)), found)  # Python 3.12 and later import _pickle twice
"""


def watched(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", LOADS_WITHOUT.format(code=code)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_watch_would_see_pickle():
    assert watched("import pickle; pickle.loads(pickle.dumps(len))") == "['_pickle', 'pickle'] [('builtins', 'len')]"


def test_loading_imports_no_pickle(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    code = f"""
import stance
classifier = stance.load({str(path)!r})
classifier.predict(["Chad blamed Peru.", ""])
classifier.explain("Chad blamed Peru.").to_html()
classifier.score_document("Chad blamed Peru.").to_json()
"""
    assert watched(code) == "[] []"


def test_refusing_a_pickle_imports_none(tmp_path):
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(len))
    code = f"""
import stance
try:
    stance.load({str(path)!r})
except stance.ModelFormatError:
    pass
else:
    sys.exit("loaded")
"""
    assert watched(code) == "[] []"


def cheap_claims(content: bytes) -> dict[str, bytes]:
    """Return the claims about one tensor and those about none; the other tensors are left to the long campaign."""
    first = next(iter(take_apart(content).tensors))
    others = [name for name in take_apart(content).tensors if name != first]
    return {
        name: file for name, file in claims(content, FILE_SIZE) if not name.startswith(tuple(f"{o} " for o in others))
    }


@pytest.fixture(scope="module")
def uses(content, tmp_path_factory) -> dict[str, Use]:
    if not can_measure():
        pytest.skip("this system does not let a process reset its highest resident set")
    folder = tmp_path_factory.mktemp("claims")
    small, large = folder / "small.safetensors", folder / "large.safetensors"
    small.write_bytes(content)
    found = {}
    for name, file in cheap_claims(content).items():
        large.write_bytes(file)
        found[name] = measure_load(name, small, large)
    return found


def test_impossible_claims_take_no_memory(uses):
    impossible = [use for name, use in uses.items() if " of shape " in name or "2**40" in name]
    assert len(impossible) >= 5
    assert {use.outcome for use in impossible} == {REFUSED}
    assert [use for use in impossible if use.ratio > MOST_BYTES_PER_BYTE] == []


@pytest.mark.xfail(FORMAT_VERSION < 3, strict=True, reason="format 2 copies long metadata and terms")
def test_file_takes_twice_its_size(uses):
    assert [use for use in uses.values() if use.ratio > MOST_BYTES_PER_BYTE] == []
