"""Telling near duplicates among dated documents, such as agency copy that several papers reprint."""

import datetime
import hashlib
import re
from collections import Counter, defaultdict

SHINGLE = 6
"""How many words in a row are compared to find near duplicates."""

SKETCH = 48
"""How many shingles of a document are kept, those with the smallest hashes (bottom-k sketch, Broder 1997)."""

ALIKE = 0.5
"""Documents that share this part of their sketches are near duplicates."""

ALIKE_DAYS = 7
"""Documents further apart are none: the next month's attack is often told in the words of the last one's."""

_WORD = re.compile(r"\w+")


class Sketches:
    """Remembers the shingles of documents by the week in which they were written, to tell near duplicates."""

    def __init__(self) -> None:
        self.repeated = 0
        self._owners: dict[int, dict[int, int]] = defaultdict(dict)
        self._sketches: dict[int, dict[int, int]] = defaultdict(dict)
        self._days: list[int] = []

    def has_seen(self, text: str, day: datetime.date) -> bool:
        """Tell whether a document (nearly) repeats an earlier one of the days around its own; if not, remember it."""
        sketch = _sketch(text)
        whole = hash(tuple(sketch))
        written = day.toordinal()
        week = written // ALIKE_DAYS
        weeks = [each for each in (week - 1, week, week + 1) if each in self._owners]
        owners = [self._owners[near].get(each) for near in weeks for each in sketch]
        shared = Counter(owner for owner in owners if owner is not None and self._is_near(owner, written))
        alike = max(shared.values(), default=0) >= ALIKE * len(sketch)
        same = (self._sketches[near].get(whole) for near in weeks)
        if sketch and (alike or any(other is not None and self._is_near(other, written) for other in same)):
            self.repeated += 1
            return True
        self._sketches[week].setdefault(whole, len(self._days))
        for each in sketch:
            self._owners[week].setdefault(each, len(self._days))
        self._days.append(written)
        return False

    def _is_near(self, document: int, day: int) -> bool:
        return abs(self._days[document] - day) <= ALIKE_DAYS


def _sketch(text: str) -> list[int]:
    words = _WORD.findall(text.lower())
    rows = range(max(1, len(words) - SHINGLE + 1)) if words else range(0)
    shingles = {" ".join(words[row : row + SHINGLE]) for row in rows}
    hashes = (
        int.from_bytes(hashlib.blake2b(each.encode(errors="replace"), digest_size=8).digest()) for each in shingles
    )
    return sorted(hashes)[:SKETCH]
