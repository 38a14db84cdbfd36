"""Vectors of terms: terms whose vectors are alike share in fitting what they learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from stance.errors import DataError
from stance.writing import write_atomically

LARGEST = 127


@dataclass(frozen=True, eq=False)
class TermVectors:
    """Some terms and their vectors (terms x dimensions)."""

    terms: tuple[str, ...]
    matrix: NDArray[np.float32]

    def table(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of these terms, zeros for those that have none (terms x dimensions)."""
        rows = {term: row for row, term in enumerate(self.terms)}
        table = np.zeros((len(terms), self.matrix.shape[1]), dtype=np.float32)
        for index, term in enumerate(terms):
            if term in rows:
                table[index] = self.matrix[rows[term]]
        return table


def write_vectors(vectors: TermVectors, path: Path) -> None:
    """Write vectors, each rounded to whole multiples of a 127th of its largest number."""
    units = np.abs(vectors.matrix).max(axis=1) / LARGEST
    whole = np.rint(vectors.matrix / np.where(units > 0, units, 1)[:, np.newaxis]).astype(np.int8)
    content = BytesIO()
    np.savez_compressed(
        content, terms=np.frombuffer("\n".join(vectors.terms).encode(), np.uint8), whole=whole, units=units
    )
    write_atomically({path: content.getvalue()})


def read_vectors(path: Path) -> TermVectors:
    """Read vectors that `write_vectors` wrote. Raises DataError for a file that cannot be read or is none of its."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            terms = tuple(content["terms"].tobytes().decode().split("\n"))
            whole, units = content["whole"], content["units"]
        if whole.ndim != 2 or units.shape != whole.shape[:1]:
            raise ValueError(f"whole of shape {whole.shape} and units of shape {units.shape}")
        matrix = whole.astype(np.float32) * units[:, np.newaxis].astype(np.float32)
    except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(path, f"cannot be read as vectors of terms ({error})") from error
    if len(terms) != len(matrix):
        raise DataError(path, f"vectors of {len(matrix)} terms, and {len(terms)} terms")
    return TermVectors(terms, matrix)
