"""A model file of every format version can still be read (fixtures/models)."""

import json
from pathlib import Path

import pytest

from stance import load
from stance.kernel import kernel_name
from stance.versions import FORMAT_VERSION

MODELS = Path(__file__).parents[1] / "fixtures" / "models"


def test_file_of_every_format_is_kept():
    expected = [f"format_{version}.safetensors" for version in range(1, FORMAT_VERSION + 1)]
    assert sorted(path.name for path in MODELS.glob("*.safetensors")) == sorted(expected)


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.safetensors")), ids=lambda path: path.stem)
def test_a_kept_model_labels_sentences(path):
    predictions = load(path).predict(["The two presidents signed a treaty in Oslo.", "Leaders condemned the bombing."])
    assert predictions.labels == ("cooperative", "adversarial")
    assert predictions.events == ("AGREE", "ACCUSE")


def test_format_1_keeps_its_probabilities():
    prediction = load(MODELS / "format_1.safetensors").predict("The two presidents signed a treaty in Oslo.")
    expected = {"cooperative": 0.9966233, "adversarial": 0.0033709, "neutral": 0.0000058}
    assert dict(prediction.probabilities) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_info_tells_the_kernel(version, run):
    path = MODELS / f"format_{version}.safetensors"
    expected = kernel_name() if version == FORMAT_VERSION else "pure"
    assert load(path).kernel == expected
    assert json.loads(run("info", path, "--format", "json").output)["kernel"] == expected
