"""A pickle runs code when it is read, so it is read only for a user who says that it is trusted."""

import pickle
from pathlib import Path

import pytest

from stance import ModelFormatError, load

SENTENCE = "Ankara lifted its ban on flights from the island."


class Trap:
    """An object whose pickle creates a file when it is read."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.sprung,)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl", "model.safetensors", "model"])
@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_pickle_is_refused_and_not_executed(tmp_path, sprung, name, protocol):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Trap(sprung), protocol))
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: not a safetensors model; if it is a pickle, reading it can run any code; "
        "if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; "
        "else retrain with 'stance train' or get the file again"
    )
    assert not sprung.exists()


def test_pickle_disguised_as_safetensors_is_never_executed(tmp_path, sprung):
    disguise = b"S'123456{'\n0"  # a string with "{" as the ninth byte, dropped again
    content = disguise + pickle.dumps(Trap(sprung), 0)
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    for trusted in (False, True):
        with pytest.raises(ModelFormatError, match="not a readable safetensors file"):
            load(path, trusted=trusted)
    assert not sprung.exists()
    pickle.loads(content)
    assert sprung.exists(), "the trap works, so that its silence above says something"


def test_trusted_pickle_of_something_else_is_refused(tmp_path, sprung):
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(ModelFormatError) as caught:
        load(path, trusted=True)
    assert sprung.exists()
    assert str(caught.value) == (
        f"{path}: a pickled NoneType, not a pipeline saved by stance; retrain with 'stance train' or get the file again"
    )


def test_trusting_a_model_file_changes_nothing(small_model):
    assert load(small_model, trusted=True).predict(SENTENCE) == load(small_model).predict(SENTENCE)
