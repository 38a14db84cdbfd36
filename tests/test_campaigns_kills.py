"""Short parts of `python -m campaigns.kills` and `python -m campaigns.faults`."""

from pathlib import Path
from typing import NamedTuple

import pytest

from campaigns.children import Finished
from campaigns.faults import Fault, build_library, clean, find_compiler, list_faults, mix, try_fault
from campaigns.kills import find_lasting_strays, kill_after
from campaigns.outputs import WRITERS, Contents, find_part, find_strays, find_unclear, read_new, write_inputs, write_old

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")


class Place(NamedTuple):
    """A folder with the inputs of the commands, and what each writes when undisturbed."""

    folder: Path
    news: dict[str, Contents]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("campaign").resolve() / "work"
    folder.mkdir()
    write_inputs(folder)
    return Place(folder, {name: read_new(WRITERS[name], folder) for name in ("train", "predict")})


@pytest.fixture(scope="module")
def library(place: Place) -> Path:
    return build_library(place.folder.parent)


@pytest.fixture(scope="module")
def faults(place: Place, library: Path) -> dict[str, Fault]:
    """Return one fault of each kind that can meet `stance predict`."""
    found = mix(list_faults("predict", place.folder, library, ["ENOSPC", "EIO", "EINTR", "MemoryError"]), seed=1)
    return {fault.error: fault for fault in found}


@needs_compiler
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EINTR", "MemoryError"])
def test_fault_while_predicting_leaves_whole_files(
    place: Place, library: Path, faults: dict[str, Fault], error: str
) -> None:
    assert try_fault(faults[error], place.folder, library, place.news["predict"]) == ""


@needs_compiler
def test_fault_while_saving_leaves_whole_files(place: Place, library: Path) -> None:
    calls = len(list_faults("train", place.folder, library, ["ENOSPC"]))
    for error, at in (("ENOSPC", calls * 6 // 10), ("SIGKILL", calls - 5)):
        assert try_fault(Fault("train", error, at), place.folder, library, place.news["train"]) == ""
    clean(place.folder)


def test_temporary_file_goes_with_next_write(place: Place) -> None:
    assert kill_after(WRITERS["predict"], place.folder, place.news["predict"], seconds=0.2) == ""
    (place.folder / ".out.tsv.0123456789ab.tmp").write_bytes(b"half of")
    assert find_lasting_strays(place.folder, {"predict": place.news["predict"]}) == []


def test_half_a_file_is_seen(place: Place) -> None:
    write_old(WRITERS["train"], place.folder)
    new = place.news["train"]
    assert find_part(WRITERS["train"], place.folder, new) == ""
    (place.folder / "my.joblib").write_bytes(new["my.joblib"][:-1])
    assert find_part(WRITERS["train"], place.folder, new) == "neither the old nor the new file: my.joblib"
    for name in ("my.joblib", "my.safetensors"):
        (place.folder / name).write_bytes(new[name])
    assert find_part(WRITERS["train"], place.folder, new).startswith("the first file is new and my.held-out.tsv, ")


def test_temporary_file_and_unclear_error_show(tmp_path: Path) -> None:
    (tmp_path / ".a.tmp").touch()
    assert find_strays(tmp_path) == [".a.tmp"]
    assert find_unclear(Finished(1, f"stance: {tmp_path}/a: No space left on device\n"), tmp_path) == ""
    assert find_unclear(Finished(0, ""), tmp_path) == ""
    for unclear in (Finished(1, "Traceback\nOSError\n"), Finished(1, "stance: EIO\n"), Finished(0, "oh\n")):
        assert find_unclear(unclear, tmp_path) != ""
