"""Records declared once: a class whose annotated fields give numpy its type, and the type checker its
view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, get_type_hints, overload

import numpy as np
from numpy.typing import NDArray

flag = Annotated[bool, "?"]
i1 = Annotated[int, "i1"]
i2 = Annotated[int, "i2"]
i4 = Annotated[int, "i4"]
i8 = Annotated[int, "i8"]
u8 = Annotated[Any, "u8"]  # a luck key
f4 = Annotated[float, "f4"]
f8 = Annotated[float, "f8"]
u2 = Annotated[int, "u2"]
T = TypeVar("T")


class Row(Generic[T]):
    """Values in a row, such as one for each side."""

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Row[T]: ...
    def __getitem__(self, at: Any) -> Any: ...
    def __setitem__(self, at: int, value: T) -> None: ...
    def __iter__(self) -> Iterator[T]: ...  # type: ignore[empty-body]
    def __len__(self) -> int: ...  # type: ignore[empty-body]


class Grid(Generic[T]):
    """Values, or records, in a field of two axes or more."""

    def __getitem__(self, at: tuple[int, ...]) -> T: ...  # type: ignore[empty-body]
    def __setitem__(self, at: tuple[int, ...], value: T) -> None: ...


class Record:
    """A record. Annotate a field `i4`, or `Annotated[Row[int], "i4", 2]`, or `Annotated[Row[Unit], Unit,
    "units"]`: kind, then lengths.

    A length is a number, or the name of a table whose capacity is given when the type is made; so may a kind
    be.
    """

    @classmethod
    def dtype(cls, sizes: Mapping[str, Any]) -> np.dtype[Any]:
        """Its numpy type, with so many rows in each of its tables."""
        names, kinds, offsets, end, widest = [], [], [], 0, 1
        for name, hint in get_type_hints(cls, include_extras=True).items():
            kind, *shape = hint.__metadata__
            kind = sizes.get(kind, kind) if isinstance(kind, str) else kind
            nested = isinstance(kind, type) and issubclass(kind, Record)
            plain: np.dtype[Any] = kind.dtype(sizes) if nested else np.dtype(str(kind))
            lengths = tuple(sizes[n] if isinstance(n, str) else n for n in shape)
            whole = np.dtype((plain, lengths)) if lengths else plain
            # numpy itself would put records at odd places
            step = kind.step(sizes) if nested else plain.alignment
            begin, widest = _up(end, step), max(widest, step)
            names.append(name)
            kinds.append(whole)
            offsets.append(begin)
            end = begin + whole.itemsize
        laid: Any = {"names": names, "formats": kinds, "offsets": offsets, "itemsize": _up(end, widest)}
        return np.dtype((np.record, np.dtype(laid, align=True)), align=True)

    @classmethod
    def step(cls, sizes: Mapping[str, Any]) -> int:
        """The multiple of bytes at which such a record must begin: that of its widest field."""
        kinds = [hint.__metadata__[0] for hint in get_type_hints(cls, include_extras=True).values()]
        nested = [kind.step(sizes) for kind in kinds if isinstance(kind, type) and issubclass(kind, Record)]
        return max(
            [
                1,
                *nested,
                *(np.dtype(str(sizes.get(kind, kind))).alignment for kind in kinds if isinstance(kind, str)),
            ]
        )


def _up(offset: int, step: int) -> int:
    """The next multiple of a step."""
    return -(-offset // step) * step


def blank(kind: type[Record], count: int, sizes: Mapping[str, Any]) -> NDArray[Any]:
    """So many records of a kind, all nought."""
    named: Any = kind  # to mypy a class is nothing that can be kept by
    return np.zeros(count, _type_of(named, tuple(sizes.items())))


@cache
def _type_of(kind: type[Record], sizes: tuple[tuple[str, Any], ...]) -> np.dtype[Any]:
    """The type of a record, one object wherever it is the same: numba would else compare two of them, field
    by field, in every call from Python.
    """
    return kind.dtype(dict(sizes))
