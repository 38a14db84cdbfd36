"""The native kernel is its twin in Python, only faster: the same terms, labels, probabilities and errors."""

import gzip
import json
import shutil
import subprocess
import sys
import sysconfig
from array import array
from contextlib import nullcontext
from dataclasses import replace
from itertools import accumulate, product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny_model import SENTENCES, alter, make_tiny_model

import stance
from stance.classifier import CHUNK, Classifier
from stance.errors import ModelFormatError, StanceError
from stance.folding import fold
from stance.kernel import _open_native, kernel_name, open_kernel
from stance.labels import LABELS, EventClass
from stance.lexicon import Lexicon
from stance.model import Model, pack, round_weights
from stance.pure_kernel import PureKernel
from stance.shipped import shipped_model
from stance.terms import TermExtractor, split_words

try:
    from stance import _native as native
except ImportError:
    if shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]):
        raise  # where there is a compiler the kernel must have been built
    pytest.skip("built without a C compiler", allow_module_level=True)

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "fixtures" / "corpus"
NEWS = ROOT.parent / "shared" / "data" / "news_unlabelled.jsonl.gz"
TOLERANCE = 1e-9

PIECES = [
    "accused", "accused of", "Agreement", "ban", "but", "China's", "didn't", "ending the", "lifted", "New Zealand",
    "not", "refused to", "rejected", "Russia", "sanctions", "signed", "talks", "U.S.", "was", "which", "who",
    "after", "When", "deal", "war", "treaty", "attack", "peace", "troops", "supporters", "criticised", "praised",
    "cooperation", "minister", ",", ";", "\u2014", "-", "--", "(", ")", "\u201c", "\u201d", "'", "\u2019", "`",
    "''", "'s", "\u2019S", "12", "3rd", "\u02bc", "\u200b", "\xad", "\u0301", "\xe9", "\xc9", "\u0130", "\u0131",
    "\u03a3", "\u03c2", "\ufb01", "\xdf", "\uff41\uff54\uff54\uff41\uff43\uff4b", "\u0430",
    "\U0001d430\U0001d41a\U0001d42b", "\u2460", "_", "\x00", "\ud800", "\u2028", "\U0001f642",
]  # fmt: skip


def sentences() -> list[str]:
    paths = sorted(CORPUS.glob("*.jsonl"))
    return [json.loads(line)["text"] for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def twin() -> PureKernel:
    return PureKernel(stance.load(shipped_model()).model)


@pytest.fixture(scope="module")
def kernel():
    return open_kernel(stance.load(shipped_model())._given)


def assert_alike(kernel, twin: PureKernel, texts: list[str], labels: int = 3) -> None:
    given = tuple(texts)
    for text in given:
        assert kernel.known(text) == twin.known(text), repr(text)
    found, expected = kernel.score(given, 0, len(given)), twin.score(given, 0, len(given))
    np.testing.assert_allclose(np.frombuffer(found[1]), np.frombuffer(expected[1]), rtol=0, atol=TOLERANCE)
    assert found[2] == expected[2]
    highest = np.sort(np.frombuffer(expected[1]).reshape(-1, labels))[:, -2:]
    sure = np.ptp(highest, axis=1) > TOLERANCE
    classes = [np.frombuffer(each[0], np.uint16)[sure] for each in (found, expected)]
    np.testing.assert_array_equal(*classes)


def test_kernel_is_built_with_a_compiler():
    assert kernel_name() == "native"


def test_kernel_is_built_from_these_sources():
    code = "import setuptools; setuptools.setup = lambda **_: None; import setup; print(setup.digest())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == native.SOURCE, (
        "the native kernel is older than its sources: install the package again"
    )


@pytest.mark.parametrize("kept", [3, 15])
def test_any_number_of_classes_scores_alike(tmp_path, kept):
    whole, path = make_tiny_model(), tmp_path / "model.safetensors"
    few = replace(
        whole, classes=whole.classes[-kept:], weights=whole.weights[:, -kept:], intercept=whole.intercept[-kept:]
    )
    few = replace(few, labels=tuple(label for label in LABELS if label in {each.label for each in few.classes}))
    path.write_bytes(few.to_bytes())
    given = stance.load(path)
    assert_alike(open_kernel(given._given), PureKernel(given.model), [*SENTENCES, *sentences()[::40]], len(few.labels))


