"""Vectors of terms: kept in a file, learned from a sentence encoder, shared in fitting."""

import numpy as np
import pytest

from stance.errors import DataError
from stance.labels import EventClass, Label
from stance.lexicon import shipped_lexicon
from stance.training.corpus import build_corpus
from stance.training.data import Example
from stance.training.fit import Settings, fit_pipeline
from stance.training.sentence_vectors import learn_sentence_vectors
from stance.training.term_vectors import TermVectors, read_vectors, write_vectors
from stance.training.train import train

ROWS = np.array([[1.0, -0.5, 0.25], [0.0, 0.0, 0.0], [-3.0, 2.0, 0.001]], dtype=np.float32)
VECTORS = TermVectors(("attack*", "<accuse> <deny>", "émeute"), ROWS)

SIDES = ("raided", "shelled", "bombed"), ("praised", "thanked", "hailed")
PLACES = ("the port", "a bridge", "this town", "our camp", "one mill", "that road")


def test_written_vectors_are_read(tmp_path):
    path = tmp_path / "vectors.npz"
    write_vectors(VECTORS, path)
    found = read_vectors(path)
    assert found.terms == VECTORS.terms
    assert found.matrix.dtype == np.float32
    np.testing.assert_allclose(found.matrix, ROWS, atol=3 / 127 / 2)
    write_vectors(found, path)
    np.testing.assert_array_equal(read_vectors(path).matrix, found.matrix)


def test_equal_vectors_give_equal_files(tmp_path):
    for name in ("one", "other"):
        write_vectors(VECTORS, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("content", [b"", b"no vectors", b"PK\x03\x04"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "vectors.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"vectors\.npz: cannot be read as vectors of terms"):
        read_vectors(path)


def test_terms_and_vectors_must_match(tmp_path):
    path = tmp_path / "vectors.npz"
    np.savez(path, terms=np.frombuffer(b"one", np.uint8), whole=np.ones((2, 3), np.int8), units=np.ones(2))
    with pytest.raises(DataError, match="vectors of 2 terms, and 1 terms"):
        read_vectors(path)


@pytest.mark.parametrize(("whole", "units"), [((2, 3), ()), ((2,), (2,)), ((2, 3), (2, 3)), ((2, 3), (3,))])
def test_arrays_of_other_shapes_are_refused(tmp_path, whole, units):
    path = tmp_path / "vectors.npz"
    np.savez(path, terms=np.frombuffer(b"one\ntwo", np.uint8), whole=np.ones(whole, np.int8), units=np.ones(units))
    with pytest.raises(DataError, match=r"whole of shape .+ and units of shape"):
        read_vectors(path)


def test_unknown_terms_have_zeros():
    np.testing.assert_array_equal(VECTORS.table(["émeute", "new", "attack*"]), [ROWS[2], [0, 0, 0], ROWS[0]])


def sentences() -> list[tuple[str, int]]:
    return [(f"They {verb} {place}.", side) for side in (0, 1) for verb in SIDES[side] for place in PLACES]


def test_vectors_add_up_to_embeddings():
    texts = [text for text, _ in sentences()]
    sides = np.array([side for _, side in sentences()])

    def embed(given):
        found = np.zeros((len(given), 70))
        found[:, 0] = [sides[texts.index(text)] for text in given]
        return found

    found = learn_sentence_vectors(texts, embed)
    assert found.matrix.shape[1] == 64
    leading = dict(
        zip(found.terms, found.matrix[:, 0] * np.sign(found.matrix[found.terms.index("hailed"), 0]), strict=True)
    )
    assert min(leading[verb] for verb in SIDES[1]) > 5 * abs(leading["they"])
    assert max(leading[verb] for verb in SIDES[0]) < -5 * abs(leading["they"])


def test_terms_share_what_they_learn():
    """Only one verb of each side is taught; the others are like it by their vectors."""
    verbs = [verb for side in SIDES for verb in side]
    matrix = np.array([[1.0 if verb in SIDES[0] else -1.0] for verb in verbs], dtype=np.float32)
    labels = ("adversarial", "cooperative")
    taught = [
        Example(text, labels[side]) for text, side in sentences() if text.split()[1] in (SIDES[0][0], SIDES[1][0])
    ]
    known = [  # so that the terms are known, and say nothing
        Example(f"{subject} {verb} {thing}.", labels[(subject == "We") ^ (thing == "them")])
        for subject in ("They", "We")
        for thing in ("it", "them")
        for verb in verbs
    ]

    def tell(vectors: tuple[TermVectors, ...]) -> list[float]:
        examples = [*taught, *known]
        corpus = build_corpus(examples, np.arange(len(examples)), shipped_lexicon(), vectors)
        pipeline = fit_pipeline(corpus, shipped_lexicon(), Settings(), temperature=1.0)
        sides = pipeline.predict_proba([f"Men {verb} her." for verb in verbs])
        return sides[:, corpus.classes.index(EventClass(Label.ADVERSARIAL, None))].tolist()

    alone, shared = tell(()), tell((TermVectors(tuple(verbs), matrix),))
    moved = np.subtract(shared, alone)
    assert min(moved[1:3]) > 0.002
    assert max(moved[4:]) < -0.002


def test_model_says_what_vectors_it_had():
    vectors = TermVectors(("raided", "thanked"), np.ones((2, 3), np.float32))
    examples = [Example(text, ("adversarial", "cooperative")[side]) for text, side in sentences()]
    trained = train(examples, settings=Settings(folds=2), curve=False, vectors=[vectors])
    assert trained.model.information["vectors"] == [[2, 3]]
