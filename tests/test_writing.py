import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stance.writing import open_atomically, write_atomically


def test_a_new_file_has_the_content(tmp_path: Path) -> None:
    write_atomically({tmp_path / "new.bin": b"content"})
    assert (tmp_path / "new.bin").read_bytes() == b"content"


def test_file_is_replaced_leaving_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "old.bin"
    path.write_bytes(b"old")
    write_atomically({path: b"new"})
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("old.bin", b"new")]


def test_files_are_written_and_replaced_together(tmp_path: Path) -> None:
    old, new = tmp_path / "a.txt", tmp_path / "b.txt"
    old.write_bytes(b"old")
    write_atomically({old: b"one", new: b"two"})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == {old: b"one", new: b"two"}


def test_unwritable_file_leaves_old_files(tmp_path: Path) -> None:
    old = tmp_path / "a.txt"
    old.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        write_atomically({old: b"new", tmp_path / "none" / "b.txt": b"new"})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_folder_as_target_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomically({tmp_path / "b.txt": b"new", tmp_path / "folder": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_first_file_is_moved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = os.replace

    def record(temporary: Path, target: Path) -> None:
        moved.append(target.name)
        replace(temporary, target)

    monkeypatch.setattr(os, "replace", record)
    write_atomically({tmp_path / "model": b"", tmp_path / "pipeline": b"", tmp_path / "report": b""})
    assert moved == ["report", "pipeline", "model"]


def test_stale_temporary_files_are_removed(tmp_path: Path) -> None:
    stale, fresh, foreign = (tmp_path / f".{name}.tmp" for name in ("file.0123456789ab", "file.ba9876543210", "file.x"))
    for path in (stale, fresh, foreign):
        path.write_bytes(b"half of")
    for path in (stale, foreign):
        os.utime(path, (0, 0))
    write_atomically({tmp_path / "file": b"whole"})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([fresh.name, foreign.name, "file"])


def test_old_file_stays_until_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with open_atomically(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def write_half(path: Path, interruption: type[BaseException]) -> None:
    with open_atomically(path) as stream:
        stream.write(b"half of")
        raise interruption


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_interrupted_block_leaves_old_file(tmp_path: Path, interruption: type[BaseException]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(interruption):
        write_half(path, interruption)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"old")]


def test_interrupted_block_leaves_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_atomically(tmp_path / "file"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_file_behind_symbolic_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    write_atomically({tmp_path / "link": b"new"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"new"


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomically({path: b"new"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_replacement_of_private_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with open_atomically(path):
        (temporary,) = (each for each in tmp_path.iterdir() if each != path)
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600


def test_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_atomically({tmp_path / "ours": b""})
    (tmp_path / "any").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_full_disk_is_named_by_stream() -> None:
    with pytest.raises(OSError, match="No space left") as caught, open_atomically(Path("/dev/full")) as stream:
        stream.write(b"content")
    assert caught.value.filename == "/dev/full"


def test_failing_move_names_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(temporary: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", temporary, None, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError) as caught:
        write_atomically({tmp_path / "file": b"content"})
    assert caught.value.filename == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def fail_without_the_temporary_file(path: Path) -> None:
    with open_atomically(path):
        for temporary in path.parent.glob(".file.*"):
            temporary.unlink()
            temporary.mkdir()
        raise ValueError("first")


def test_first_failure_is_raised_after_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="first"):
        fail_without_the_temporary_file(tmp_path / "file")


def test_name_of_another_file_is_kept(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, open_atomically(tmp_path / "file"):
        (tmp_path / "input").read_bytes()
    assert caught.value.filename == str(tmp_path / "input")


def test_unsynchronisable_folder_takes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_for_folders(monkeypatch, errno.EINVAL)
    write_atomically({tmp_path / "file": b"content"})
    assert (tmp_path / "file").read_bytes() == b"content"


def test_failing_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_for_folders(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error") as caught:
        write_atomically({tmp_path / "file": b"content"})
    assert caught.value.filename == str(tmp_path / "file")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"content")]


def fail_for_folders(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let fsync fail for folders, as some file systems do."""
    synchronise = os.fsync

    def fail(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        synchronise(descriptor)

    monkeypatch.setattr(os, "fsync", fail)


def test_unlistable_folder_takes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: object, flags: int, *others: object, **named: object) -> int:
        if flags & os.O_DIRECTORY:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags, *others, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    write_atomically({tmp_path / "file": b"content"})
    assert (tmp_path / "file").read_bytes() == b"content"


def test_system_that_opens_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    write_atomically({tmp_path / "file": b"content"})
    assert (tmp_path / "file").read_bytes() == b"content"


def test_device_is_written_to_not_replaced() -> None:
    write_atomically({Path(os.devnull): b"nothing"})
    assert Path(os.devnull).is_char_device()


def test_long_name_leaves_room(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomically({path: b"content"})
    assert path.read_bytes() == b"content"


def test_folder_is_no_place_to_write(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically({tmp_path: b"content"})
    assert str(caught.value) == f"{tmp_path}: is a folder; name a file to write"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically({path: b"content"})
    assert str(caught.value) == f"{path}: there is no folder {path.parent}; create it first"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_missing_space_names_the_file() -> None:
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device: '/dev/full'$"):
        write_atomically({Path("/dev/full"): b"content"})


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder that nobody may write to")
def test_closed_folder_names_the_file() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically({Path("/proc/new"): b"content"})
    assert caught.value.filename == "/proc/new"


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
@pytest.mark.parametrize("mode", ["ab", "wb"])
def test_open_descriptor_is_written_where_it_stands(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"of old\n" if mode == "ab" else b"")
    script = (
        "from pathlib import Path; from stance.writing import write_atomically as w; w({Path('/dev/stdout'): b'in\\n'})"
    )
    with path.open(mode) as log:
        log.write(b"before\n")
        log.flush()
        subprocess.run([sys.executable, "-c", script], stdout=log, check=True)
        log.seek(0, os.SEEK_END)
        log.write(b"after\n")
    assert path.read_bytes() == b"of old\n" * (mode == "ab") + b"before\nin\nafter\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_pipe_of_this_process_is_written_to() -> None:
    reading, writing = os.pipe()
    write_atomically({Path(f"/dev/fd/{writing}"): b"content"})
    os.close(writing)
    with open(reading, "rb") as stream:
        assert stream.read() == b"content"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_closed_descriptor_is_an_error() -> None:
    with pytest.raises(OSError, match=r"Bad file descriptor: '/dev/fd/9999'"):
        write_atomically({Path("/dev/fd/9999"): b"content"})


def test_circle_of_links_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    write_atomically({tmp_path / "one": b"content"})
    assert (tmp_path / "one").read_bytes() == b"content"
