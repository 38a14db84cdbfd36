"""A dictionary that cannot be changed."""

from typing import NoReturn, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnlyDict(dict[Key, Value]):
    """A dictionary that cannot be changed, and can be copied, pickled, made JSON and a cell of a table like any other.

    `types.MappingProxyType` can do none of that: `dataclasses.asdict`, and with it pandas and polars, break on it.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("these figures are read-only; change a copy: dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type["ReadOnlyDict[Key, Value]"], tuple[dict[Key, Value]]]:
        return ReadOnlyDict, (dict(self),)
