"""Frozen dataclasses to plain JSON values, and strictly back.

What can be read back is what the annotations say: dataclasses, `tuple[T, ...]`,
`Mapping[str, T]`, `T | None`, `Literal`, `StrEnum`, `str`, `bool`, `int`, `float`. A
missing key, a key too many or a value of another type is an error that names the place.
"""

import dataclasses
import math
import numbers
import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """Returns `value` as the dicts, lists, strings and numbers JSON knows.

    Raises:
        TypeError: The value holds something JSON has no form for.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    # NumPy's scalars are numbers too, but not to the json module.
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def strict(kind: Any, value: Any, place: str) -> Any:
    """Returns the `kind` that `value`, as read from JSON, stands for.

    Args:
        kind: A type as annotations spell it.
        value: What the json module gave.
        place: Where it was found ("record.song"), for the error.

    Raises:
        ValueError: `value` is not exactly of that kind.
    """
    arguments = get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _strict_dataclass(kind, value, place)
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (kind for kind in arguments if kind is not types.NoneType)
        return None if value is None else strict(inner, value, place)
    if get_origin(kind) is Literal:
        _expect(value in arguments, place, f"one of {', '.join(arguments)}", value)
        return value
    if get_origin(kind) is tuple:
        _expect(isinstance(value, list), place, "a list", value)
        item, _ = arguments
        return tuple(strict(item, v, f"{place}[{i}]") for i, v in enumerate(value))
    if get_origin(kind) is Mapping:
        _expect(isinstance(value, dict), place, "an object", value)
        return {k: strict(arguments[1], v, f"{place}.{k}") for k, v in value.items()}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        _expect(value in list(kind), place, f"one of {', '.join(kind)}", value)
        return kind(value)
    if kind is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        _expect(is_number and math.isfinite(value), place, "a finite number", value)
        return float(value)
    # type(…) and not isinstance: true and false are ints to Python.
    names = {str: "a text", int: "an integer", bool: "true or false"}
    _expect(type(value) is kind, place, names[kind], value)
    return value


def _strict_dataclass(kind: Any, value: Any, place: str) -> Any:
    """Returns the dataclass whose fields are exactly the keys of `value`."""
    _expect(isinstance(value, dict), place, "an object", value)
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    if missing := [name for name in names if name not in value]:
        raise ValueError(f"{place} lacks {', '.join(missing)}")
    if unknown := [name for name in value if name not in names]:
        raise ValueError(f"{place} has unknown {', '.join(unknown)}")
    return kind(**{n: strict(hints[n], value[n], f"{place}.{n}") for n in names})


def _expect(holds: bool, place: str, wanted: str, got: Any) -> None:
    if not holds:
        shown = repr(got)
        shown = shown if len(shown) <= 40 else shown[:40] + "…"
        raise ValueError(f"{place} is {shown} instead of {wanted}")
