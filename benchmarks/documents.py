"""What relations cost: a document with actors, voices and relations against its sentences alone.

python -m benchmarks.documents. Prints, for documents of 8 KB to 1 MB made of the texts in fixtures, the time per
document, its ratio to scoring the same sentences with `predict` in the same run, and the time per KB against that of
the shortest, which stays near 1 if the cost is linear. Times are the best of three.
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
    print("| characters | seconds | against predict | per KB against the first |\n| ---: | ---: | ---: | ---: |")
    first = 0.0
    for size in SIZES:
        document = (text * (size // len(text) + 1))[:size]
        sentences = [each.text for each in score_document(document).sentences if not each.furniture]
        whole, alone = _best(partial(score_document, document)), _best(partial(predict, sentences))
        first = first or whole / size
        print(f"| {size:,} | {whole:.2f} | {whole / alone:.2f} | {whole / size / first:.2f} |", flush=True)


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
