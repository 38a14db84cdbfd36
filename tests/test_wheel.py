"""The wheel works in clean environments: it predicts with no extra and retrains with one."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stance import load

ROOT = Path(__file__).parents[1]
OFFLINE = "STANCE_OFFLINE"
SENTENCE = "Ankara lifted its ban on flights from the island."
NOT_SOURCE = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)


def run_well(*command: object, cwd: Path) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_environment(place: Path, requirement: str) -> Path:
    """Return the Python of a new environment in which a requirement is installed."""
    run_well(sys.executable, "-m", "venv", place, cwd=place.parent)
    python = place / "bin" / "python"
    run_well(python, "-m", "pip", "install", "--quiet", requirement, cwd=place)
    return python


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a decoy `training.py`, which must never be imported."""
    probe = tmp_path_factory.mktemp("probe")
    if run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "safetensors", cwd=probe).returncode:
        explain = "pip reaches no packages, so no clean environment can be made"
        if os.environ.get(OFFLINE):
            pytest.skip(explain)
        pytest.fail(f"{explain}; set {OFFLINE}=1 to skip these tests")
    place = tmp_path_factory.mktemp("workplace")
    (place / "training.py").write_text("raise SystemExit('the decoy was imported')\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def wheel(workplace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from a copy of the source, so that nothing is left behind or found in it."""
    source = tmp_path_factory.mktemp("build") / "source"
    shutil.copytree(ROOT, source, ignore=NOT_SOURCE)
    run_well(sys.executable, "-m", "build", "--wheel", "--outdir", workplace / "dist", source, cwd=workplace)
    (wheel,) = (workplace / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def light_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("light") / "venv", str(wheel))


@pytest.fixture(scope="module")
def training_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("training") / "venv", f"{wheel}[train]")


@pytest.fixture(scope="module")
def data(workplace: Path) -> Path:
    lines = (ROOT / "fixtures" / "corpus" / "wire.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    path = workplace / "data.jsonl"
    path.write_text("".join(lines[:200]), encoding="utf-8")
    return path


def test_wheel_holds_the_files_of_package(wheel):
    folders = {ROOT / "stance": "stance", ROOT / "training": "stance/training"}
    expected = {
        f"{name}/{path.relative_to(folder)}"
        for folder, name in folders.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == expected


def test_wheel_predicts_with_its_requirements_only(light_python, workplace, small_model):
    code = f"from stance import load; print(*load({str(small_model)!r}).predict({SENTENCE!r}).probabilities.values())"
    probabilities = [float(value) for value in run_well(light_python, "-c", code, cwd=workplace).split()]
    expected = load(small_model).predict(SENTENCE).probabilities
    assert probabilities == pytest.approx(list(expected.values()), abs=1e-9)


def test_command_is_installed(light_python, workplace, small_model):
    stance = light_python.with_name("stance")
    assert run_well(stance, "info", small_model, cwd=workplace)


def test_training_without_extra_says_so(light_python, workplace, data):
    output = workplace / "none.safetensors"
    done = run(light_python, "-m", "stance", "train", data, "--output", output, cwd=workplace)
    assert done.returncode == 1
    assert done.stderr == "stance: training needs the extra 'train': pip install 'stance-classifier[train]'\n"
    assert not output.exists()


def test_wheel_retrains_beside_a_decoy(training_python, workplace, data):
    output = workplace / "own.safetensors"
    run_well(training_python, "-m", "stance", "train", data, "--output", output, cwd=workplace)
    assert load(output).predict(SENTENCE).evidence > 0