def with_faces(columns: list[int]) -> Model:
    """Return the tiny model with these of its columns, each moved a little so that no two faces are equal."""
    whole = make_tiny_model()
    step = 0.25 * np.arange(len(columns), dtype=np.float32)
    return replace(
        whole,
        classes=tuple(whole.classes[column] for column in columns),
        weights=round_weights(whole.weights[:, columns] + step % 1),
        intercept=whole.intercept[columns] + step % 0.75,
    )


@pytest.mark.parametrize(
    "columns", [[*range(16), *[15] * 16], [*range(16), *range(16)], [*range(16), 3, 9, 15], [*range(16)] * 3]
)
def test_classes_with_faces_score_alike(tmp_path, columns):
    path = tmp_path / "model.safetensors"
    path.write_bytes(with_faces(columns).to_bytes())
    given = stance.load(path)
    kernel = open_kernel(given._given)
    assert isinstance(kernel, native.Kernel)
    assert_alike(kernel, PureKernel(given.model), [*SENTENCES, *sentences()[::40]])


@pytest.mark.parametrize(
    "signs", [127.0, -127.0, np.where(np.arange(32) % 2, 127.0, -127.0), np.where(np.arange(32) % 2, -127.0, 127.0)]
)
def test_long_sentence_of_large_weights_scores_alike(signs):
    """Weights of a byte are added up in two bytes, 256 of them at a time."""
    whole = with_faces([*range(16), *range(16)])
    packed = pack(replace(whole, weights=np.ones_like(whole.weights) * signs))
    texts = [" ".join(SENTENCES[:1] * times) for times in (1, 20, 60)]
    assert_alike(open_kernel(packed), PureKernel(packed.model), texts)


@pytest.mark.parametrize("count", [16, 32])
def test_lowest_byte_scores_alike(count, tmp_path):
    """Training never gives a weight of -128, but a file can hold it."""
    path = tmp_path / "model.safetensors"
    content = with_faces([*range(16), *range(16)][:count]).to_bytes()
    path.write_bytes(alter(content, lambda _, tensors: tensors["weights"][:, ::3].fill(-128)))
    given = stance.load(path)
    texts = [" ".join(SENTENCES[:1] * times) for times in (1, 20, 60)]
    assert_alike(open_kernel(given._given), PureKernel(given.model), texts)


@pytest.mark.parametrize("opened", [open_kernel, PureKernel])
def test_faces_count_together(opened):
    """Two faces of AID, less likely than CONSULT each, are likelier than it together."""
    whole = make_tiny_model()
    events = ["CONSULT", "AID", "AID"]
    model = replace(
        whole,
        labels=LABELS[:1] + LABELS[2:],
        classes=(*(EventClass(LABELS[0], event) for event in events), EventClass(LABELS[2], None)),
        weights=np.zeros((len(whole.vocabulary), 4), np.float32),
        intercept=np.log(np.array([0.4, 0.3, 0.25, 0.05], np.float32)),
    )
    chosen, _, probabilities = opened(model).score_one(SENTENCES[0])
    assert model.classes[chosen].event == "AID"
    assert probabilities == pytest.approx((0.95, 0.05))


@pytest.mark.parametrize("faces", [[0, 2, 2], [1, 1, 2], [0, 0, 1]])
def test_face_of_no_earlier_class_is_refused(faces, monkeypatch):
    model = with_faces([0, 1, 15])
    monkeypatch.setattr("stance.kernel.first_faces", lambda _: faces)
    model = replace(model, labels=tuple(dict.fromkeys(each.label for each in model.classes)))
    with pytest.raises(ModelFormatError, match="a face of no class before it"):
        open_kernel(pack(model))


@pytest.mark.parametrize(("classes", "kind"), [(256, native.Kernel), (257, PureKernel)])
def test_lexicon_of_many_classes(classes, kind):
    names = ["".join(letters) for letters in product("abcdefghijklmnopq", repeat=2)][:classes]
    lexicon = Lexicon("\n".join(f'[{name}]\npolarity = 0\nentries = ["{name}"]' for name in names))
    texts = [" ".join(names[first : first + 9]) for first in range(0, classes, 5)]
    terms = sorted({term for text in texts for term in TermExtractor(lexicon)(text)})
    weights = np.linspace(-1, 1, 3 * len(terms)).reshape(-1, 3)
    model = replace(
        make_tiny_model(),
        classes=tuple(EventClass(label, None) for label in LABELS),
        vocabulary={term: row for row, term in enumerate(terms)},
        idf=np.ones(len(terms), np.float32),
        weights=round_weights(weights),
        intercept=np.zeros(3, np.float32),
        lexicon=lexicon,
        pairs=None,
    )
    packed = pack(model)
    kernel = open_kernel(packed)
    assert isinstance(kernel, kind)
    assert_alike(kernel, PureKernel(packed.model), texts)
    with pytest.raises(ModelFormatError, match="too many classes") if kind is PureKernel else nullcontext():
        _open_native(packed)


