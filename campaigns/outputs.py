"""Commands that write files in a folder, and what may be in that folder once one of them was disturbed."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from campaigns.children import CORPUS, FIXTURES, KEPT_MODEL, Finished, command, run, write_training_data

_MODEL, _DATA, _LINES, _ARTICLE, _DATED = "m.safetensors", "data.tsv", "lines.txt", "article.txt", "dated.jsonl"
_TRAINED = ("my.safetensors", "my.joblib", "my.held-out.tsv", "my.report.md", "my.report.json")
_PLOTS = ("my.confusion.png", "my.reliability.png", "my.learning_curve.png")

Contents = Mapping[str, bytes]
"""The content of each file of a folder."""


@dataclass(frozen=True)
class Writer:
    """A command, with the names of the files it reads and writes; of those, the first is to be moved last."""

    arguments: tuple[str, ...]
    outputs: tuple[str, ...]

    def line(self, folder: Path) -> list[str]:
        """Return the command that works in a folder."""
        inputs = (_MODEL, _DATA, _LINES, _ARTICLE, _DATED, *self.outputs)
        return command(*(folder / each if each in inputs else each for each in self.arguments))


WRITERS = {
    "train": Writer(("train", _DATA, "--folds", "2", "--output", _TRAINED[0]), (*_TRAINED, *_PLOTS)),
    "predict": Writer(("predict", _LINES, "--model", _MODEL, "--format", "tsv", "--output", "out.tsv"), ("out.tsv",)),
    "score": Writer(("score", _ARTICLE, "--model", _MODEL, "--format", "html", "--output", "a.html"), ("a.html",)),
    "timeline": Writer(
        ("timeline", _DATED, "--model", _MODEL, "--plot", "t.png", "--output", "t.csv"), ("t.csv", "t.png")
    ),
}


def write_inputs(folder: Path) -> None:
    """Write what the commands read."""
    texts = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()[:40]]
    shutil.copyfile(KEPT_MODEL, folder / _MODEL)
    shutil.copyfile(FIXTURES / "articles" / "standoff.txt", folder / _ARTICLE)
    write_training_data(folder / _DATA)
    (folder / _LINES).write_text("".join(f"{n} {texts[n % 40][:30]}\n" for n in range(2500)), encoding="utf-8")
    dated = [json.dumps({"text": text, "date": f"2024-{1 + n % 12:02}-01"}) for n, text in enumerate(texts)]
    (folder / _DATED).write_text("\n".join(dated), encoding="utf-8")


def write_old(writer: Writer, folder: Path) -> None:
    """Put old files where the command will write."""
    for name in writer.outputs:
        (folder / name).write_bytes(_old(name))


def read_new(writer: Writer, folder: Path) -> Contents:
    """Run a command undisturbed and return what it wrote."""
    finished = run(writer.line(folder))
    if finished.status or finished.errors:
        raise RuntimeError(f"{' '.join(writer.arguments)}: status {finished.status}: {finished.errors}")
    return {name: (folder / name).read_bytes() for name in writer.outputs}


def find_part(writer: Writer, folder: Path, new: Contents) -> str:
    """Say what is wrong with the files of a disturbed command: "" if each is the old one or the new one, whole."""
    found = {name: (folder / name).read_bytes() for name in writer.outputs}
    parts = [name for name, content in found.items() if content not in (_old(name), new[name])]
    if parts:
        return f"neither the old nor the new file: {', '.join(parts)}"
    together = writer.outputs if writer.outputs[0] in _TRAINED else ()
    behind = [name for name in together if found[name] != new[name]]
    return f"the first file is new and {', '.join(behind)} old" if behind and together[0] not in behind else ""


def find_strays(folder: Path) -> list[str]:
    """Return the names of temporary files that were left."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def find_unclear(finished: Finished, folder: Path) -> str:
    """Say what is unclear about how a disturbed command ended: "" for one line on stderr that names what it is about.

    A command that got over it (an interrupted call is made again) ends with 0 and says nothing.
    """
    lines = finished.errors.splitlines()
    if finished.status == 0:
        return "" if not lines else f"status 0 with {finished.errors!r}"
    about = str(folder) in finished.errors or finished.errors.startswith("stance: not enough memory")
    clear = finished.status == 1 and len(lines) == 1 and lines[0].startswith("stance: ") and about
    return "" if clear else f"status {finished.status} with {finished.errors[-600:]!r}"


def is_new(writer: Writer, folder: Path, new: Contents) -> bool:
    """Tell whether all files of a command are the new ones."""
    return all((folder / name).read_bytes() == new[name] for name in writer.outputs)


def _old(name: str) -> bytes:
    return f"the old {name}\n".encode()
