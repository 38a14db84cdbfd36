"""Results whose costly fields are worked out when they are first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar


class OnDemand:
    """A frozen dataclass made by its constructor, with all fields, or by `make`, with functions for some of them.

    A field that is not there yet is worked out when it is first asked for, be it by a comparison or a pickle, which
    carries values only. Two threads that ask at once both work it out, and get the same.
    """

    _later: Mapping[str, Callable[[], object]]

    if not TYPE_CHECKING:  # mypy would take any misspelt attribute for one of these

        def __getattr__(self, name: str) -> object:
            later = self.__dict__.get("_later", {})
            if name not in later:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self.__dict__[name] = later[name]()
            return value

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(getattr(self, each.name) for each in fields(self))  # type: ignore[arg-type]


Result = TypeVar("Result", bound=OnDemand)


def make(kind: type[Result], later: Mapping[str, Callable[[], object]], **values: object) -> Result:
    """Return a result with the values of some fields and functions that work out the others."""
    result = object.__new__(kind)
    result.__dict__.update(values, _later=later)
    return result