def test_corpus_scores_alike(kernel, twin):
    assert_alike(kernel, twin, sentences()[::4])


@pytest.mark.skipif(not NEWS.exists(), reason="needs ../shared/data")
def test_real_news_scores_alike(kernel, twin):
    with gzip.open(NEWS, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    assert_alike(kernel, twin, texts[::61])


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "]))
@example(["China", "'", "s"], "")
@example(["a", "'", "\u00ad", "s"], "")
@example(["x", "\u0301", "'", "\u0301", "s", "\u0301"], "")
def test_any_pieces_score_alike(kernel, twin, pieces, between):
    assert_alike(kernel, twin, [between.join(pieces)])


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_scores_alike(kernel, twin, text):
    assert_alike(kernel, twin, [text])


def test_every_character_is_folded_alike(kernel, twin):
    for first in range(0, 0x20000, 512):
        text = " ".join(f"wa{chr(code)}rs" for code in range(first, first + 512))
        assert kernel.known(text) == twin.known(text), hex(first)


def test_folded_character_is_known_when_plain(kernel):
    plain = kernel.known("attacked")
    for code in range(0x110000):
        if fold(f"att{chr(code)}acked").text == "attacked":
            assert kernel.known(f"att{chr(code)}acked") == plain, hex(code)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 33, 5000])
def test_words_of_any_length_score_alike(kernel, twin, length):
    assert_alike(kernel, twin, ["war" + "s" * length, "s" * length, f"{'s' * length}'s talks", "é" * length])


def test_long_text_scores_alike(kernel, twin):
    assert_alike(kernel, twin, [" ".join(sentences()[:600])])


def test_both_refuse_what_is_no_string(kernel, twin):
    for each in (kernel, twin):
        with pytest.raises(TypeError, match=r"^sentences\[1\]: expected a string, got int$"):
            each.score(("a", 2), 0, 2)


def test_chunk_is_part_of_a_batch(kernel):
    texts = tuple(sentences()[:200])
    whole = kernel.score(texts, 0, 200)
    assert tuple(map(b"".join, zip(*(kernel.score(texts, n, n + 50) for n in range(0, 200, 50)), strict=True))) == whole


@pytest.mark.parametrize("joint", ["", "é", "ł", "🙂"])
def test_stretches_score_as_their_strings(kernel, twin, joint):
    texts = [*sentences()[:300], "", "Élysée talks – “no”", "🙂 peace", "Bełchatów strike"]
    whole = joint.join(texts)
    ends = list(accumulate(len(text) + len(joint) for text in texts))
    spans = array(
        "q",
        [
            edge
            for text, end in zip(texts, ends, strict=True)
            for edge in (end - len(joint) - len(text), end - len(joint))
        ],
    ).tobytes()
    expected = kernel.score(tuple(texts), 0, len(texts))
    assert kernel.score_spans(whole, spans, 0, len(texts)) == expected
    assert kernel.score_spans(whole, spans, 290, 303) == kernel.score(tuple(texts), 290, 303)
    assert twin.score_spans(whole, spans, 298, 303)[2] == kernel.score(tuple(texts), 298, 303)[2]


@pytest.mark.parametrize(
    ("edges", "last"), [([0, 5], 1), ([-1, 2], 1), ([3, 2], 1), ([0, 2], 2), ([0, 2], -1), ([2**62, 2**63 - 1], 1)]
)
def test_stretches_outside_a_text_are_refused(kernel, twin, edges, last):
    for each in (kernel, twin):
        with pytest.raises(ValueError, match=r"^span [01] is not one of the text$"):
            each.score_spans("four", array("q", edges).tobytes(), 0, last)


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_threads_do_not_change_an_answer(threads):
    texts = sentences()
    expected = stance.predict(texts, threads=1)
    assert stance.predict(texts, threads=threads) == expected
    assert list(expected[:50]) == [stance.predict(text) for text in texts[:50]]


