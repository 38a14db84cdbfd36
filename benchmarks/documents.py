"""What a document costs over its sentences alone, without and with actors, voices and relations being asked for.

python -m benchmarks.documents. Prints, for documents of 8 KB to 1 MB made of the texts in fixtures, the time per
document and its ratio to scoring the same sentences with `predict` in the same run: for its score, and for its score
and relations; and for both the time per KB against that of the shortest, which stays near 1 if the cost is linear.
Times are the best of three.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stance import predict, score_document

FIXTURES = Path(__file__).parents[1] / "fixtures"
SIZES = (8_000, 64_000, 256_000, 1_000_000)


def main() -> None:
    article = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted((FIXTURES / "articles").glob("*.txt")))
    corpus = (FIXTURES / "corpus" / "wire.jsonl").read_text(encoding="utf-8").splitlines()
    text = article + "\n\n" + "\n\n".join(_text(line) for line in corpus)
    print("| characters | sentences alone | score | ratio | per KB | score and relations | ratio | per KB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    first: dict[Callable[[str], object], float] = {}
    for size in SIZES:
        document = (text * (size // len(text) + 1))[:size]
        sentences = [each.text for each in score_document(document).sentences if not each.furniture]
        alone = _best(partial(predict, sentences))
        cells = [f"{size:,}", f"{alone:.4f} s"]
        for call in (score_document, _relate):
            seconds = _best(partial(call, document))
            per_size = seconds / size / first.setdefault(call, seconds / size)
            cells += [f"{seconds:.4f} s", f"{seconds / alone:.2f}", f"{per_size:.2f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


def _relate(document: str) -> object:
    return score_document(document).relations


def _text(line: str) -> str:
    return str(json.loads(line)["text"])


def _best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
