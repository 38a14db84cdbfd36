"""Where the native kernel was not built its twin in Python scores, and asking for the native one is an error."""

import importlib.util
import sys
from types import ModuleType

import pytest

import stance
from stance import StanceError, kernel, load
from stance.pure_kernel import PureKernel


@pytest.fixture
def kernel_without(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return `stance.kernel` as it is imported where there is no native kernel."""
    monkeypatch.delattr(stance, "_native", raising=False)
    monkeypatch.setitem(sys.modules, "stance._native", None)
    spec = importlib.util.spec_from_file_location("stance.kernel", kernel.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("wanted", ["", "pure"])
def test_twin_scores(kernel_without, tiny_model, monkeypatch, wanted):
    monkeypatch.setenv("STANCE_KERNEL", wanted)
    assert kernel_without.kernel_name() == "pure"
    assert isinstance(kernel_without.open_kernel(load(tiny_model).model), PureKernel)


def test_native_cannot_be_had(kernel_without, monkeypatch):
    monkeypatch.setenv("STANCE_KERNEL", "native")
    with pytest.raises(StanceError) as caught:
        kernel_without.kernel_name()
    assert str(caught.value) == (
        "STANCE_KERNEL is 'native', but stance was built without a C compiler; install one and again"
    )
