"""A prediction needs numpy and safetensors, and pulls in nothing heavier."""

import subprocess
import sys

import pytest

HEAVY = ("joblib", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn", "stance.training", "tqdm", "typer")


def heavy_modules_after(code: str) -> str:
    script = f"import sys\n{code}\nprint(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_check_would_see_a_heavy_module():
    assert heavy_modules_after("import joblib") == "joblib"


def test_import_is_light():
    assert heavy_modules_after("import stance") == ""


@pytest.mark.parametrize("call", ["predict('x')", "predict(['x', 'y'])", "explain('x')", "score_document('x')"])
def test_call_of_shipped_model_is_light(call):
    assert heavy_modules_after(f"import stance\nstance.{call}") == ""


def test_loaded_model_is_light(small_model):
    assert heavy_modules_after(f"import stance\nstance.load({str(small_model)!r}).predict('x')") == ""
