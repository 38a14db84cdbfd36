"""The same data trained in several processes: the same bytes, whatever the hash seed and the number of BLAS threads.

`python -m campaigns.retrain` trains with unlabelled sentences, with pairs and with faces of few sentences, so that
everything that is random in training takes part, and prints the SHA-256 of each model file.
"""

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from campaigns.children import CORPUS, FIXTURES, run

THREADS = (1, 2)
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
_SCRIPT = """
import sys
from stance.training import Columns, Settings, faces, read_examples, train
faces.FEWEST_EXAMPLES = 30
step = int(sys.argv[4])
examples = read_examples(sys.argv[1], Columns(event="" if step > 1 else None))[::step]
unlabelled = [each.text for each in read_examples(sys.argv[2])]
settings = Settings(folds=2, seed=7)
train(examples, sys.argv[3], unlabelled=unlabelled, settings=settings, curve=False)
"""


def train_again(folder: Path, hash_seed: int, threads: int, step: int) -> dict[str, str]:
    """Train in a process of its own and return the SHA-256 of each file it writes.

    It learns from every `step`-th sentence, without events if that leaves too few of each.
    """
    folder.mkdir()
    unlabelled = FIXTURES / "corpus" / "contrast.jsonl"
    model = folder / "my.safetensors"
    line = [sys.executable, "-c", _SCRIPT, str(CORPUS), str(unlabelled), str(model), str(step)]
    finished = run(line, {"PYTHONHASHSEED": str(hash_seed), **dict.fromkeys(_VARIABLES, str(threads))})
    if finished.status:
        raise RuntimeError(f"status {finished.status}: {finished.errors}")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if all processes wrote the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5, help="processes")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other process after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen, begun = random.Random(options.seed), time.monotonic()
    found: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="stance-retrain-") as folder:
        for number in range(options.count):
            if time.monotonic() - begun > options.seconds:
                break
            hash_seed, threads = chosen.randrange(2**32), THREADS[number % len(THREADS)]
            found.append(train_again(Path(folder) / str(number), hash_seed, threads, step=1))
            digest = found[-1]["my.safetensors"]
            print(f"hash seed {hash_seed:>10}, {threads} threads: {digest}", flush=True)
    different = sorted(
        {name for each in found for name in each if each != found[0] and each[name] != found[0].get(name)}
    )
    print(f"{len(found)} processes, {len(found[0])} files each, different: {', '.join(different) or 'none'}")
    return 1 if different or len(found) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
