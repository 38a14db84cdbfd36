"""Builds the native kernel with the address and undefined-behaviour sanitizers and puts texts through it.

`python -m campaigns.sanitize --count 1000000`: sentences of the corpus, cut and spliced, and random code points and
bytes, as strings, as UTF-8 buffers and as documents, are compared with the ordinary build; any report of a sanitizer
ends it. With `--valgrind` a build without sanitizers is run under valgrind's memcheck instead, a hundred times as
slowly; what it reports of other modules, Python among them, is not counted.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[1]
NATIVE = ROOT / "stance" / "native"
FLAGS = ["-std=c11", "-O1", "-g", "-shared", "-fPIC"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
VALGRIND = ["valgrind", "--quiet", "--error-limit=no", "--num-callers=20"]
CORPUS = ROOT / "fixtures" / "corpus"


def build(folder: Path, flags: list[str]) -> None:
    """Compile the kernel into a folder of its own."""
    from stance.folding import native_table

    (folder / "characters.h").write_text(native_table(), encoding="ascii")
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    include = sysconfig.get_path("include")
    target = folder / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"
    command = [compiler, *FLAGS, *flags, f"-I{folder}", f"-I{NATIVE}", f"-I{include}", '-DSTANCE_SOURCE="sanitized"']
    subprocess.run([*command, str(NATIVE / "module.c"), "-o", str(target), "-lm"], check=True)


def preload() -> str:
    """Return the libraries that must be loaded before Python for the sanitizers to see its memory."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    found = [
        subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
        for name in ("libasan.so", "libubsan.so")
    ]
    return " ".join(each.stdout.strip() for each in found)


def hostile(rng: random.Random, corpus: list[str]) -> str:
    """Return a text: a sentence cut and spliced, or characters at random."""
    if rng.random() < 0.7:
        one, other = rng.choice(corpus), rng.choice(corpus)
        text = one[: rng.randrange(len(one))] + other[rng.randrange(len(other)) :]
        place = rng.randrange(len(text) + 1)
        return (
            text[:place] + rng.choice(["", "'", "’", "\u200b", "é", "\ud800", "🙂", "\x00", "Σ", " - "]) + text[place:]
        )
    highest = rng.choice([0x7F, 0xFF, 0x2FFF, 0x10FFFF])
    return "".join(chr(rng.randint(0, highest)) for _ in range(rng.randrange(80)))


def put_through(count: int, seed: int, folder: str) -> int:
    """Score `count` texts with both builds; return how many were answered differently."""
    import importlib.util

    from stance import kernel
    from stance.document import split_document
    from stance.shipped import shipped_classifier

    usual = shipped_classifier()._kernel
    path = next(Path(folder).glob("_native*"))
    spec = importlib.util.spec_from_file_location("stance._native", path)
    assert spec
    assert spec.loader
    kernel._native = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kernel._native)
    checked = kernel.open_kernel(shipped_classifier()._given)
    corpus = [line for each in sorted(CORPUS.glob("*.jsonl")) for line in each.read_text("utf-8").splitlines()]
    rng, different = random.Random(seed), 0
    for start in range(0, count, 1000):
        texts = tuple(hostile(rng, corpus) for _ in range(min(1000, count - start)))
        different += checked.score(texts, 0, len(texts)) != usual.score(texts, 0, len(texts))
        for document in ("\n".join(texts), (" " * rng.choice((1, 2, 40))).join(texts[:50]), *texts[:50]):
            spans = split_document(document).scored  # by the build that is checked, like all from now on
            with patch("stance.sentences._choose", lambda twin: twin):
                different += split_document(document).scored != spans
            given = document, spans, 0, len(spans) // kernel.SPAN_SIZE
            different += checked.score_spans(*given) != usual.score_spans(*given)
        different += checked.score_one(texts[0]) != usual.score_one(texts[0])
        for text in texts[:100]:
            content = text.encode("utf-8", "surrogatepass") + bytes(rng.randrange(256) for _ in range(rng.randrange(3)))
            offsets = len(content).to_bytes(8, "little")
            try:
                checked.score_utf8(content, bytes(8) + offsets, 8, 0, 1, 0)
            except ValueError:
                continue
    return different


def count_reports(output: str) -> int:
    """Print the reports of valgrind that have a line of the kernel in them; return how many there are.

    A garbage collection that a call of the kernel happens to set off walks all objects of Python: that is not its own.
    """
    sources = [path.name for path in NATIVE.iterdir()]
    stacks = re.split(r"(?m)^==\d+== *$", output)
    reports = [each for each in stacks if any(f"({name}:" in each.partition("(gcmodule.c:")[0] for name in sources)]
    print(*reports, sep="\n", end="")
    return len(reports)


def main() -> int:
    """Run the campaign; in the child, put the texts through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--valgrind", action="store_true", help="run under valgrind instead, for fewer texts")
    parser.add_argument("--built", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.built:
        different = put_through(given.count, given.seed, given.built)
        print(f"{given.count:,} texts, {different} batches answered differently")
        return bool(different)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), [] if given.valgrind else SANITIZERS)
        command = [sys.executable, "-m", "campaigns.sanitize", "--built", folder]
        command += ["--count", str(given.count), "--seed", str(given.seed)]
        if given.valgrind:
            environment = os.environ | {"PYTHONMALLOC": "malloc"}  # whose blocks valgrind sees
            run = subprocess.run([*VALGRIND, *command], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
            reports = count_reports(run.stderr)
            print(f"{given.count:,} texts under valgrind, {reports or int(run.returncode != 0)} failures")
            return int(reports > 0) or run.returncode
        environment = os.environ | {"LD_PRELOAD": preload(), "ASAN_OPTIONS": "detect_leaks=0"}
        code = subprocess.run(command, env=environment, cwd=ROOT).returncode
        print(f"{given.count:,} texts under the sanitizers, {int(code != 0)} failures")
        return code


if __name__ == "__main__":
    sys.exit(main())
