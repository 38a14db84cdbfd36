from pathlib import Path

import pytest

from stance.training.atomic import write_atomically


def test_files_are_written_and_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "a.txt", tmp_path / "b.txt"
    old.write_bytes(b"old")
    write_atomically({old: b"one", new: b"two"})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == {old: b"one", new: b"two"}


def test_an_interrupted_write_leaves_the_old_files(tmp_path: Path) -> None:
    old = tmp_path / "a.txt"
    old.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        write_atomically({old: b"new", tmp_path / "none" / "b.txt": b"new"})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_a_failed_replacement_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomically({tmp_path / "folder": b"new", tmp_path / "b.txt": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
