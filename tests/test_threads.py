"""The shipped model is loaded once, however many threads ask for it first; a classifier serves them all."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from stance import Classifier, load, shipped

CORPUS = Path(__file__).parents[1] / "fixtures" / "corpus" / "contrast.jsonl"
THREADS = 16

FIRST_CALLS = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from stance.shipped import SHIPPED_MODEL, predict, shipped_classifier

opened = []
sys.addaudithook(lambda event, args: event == "open" and SHIPPED_MODEL in str(args[0]) and opened.append(args[0]))
start = Barrier({THREADS})

def first_call(_):
    start.wait()
    return predict("Ankara lifted its ban.").label, id(shipped_classifier())

with ThreadPoolExecutor({THREADS}) as pool:
    answers = list(pool.map(first_call, range({THREADS})))
print(len(answers), len(set(answers)), len(opened))
"""


def test_shipped_model_is_loaded_once():
    done = subprocess.run([sys.executable, "-c", FIRST_CALLS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["16", "1", "1"]


def test_first_calls_share_one_classifier(monkeypatch):
    monkeypatch.setattr(shipped, "_loaded", [])
    start = Barrier(THREADS)

    def first_call(_: int) -> Classifier:
        start.wait()
        return shipped.shipped_classifier()

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(first_call, range(THREADS)))
    assert {id(each) for each in found} == {id(shipped.shipped_classifier())}


def test_threads_sharing_a_classifier_agree(small_model):
    classifier = load(small_model)
    sentences = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()[:100]]
    start = Barrier(THREADS)

    def predict_together(_: int) -> object:
        start.wait()
        return classifier.predict(sentences)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(predict_together, range(THREADS)))
    assert answers == [classifier.predict(sentences)] * THREADS
