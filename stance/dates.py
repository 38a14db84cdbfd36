"""When a document was written, which tells who held office."""

import datetime
import re


def read_year(date: datetime.date | str | None) -> int | None:
    """Return the year of a date. Raises ValueError for a text that does not begin with one."""
    if date is None or isinstance(date, datetime.date):
        return None if date is None else date.year
    if not isinstance(date, str):
        raise TypeError(f"date: expected a date or a text such as '2024-05-31', got {type(date).__name__}")
    if re.match(r"\d{4}(?!\d)", date) is None:
        raise ValueError(f"date: {date!r} does not begin with a year; write it as 2024-05-31")
    return int(date[:4])
