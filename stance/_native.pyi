from collections.abc import Callable

from typing_extensions import Buffer

SOURCE: str

class Kernel:
    def __init__(
        self,
        *,
        table: Buffer,
        weights: Buffer,
        unit: Buffer,
        intercept: Buffer,
        nodes: Buffer,
        phrases: Buffer,
        edges: Buffer,
        roots: Buffer,
        traits: Buffer,
        labels: bytes,
        faces: bytes,
        label_ranks: bytes,
        classes: tuple[tuple[str, int, int], ...],
        label_count: int,
        neutral: int,
        names: Buffer,
    ) -> None: ...
    def score(self, texts: tuple[str, ...], first: int, last: int, /) -> tuple[bytes, bytes, bytes]: ...
    def score_spans(self, text: str, spans: Buffer, first: int, last: int, /) -> tuple[bytes, bytes, bytes]: ...
    def score_one(self, text: str, /) -> tuple[int, int, tuple[float, ...]]: ...
    def score_utf8(
        self, data: Buffer, offsets: Buffer, width: int, first: int, last: int, place: int, /
    ) -> tuple[bytes, bytes, bytes]: ...
    def known(self, text: str, /) -> dict[int, int]: ...

def find_blocks(text: str, /) -> list[list[tuple[int, int]]]: ...
def inspect_line(line: str, /) -> int: ...
def add_up(pieces: list[str], lines: list[str], /) -> list[list[int]] | None: ...
def cut_line(
    paragraph: tuple[int, int], line: str, starts: list[int], continues: Callable[[str, int, int], bool], /
) -> bytes: ...