def test_several_chunks_are_whole_in_order():
    texts = (sentences() * 10)[: 2 * CHUNK + 7]
    found = stance.predict(texts)
    assert len(found) == len(texts)
    assert found[: len(sentences())] == stance.predict(sentences())


def test_threads_must_be_positive():
    with pytest.raises(ValueError, match=r"^threads is 0; give 1 or more$"):
        stance.predict(["x"], threads=0)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_arrow_column_scores_as_its_strings(kind):
    texts = [*sentences()[:300], "", "Élysée talks – “no”", "🙂 peace"]
    column = pa.array(texts, kind)
    expected = stance.predict(texts)
    assert stance.predict(column) == expected
    assert stance.predict(column[7:100]) == expected[7:100]
    assert stance.predict(pa.chunked_array([column[:50], column[50:]])) == expected
    assert len(stance.predict(pa.array([], kind))) == 0
    assert stance.predict(column, threads=3) == expected


def test_arrow_null_is_refused_at_index():
    with pytest.raises(TypeError, match=r"^sentences\[1\]: expected a string, got NoneType$"):
        stance.predict(pa.array(["a", None]))


@pytest.mark.parametrize("content", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_buffer_not_utf8_is_refused(kernel, content):
    offsets = np.array([0, 1, 1 + len(content)], np.int32)
    with pytest.raises(ValueError, match=r"^sentences\[1\]: not UTF-8, or outside its buffer$"):
        kernel.score_utf8(b"a" + content, offsets, 4, 0, 2, 0)


def test_refusals_count_from_the_column():
    offsets = pa.py_buffer(np.array([0, 1, 2, 3, 4], np.int32))
    column = pa.Array.from_buffers(pa.string(), 4, [None, offsets, pa.py_buffer(b"abc\xff")])
    parts = pa.chunked_array([column[:2], column[1:3], column[2:]])
    for refused, place in ((column, 3), (column[2:], 1), (parts, 5)):
        for threads in (1, 2):
            with pytest.raises(ValueError, match=rf"^sentences\[{place}\]: not UTF-8, or outside its buffer$"):
                stance.predict(refused, threads=threads)


@pytest.mark.parametrize("offsets", [[0, 9], [2, 1], [-1, 1]])
def test_offset_outside_buffer_is_refused(kernel, offsets):
    with pytest.raises(ValueError, match=r"^sentences\[0\]: not UTF-8, or outside its buffer$"):
        kernel.score_utf8(b"abc", np.array(offsets, np.int64), 8, 0, 1, 0)


def test_the_environment_chooses_the_kernel(monkeypatch):
    monkeypatch.setenv("STANCE_KERNEL", "pure")
    assert isinstance(open_kernel(stance.load(shipped_model())._given), PureKernel)
    monkeypatch.setenv("STANCE_KERNEL", "fast")
    with pytest.raises(StanceError, match=r"^STANCE_KERNEL is 'fast'; write 'native' or 'pure', or leave it empty$"):
        kernel_name()


def test_model_of_many_classes_is_scored(small_model):
    from dataclasses import replace

    from stance.labels import EventClass
    from stance.model import read_model

    model = read_model(small_model)
    many = 300 - len(model.classes)
    wide = replace(
        model,
        classes=(*model.classes, *(EventClass("neutral", f"N{n}") for n in range(many))),
        weights=np.pad(model.weights, ((0, 0), (0, many))),
        intercept=np.pad(model.intercept, (0, many), constant_values=-40),
    )
    found, expected = Classifier(wide).predict(sentences()[:20]), Classifier(model).predict(sentences()[:20])
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=1e-5)


def test_a_prediction_does_without_numpy():
    code = "import sys, stance; stance.predict('They signed a treaty.'); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_folding_keeps_the_places_true():
    sentence = "He ac\u200bcus\u00aded ‘Сhina’ of e\u0301lan"
    words = split_words(sentence)
    assert [word.text for word in words] == ["he", "accused", "china", "of", "elan"]
    assert [sentence[word.start : word.end] for word in words] == [
        "He", "ac\u200bcus\u00aded", "Сhina", "of", "e\u0301lan"[:-3] + "lan",
    ]  # fmt: skip
